import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import { showPlace } from '../../shared/api/place.ts';
import { holdsPrivateKey, parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { fail } from '../../shared/errors.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { secretJson } from '../../shared/manifest/write.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { noTemplates, unseal } from '../../shared/seal/unseal.ts';
import type { Context } from '../context.ts';
import { readFileBytes, readInput } from '../input.ts';
import type { Options } from '../options.ts';
import { writeObjects } from '../output.ts';

/** Decrypts every SealedSecret of the input with the given private keys, without a cluster. */
export async function recoverMode(options: Options, context: Context): Promise<void> {
  const keyring = new Keyring();
  for (const file of options.recoveryPrivateKeys) {
    for (const key of await readKeys(file)) keyring.add(key);
  }
  const documents = await readInput(options.secretFile, 'SealedSecret', context);
  const sealed = documents.map(({ value, place }) => ({ object: parseSealedSecret(value, place), place }));
  const never = new AbortController().signal;
  const secrets: Secret[] = [];
  for (const { object, place } of sealed) {
    const result = await unseal(object, keyring, noTemplates, place, never);
    if (!result.ok) {
      const { failure } = result;
      fail(
        failure.code === 'Unseal' ? { ...failure, code: 'UnsealDocument', at: showPlace(place) } : failure,
      );
    }
    secrets.push(result.unsealed.secret);
  }
  await writeObjects(secrets.map(secretJson), options, true);
}

/** The private keys of a file: one PEM key, or the `tls.key` of every Secret in it. */
async function readKeys(file: string): Promise<PrivateKey[]> {
  const bytes = await readFileBytes(file);
  const text = bytes.toString('latin1');
  // In a YAML document, a PEM text is indented.
  if (/^-----BEGIN /m.test(text) && holdsPrivateKey(text)) return [await parsePrivateKey(text, file)];
  const keys: PrivateKey[] = [];
  for (const { value, place } of readKeyDocuments(bytes, file)) {
    const pem = parseSecret(value, place).data.get('tls.key');
    const at = showPlace(place);
    keys.push(pem ? await parsePrivateKey(pem.toString('latin1'), at) : fail({ code: 'NotAPrivateKey', at }));
  }
  return keys.length > 0 ? keys : fail({ code: 'NotAPrivateKey', at: file });
}

function readKeyDocuments(bytes: Buffer, file: string): ReturnType<typeof readDocuments> {
  const documents = readDocuments(bytes, file);
  // A lone piece of text, such as a broken PEM file, is a YAML string.
  return documents.every(({ value }) => typeof value === 'object')
    ? documents
    : fail({ code: 'NotAPrivateKey', at: file });
}
