import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { stringAt } from '../control-plane/admin-client.ts';
import type { Cluster } from './cluster.ts';
import { certificateOf, pkcs1, rsa, type Validity } from './keys.ts';
import { NAMESPACE } from './installation.ts';

/** The label that puts a key to use. */
export const ACTIVE = { [SEALING_KEY_LABEL]: 'active' };

/** The text of a key Secret's items. */
export type KeyItems = Readonly<Record<'tls.crt' | 'tls.key', string>>;

/** A new key of 2048 bits and its certificate, as the controller makes them. */
export async function keyItems(validity: Validity = {}): Promise<KeyItems> {
  const key = rsa();
  return { 'tls.crt': await certificateOf(key, validity), 'tls.key': pkcs1(key) };
}

/** A Secret that may be a sealing key, in the controller's namespace. */
export function keySecret(
  name: string,
  items: Readonly<Record<string, string>>,
  metadata: object = { labels: ACTIVE },
): object {
  return {
    metadata: { name, namespace: NAMESPACE, ...metadata },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(items).map(([item, text]) => [item, Buffer.from(text).toString('base64')]),
    ),
  };
}

/** All Secrets that have the name of a sealing key. */
export async function keySecrets(cluster: Cluster): Promise<unknown[]> {
  const secrets = await cluster.list('secrets', NAMESPACE);
  return secrets.filter((secret) => nameOf(secret).startsWith('sealed-secrets-key'));
}

/** Leaves the next controller to find none. */
export async function deleteKeys(cluster: Cluster): Promise<void> {
  for (const key of await keySecrets(cluster)) {
    await cluster.delete('secrets', { namespace: NAMESPACE, name: nameOf(key) });
  }
}

export function nameOf(object: unknown): string {
  return stringAt(object, 'metadata', 'name');
}
