import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import { parseSecret } from '../shared/api/secret.ts';
import { showPlace, type Place } from '../shared/api/place.ts';
import { refuseUtf16 } from '../shared/api/utf16.ts';
import { parsePrivateKey, privateKeyBlocks, type PrivateKey } from '../shared/crypto/private-key.ts';
import { NEVER } from '../shared/clock.ts';
import { describe, fail, failureOf, SealedSecretsError, type Failure } from '../shared/errors.ts';
import { readDocuments } from '../shared/manifest/read.ts';
import type { Candidate } from '../shared/seal/explain.ts';
import { Keyring } from '../shared/seal/keyring.ts';
import { reEncrypt } from '../shared/seal/re-encrypt.ts';
import { obtainValidCertificate } from './certificate.ts';
import type { Context } from './context.ts';
import { readFileBytes } from './input.ts';
import type { ReEncrypter } from './modes/re-encrypt.ts';
import type { Options } from './options.ts';

/** The keys of all files of `--recovery-private-key`. Notes what is no key beside keys; throws where there is no key. */
export async function readKeyring(options: Options, context: Context): Promise<Keyring> {
  const keyring = new Keyring();
  const failures: Failure[] = [];
  for (const file of options.recoveryPrivateKeys) {
    for (const read of await readKeys(file)) {
      if ('code' in read) failures.push(read);
      else keyring.add(read);
    }
  }
  const [first] = failures;
  if (first !== undefined && keyring.fingerprints.length === 0) fail(first);
  // A whole namespace's Secrets may be among them.
  for (const failure of failures) context.note(`(passed over: ${describe(failure)})`);
  return keyring;
}

/** What `--name` and `-n` say an object may have been sealed for, though it says something else. */
export function candidatesOf({ name = '', namespace = '' }: Options): readonly Candidate[] {
  return name === '' && namespace === '' ? [] : [{ name, namespace }];
}

/** A failure to open items, with the place of the document it is about. */
export function atDocument(failure: Failure, place: Place): Failure {
  return failure.code === 'Unseal' ? { ...failure, code: 'UnsealDocument', at: showPlace(place) } : failure;
}

/** Encrypts anew without a controller: the private keys open, the certificate seals. */
export async function offlineReEncrypter(options: Options, context: Context): Promise<ReEncrypter> {
  const keyring = await readKeyring(options, context);
  const certificate = await obtainValidCertificate(options, context);
  return {
    async reEncrypt(sealed: SealedSecret, { place }) {
      const result = await reEncrypt(sealed, certificate, keyring, candidatesOf(options), place, NEVER);
      return result.ok ? result.encryptedData : fail(atDocument(result.failure, place));
    },
    fingerprint: () => Promise.resolve(certificate.fingerprint),
    close: () => undefined,
  };
}

/**
 * The private keys of a file, or what is wrong with each: of every PEM key, or of the `tls.key` of every Secret in it.
 * Throws where the file as a whole cannot be read.
 */
async function readKeys(file: string): Promise<(PrivateKey | Failure)[]> {
  const bytes = await readFileBytes(file);
  refuseUtf16(bytes, file);
  const text = bytes.toString('latin1').replace(BOM, '');
  // In a YAML document, a PEM text is indented.
  const blocks = /^-----BEGIN /m.test(text) ? privateKeyBlocks(text) : [];
  if (blocks.length > 0) return Promise.all(blocks.map((pem) => orFailure(() => parsePrivateKey(pem, file))));
  const read: (PrivateKey | Failure)[] = [];
  for (const { value, place } of readKeyDocuments(bytes, file)) {
    read.push(
      await orFailure(() => {
        const pem = parseSecret(value, place).data.get('tls.key');
        const at = showPlace(place);
        return pem ? parsePrivateKey(pem.toString('latin1'), at) : fail({ code: 'NotAPrivateKey', at });
      }),
    );
  }
  return read.length > 0 ? read : [{ code: 'NotAPrivateKey', at: file }];
}

/** The byte order mark of UTF-8, each byte as a character. */
const BOM = /^\xef\xbb\xbf/;

async function orFailure(read: () => Promise<PrivateKey>): Promise<PrivateKey | Failure> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return failureOf(error, 'reading a key');
  }
}

function readKeyDocuments(bytes: Buffer, file: string): ReturnType<typeof readDocuments> {
  const documents = readDocuments(bytes, file);
  // A lone piece of text, such as a broken PEM file, is a YAML string.
  return documents.every(({ value }) => typeof value === 'object')
    ? documents
    : fail({ code: 'NotAPrivateKey', at: file });
}
