import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import { parseSecret } from '../shared/api/secret.ts';
import { showPlace, type Place } from '../shared/api/place.ts';
import {
  holdsPrivateKey,
  parsePrivateKey,
  parsePrivateKeys,
  type PrivateKey,
} from '../shared/crypto/private-key.ts';
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

/** The keys of all files of `--recovery-private-key`. Throws where a file has none. */
export async function readKeyring(options: Options, context: Context): Promise<Keyring> {
  const keyring = new Keyring();
  for (const file of options.recoveryPrivateKeys) {
    for (const key of await readKeys(file, context)) keyring.add(key);
  }
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

/** The private keys of a file: every PEM key, or the `tls.key` of every Secret in it. */
async function readKeys(file: string, context: Context): Promise<PrivateKey[]> {
  const bytes = await readFileBytes(file);
  const text = bytes.toString('latin1');
  // In a YAML document, a PEM text is indented.
  if (/^-----BEGIN /m.test(text) && holdsPrivateKey(text)) return parsePrivateKeys(text, file);
  const keys: PrivateKey[] = [];
  const failures: Failure[] = [];
  for (const { value, place } of readKeyDocuments(bytes, file)) {
    try {
      const pem = parseSecret(value, place).data.get('tls.key');
      const at = showPlace(place);
      if (!pem) fail({ code: 'NotAPrivateKey', at });
      keys.push(await parsePrivateKey(pem.toString('latin1'), at));
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failures.push(failureOf(error, 'reading a key'));
    }
  }
  const [first] = failures;
  if (keys.length === 0) fail(first ?? { code: 'NotAPrivateKey', at: file });
  // A whole namespace's Secrets may be among them.
  for (const failure of failures) context.note(`(passed over: ${describe(failure)})`);
  return keys;
}

function readKeyDocuments(bytes: Buffer, file: string): ReturnType<typeof readDocuments> {
  const documents = readDocuments(bytes, file);
  // A lone piece of text, such as a broken PEM file, is a YAML string.
  return documents.every(({ value }) => typeof value === 'object')
    ? documents
    : fail({ code: 'NotAPrivateKey', at: file });
}
