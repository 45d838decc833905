import { utf8Text } from '../../shared/bytes.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import { parseSavedSecret } from '../../shared/api/secret.ts';
import { refuseUtf16 } from '../../shared/api/utf16.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { allPem } from '../../shared/crypto/pem.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { privateKeyBlocks } from '../../shared/crypto/private-key-pem.ts';
import { Failure, failureOf, SealedSecretsError } from '../../shared/errors.ts';
import { cryptoFailure, fail } from '../../shared/crypto/errors.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import type { DatedKey } from '../../shared/seal/key-age.ts';
import { certificateIn, isFromSealedSecret, keyCreated, keyLabelOf } from '../../shared/seal/stored-key.ts';
import { readFileBytes } from '../io/input.ts';

/** A private key from a file, with what the file says about its age and use. */
export interface RecoveryKey {
  readonly key: PrivateKey;
  /** Undefined if the file has no certificate for the key. */
  readonly dated: DatedKey | undefined;
  /** The value of the label that marks a sealing key; undefined without that label. */
  readonly label: string | undefined;
}

/** The value of that label for a key that the controller uses. */
export const ACTIVE_KEY_LABEL = 'active';

/**
 * Reads the private keys of a file: every PEM block, or the `tls.key` of every Secret. Returns a failure in place of a
 * key that cannot be read. Throws if the file as a whole cannot be read.
 *
 * @param copies how many operations each key can run in parallel
 */
export async function readKeyFile(file: string, copies = 1): Promise<(RecoveryKey | Failure)[]> {
  const bytes = await readFileBytes(file);
  refuseUtf16(bytes, file);
  const text = bytes.toString('latin1').replace(BOM, '');
  // In a YAML document, PEM text is indented.
  const blocks = /^-----BEGIN /m.test(text) ? privateKeyBlocks(text) : [];
  if (blocks.length > 0) {
    const certificates = certificatesIn(text, file);
    return Promise.all(
      blocks.map((pem) => orFailure(() => parsePemKey(pem, certificates, { at: file, copies }))),
    );
  }
  const keys: (RecoveryKey | Failure)[] = [];
  for (const { value, place } of readKeyDocuments(bytes, file))
    keys.push(await orFailure(() => parseKeySecret(value, { place, copies })));
  return keys.length > 0 ? keys : [cryptoFailure({ code: 'NotAPrivateKey', at: file })];
}

/** The byte order mark of UTF-8, with each byte as one character. */
const BOM = /^\xef\xbb\xbf/;

async function parsePemKey(
  pem: string,
  certificates: readonly Certificate[],
  { at, copies }: { readonly at: string; readonly copies: number },
): Promise<RecoveryKey> {
  const key = await parsePrivateKey(pem, at, copies);
  const certificate = certificates.find(({ fingerprint }) => fingerprint === key.fingerprint);
  const dated = certificate && { certificate, created: undefined, secretName: '' };
  return { key, dated, label: undefined };
}

/** Returns the certificates beside PEM keys. Skips those that cannot be parsed or sealed with. */
function certificatesIn(text: string, file: string): readonly Certificate[] {
  return allPem(text, ['CERTIFICATE']).flatMap((pem) => {
    try {
      return [parseCertificate(pem, file)];
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      return [];
    }
  });
}

async function parseKeySecret(
  value: unknown,
  { place, copies }: { readonly place: Place; readonly copies: number },
): Promise<RecoveryKey> {
  const secret = parseSavedSecret(value, place);
  const at = showPlace(place);
  const pem = secret.data.get('tls.key') ?? fail({ code: 'NotAPrivateKey', at });
  const key = await parsePrivateKey(utf8Text(pem), at, copies);
  const { name } = secret.metadata;
  const certificate = certificateIn(secret, key, at);
  // The controller does not use a key Secret that a SealedSecret created, whatever its certificate says.
  const isDated = !(certificate instanceof Failure) && !isFromSealedSecret(secret);
  return {
    key,
    dated: isDated ? { certificate, created: keyCreated(secret), secretName: name } : undefined,
    label: keyLabelOf(secret.metadata),
  };
}

async function orFailure(read: () => Promise<RecoveryKey>): Promise<RecoveryKey | Failure> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return failureOf(error, 'reading a key');
  }
}

function readKeyDocuments(bytes: Buffer, file: string): ReturnType<typeof readDocuments> {
  const documents = readDocuments(bytes, file);
  // Text that is neither PEM nor an object, such as a damaged PEM file, parses as a YAML string.
  return documents.every(({ value }) => typeof value === 'object')
    ? documents
    : fail({ code: 'NotAPrivateKey', at: file });
}
