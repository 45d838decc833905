import assert from 'node:assert/strict';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { privateKeyOf, type PrivateKey } from '../../../shared/crypto/private-key.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { makeModel } from '../../../web/model/model.ts';
import type { Model } from '../../../web/model/protocol.ts';
import type {
  Choices,
  FormInput,
  Item,
  Message,
  NamedCertificate,
  Output,
  Pasted,
  Result,
} from '../../../web/model/types.ts';
import { unsealHere } from '../../shared/seal/unseal-here.ts';
import { certificateOf, DAY, rsa } from '../../support/keys.ts';
import { noteSecret } from '../../support/secrets-used.ts';

/** A key to open with, and its certificate as a person chooses it. */
export interface Cluster {
  readonly key: PrivateKey;
  readonly named: NamedCertificate;
  readonly fingerprint: string;
}

/** Makes a key and its certificate, which does not expire soon. */
export async function makeCluster(name: string): Promise<Cluster> {
  const key = rsa();
  const { pem, fingerprint } = parseCertificate(await certificateOf(key, { validity: 900 * DAY }), name);
  return { key: await privateKeyOf(key, name), named: { name, pem }, fingerprint };
}

/** The model with the time of the machine. */
export const model: Model = makeModel(() => new Date());

/** Returns choices that differ from the defaults of a test. */
export function choices(certificates: readonly NamedCertificate[], changes: Partial<Choices> = {}): Choices {
  return { certificates, scope: undefined, namespaces: [], format: 'yaml', ...changes };
}

/** Returns a pasted text, or a file if it has a name. */
export function pasted(content: string | Uint8Array, fileName?: string): Pasted {
  return { bytes: Uint8Array.from(typeof content === 'string' ? Buffer.from(content) : content), fileName };
}

/** Returns an item with a text, which is searched for in everything that tests write. */
export function item(name: string, value: string): Item {
  if (value !== '') noteSecret(value);
  return { name, value: Uint8Array.from(Buffer.from(value)) };
}

/** Returns a form for `db` with items. */
export function form(items: readonly Item[], changes: Partial<FormInput> = {}): FormInput {
  return { kind: 'form', name: 'db', type: '', items, ...changes };
}

/** Returns the outputs of a result that must be one. */
export function outputsOf(result: Result): readonly Output[] {
  if (result.kind === 'sealed') return result.outputs;
  return assert.fail(result.messages.map(({ text }) => text).join('\n'));
}

/** A Secret that was unsealed: `NAMESPACE/NAME`, and its items as texts. */
export type Opened = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Opens every SealedSecret of a text. */
export async function opened(text: string, key: PrivateKey): Promise<Opened> {
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  for (const { value, place } of readDocuments(Buffer.from(text), 'output')) {
    const result = await unsealHere(parseSealedSecret(value, place), key);
    assert.ok(result.ok, result.ok ? '' : result.failure.describe());
    const { metadata, data } = result.unsealed.secret;
    const items = [...data].map(([name, bytes]) => [name, Buffer.from(bytes).toString()] as const);
    secrets.set(`${metadata.namespace}/${metadata.name}`, Object.fromEntries(items));
  }
  return Object.fromEntries(secrets);
}

/** Returns messages as `SEVERITY FIELD INDEX: TEXT`. */
export function lines(messages: readonly Message[]): string[] {
  return messages.map(({ severity, field, text }) =>
    [`${[severity, field.name, field.index].join(' ').trimEnd()}: ${text}`].join(''),
  );
}
