import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { fail } from '../../shared/input/errors.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { readFileBytes } from '../io/input.ts';
import type { SecretSource } from './source.ts';

/** Reads the flags of `create tls`. Throws `Usage` when the source is used, if one of the files is not named. */
export function tlsSource(flags: ParsedFlags): SecretSource {
  const cert = flags.text('tls-cert');
  const key = flags.text('tls-key');
  return {
    type: 'kubernetes.io/tls',
    prompts: false,
    async read() {
      if (cert === undefined || key === undefined)
        return usageError('create tls needs --tls-cert FILE and --tls-key FILE');
      const pair = { 'tls.crt': await readFileBytes(cert), 'tls.key': await readFileBytes(key) };
      checkPair(pair['tls.crt'], pair['tls.key'], { cert, key });
      return new Map(Object.entries(pair));
    },
  };
}

/** Checks that the first certificate of a chain belongs to a private key, as kubectl does. */
function checkPair(
  certificate: Buffer,
  privateKey: Buffer,
  { cert, key }: { readonly cert: string; readonly key: string },
): void {
  const parsedKey = readKey(privateKey, key);
  if (!readCertificate(certificate, cert).checkPrivateKey(parsedKey))
    fail({ code: 'TlsKeyMismatch', certificate: cert, key });
}

function readCertificate(bytes: Buffer, at: string): X509Certificate {
  // DER would be accepted here, and refused by what reads the Secret.
  if (!bytes.includes('-----BEGIN CERTIFICATE-----'))
    return fail({ code: 'NotPem', at, wanted: 'certificate' });
  try {
    return new X509Certificate(bytes);
  } catch {
    return fail({ code: 'NotPem', at, wanted: 'certificate' });
  }
}

/** The library's own messages may quote the file. */
function readKey(bytes: Buffer, at: string): KeyObject {
  if (/ENCRYPTED PRIVATE KEY|4,ENCRYPTED/.test(bytes.toString('latin1')))
    return fail({ code: 'EncryptedTlsKey', at });
  try {
    return createPrivateKey({ key: bytes, format: 'pem' });
  } catch {
    return fail({ code: 'NotPem', at, wanted: 'private key' });
  }
}
