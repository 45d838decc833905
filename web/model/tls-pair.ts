import { utf8Bytes } from '../../shared/bytes.ts';
import { firstPem, pemBytes } from '../../shared/crypto/pem.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail, inputFailure } from '../../shared/input/errors.ts';
import { readCertificate } from '../../shared/x509/certificate-read.ts';
import { algorithmOf, privateKeyInfo, signingAlgorithm } from './key-algorithm.ts';

/** What is wrong with a pair, and with which half. The error is a failure with words. */
export type PairProblem =
  | { readonly about: 'certificate' | 'key'; readonly error: SealedSecretsError }
  /** This runtime cannot tell whether the halves belong together. */
  | { readonly about: 'unknown' };

const CERTIFICATE = 'tls.crt';
const KEY = 'tls.key';

/**
 * Checks that the first certificate of a chain belongs to a private key, as `kubeseal create tls` does: signs with the
 * one and verifies with the other. Returns nothing for a pair.
 */
export async function checkTlsPair(
  certificate: Uint8Array,
  key: Uint8Array,
): Promise<readonly PairProblem[]> {
  const publicKey = attempt(() => publicKeyOf(latin1(certificate)));
  const certified = publicKey instanceof SealedSecretsError ? undefined : publicKey;
  const privateKey = attempt(() => privateKeyOf(latin1(key), certified));
  const problems: PairProblem[] = [];
  if (publicKey instanceof SealedSecretsError) problems.push({ about: 'certificate', error: publicKey });
  if (privateKey instanceof SealedSecretsError) problems.push({ about: 'key', error: privateKey });
  if (publicKey instanceof SealedSecretsError || privateKey instanceof SealedSecretsError) return problems;
  const answer = await belongTogether(publicKey, privateKey);
  if (answer === true) return [];
  if (answer === 'unknown') return [{ about: 'unknown' }];
  const mismatch = { code: 'TlsKeyMismatch', certificate: CERTIFICATE, key: KEY } as const;
  const details = answer === 'unreadable' ? NO_KEY : mismatch;
  return [{ about: 'key', error: new SealedSecretsError(inputFailure(details)) }];
}

const NO_KEY = { code: 'NotPem', at: KEY, wanted: 'private key' } as const;

/** A key in DER: a SubjectPublicKeyInfo or a PKCS#8 PrivateKeyInfo. */
type Der = Uint8Array<ArrayBuffer>;

function publicKeyOf(text: string): Der {
  const pem = firstPem(text, ['CERTIFICATE']);
  const der = pem === undefined ? undefined : pemBytes(pem);
  const parts = der && readCertificate(der);
  return parts?.publicKey ?? fail({ code: 'NotPem', at: CERTIFICATE, wanted: 'certificate' });
}

function privateKeyOf(text: string, publicKey: Der | undefined): Der {
  if (/ENCRYPTED PRIVATE KEY|4,ENCRYPTED/.test(text)) return fail({ code: 'EncryptedTlsKey', at: KEY });
  const pem = firstPem(text, ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);
  const der = pem === undefined ? undefined : pemBytes(pem);
  const [, type = ''] = /^-----BEGIN (.*?)-----/.exec(pem ?? '') ?? [];
  const info = der && privateKeyInfo(der, type, publicKey && algorithmOf(publicKey)?.identifier);
  return info ?? fail(NO_KEY);
}

/** What is signed. The signature goes nowhere. */
const CHALLENGE = utf8Bytes('challenge');

async function belongTogether(publicKey: Der, privateKey: Der): Promise<boolean | 'unknown' | 'unreadable'> {
  const [one, other] = [algorithmOf(publicKey), algorithmOf(privateKey)];
  if (one === undefined || other === undefined) return 'unknown';
  if (one.type !== other.type || one.parameters !== other.parameters) return false;
  const algorithm = signingAlgorithm(one);
  if (algorithm === undefined) return 'unknown';
  const { subtle } = globalThis.crypto;
  const [verifier, signer] = await Promise.all([
    subtle.importKey('spki', publicKey, algorithm, false, ['verify']).catch(() => undefined),
    subtle.importKey('pkcs8', privateKey, algorithm, false, ['sign']).catch(() => undefined),
  ]);
  if (verifier && signer) {
    const signature = await subtle.sign(algorithm, signer, CHALLENGE);
    return subtle.verify(algorithm, verifier, signature, CHALLENGE);
  }
  // A browser may lack an algorithm, or need the part of an elliptic key that is optional. RSA has neither.
  return verifier && algorithm.name.startsWith('RSA') ? 'unreadable' : 'unknown';
}

/** Returns the value, or the failure that was thrown. */
function attempt<T>(read: () => T): T | SealedSecretsError {
  try {
    return read();
  } catch (error) {
    if (error instanceof SealedSecretsError) return error;
    throw error;
  }
}

/** PEM is ASCII; what is around it is not read. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
