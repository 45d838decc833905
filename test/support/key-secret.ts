import { createHash } from 'node:crypto';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { stringAt } from '../control-plane/admin-client.ts';
import type { Cluster } from './cluster.ts';
import { certificateOf, pkcs1, rsa, type Validity } from './keys.ts';
import { NAMESPACE } from './installation.ts';

/** The label that marks a key as active. */
export const ACTIVE = { [SEALING_KEY_LABEL]: 'active' };

/** The items of a key Secret, as text. */
export type KeyItems = Readonly<Record<'tls.crt' | 'tls.key', string>>;

/** Generates a key of 2048 bits and its certificate, in the controller's format. */
export async function keyItems(validity: Validity = {}): Promise<KeyItems> {
  const key = rsa();
  return { 'tls.crt': await certificateOf(key, validity), 'tls.key': pkcs1(key) };
}

/** Returns a Secret with the form of a sealing key, in the controller's namespace. */
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

/** Lists all Secrets with the name of a sealing key. */
export async function keySecrets(cluster: Cluster): Promise<unknown[]> {
  const secrets = await cluster.list('secrets', NAMESPACE);
  return secrets.filter((secret) => nameOf(secret).startsWith('sealed-secrets-key'));
}

/** Deletes all key Secrets, so that the next controller starts without keys. */
export async function deleteKeys(cluster: Cluster): Promise<void> {
  for (const key of await keySecrets(cluster)) {
    await cluster.delete('secrets', { namespace: NAMESPACE, name: nameOf(key) });
  }
}

/** Returns the ten candidate names of the next key in releases that derived them from the public key. */
export function namesOfCertificate(fingerprint: string): string[] {
  const characters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 10 }, (_, attempt) => {
    const digest = createHash('sha256').update(`${fingerprint} ${attempt}`).digest();
    const suffix = [0, 4, 8, 12, 16].map((at) => characters[digest.readUInt32BE(at) % characters.length]);
    return `sealed-secrets-key${suffix.join('')}`;
  });
}

/** Returns the name of an object. */
export function nameOf(object: unknown): string {
  return stringAt(object, 'metadata', 'name');
}
