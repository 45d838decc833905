import { createHmac, randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import type { Failure } from '../../shared/errors.ts';
import { certificateIn } from '../../shared/seal/key-secret.ts';
import type { NewKeyOptions } from './key-options.ts';

/** A sealing key as read from its Secret. */
export interface SealingKey {
  readonly secretName: string;
  /** When the Secret was created. */
  readonly created: Date | undefined;
  readonly key: PrivateKey;
  /** The certificate to seal with, or why this key cannot seal. */
  readonly certificate: Certificate | Failure;
  /** The seed of the name of the key that follows this one. It is secret: who has it can take that name in advance. */
  readonly nameSeed: Buffer;
}

/** The item of a key Secret that holds the private key. */
export const PRIVATE_KEY_ITEM = 'tls.key';

/** Selects the keys that open, and that may seal. */
export const ACTIVE_KEYS = `${SEALING_KEY_LABEL}=active`;
/** Selects the keys that are not used any more. */
export const COMPROMISED_KEYS = `${SEALING_KEY_LABEL}=compromised`;

/** Reads a key Secret. Throws if it holds no usable private key. */
export async function readKeySecret(secret: Secret): Promise<SealingKey> {
  const { name, server } = secret.metadata;
  const at = `Secret ${showRef(secret.metadata)}`;
  const pem = secret.data.get(PRIVATE_KEY_ITEM) ?? Buffer.alloc(0);
  const key = await parsePrivateKey(
    pem.toString('latin1'),
    `${at}: ${PRIVATE_KEY_ITEM}`,
    availableParallelism(),
  );
  const certificate = certificateIn(secret, key, at);
  return { secretName: name, created: server.created, key, certificate, nameSeed: nameSeedOf(pem) };
}

/** Returns the key Secret to write: one as `kubectl create secret tls` creates it, with the label of active keys. */
export function keySecretBody(ref: Ref, pair: KeyPairPem, { labels, annotations }: NewKeyOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...ref,
      labels: { ...Object.fromEntries(labels), [SEALING_KEY_LABEL]: 'active' },
      ...(annotations.size === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(pair.certificate).toString('base64'),
      'tls.key': Buffer.from(pair.privateKey).toString('base64'),
    },
  };
}

/** The characters that Kubernetes appends to a `generateName`. Without vowels they spell no words. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/**
 * Returns a random name for the first key, of the form that `generateName` produces. The controller chooses the name so
 * that a request whose answer was lost can be sent again without creating a second key. The name is random so that a key
 * restored from a backup never overwrites another one.
 */
export function firstKeyName(prefix: string): string {
  return prefix + suffixOf(() => randomInt(SUFFIX_CHARACTERS.length));
}

/**
 * Returns the name of the key that follows another. The name is the same for each process and each retry, so that the
 * key is created once.
 *
 * @param seed the `nameSeed` of the other key: without its private key nobody can take the names in advance
 * @param attempt counts the names that were taken already, from 0
 */
export function nextKeyName(prefix: string, seed: Buffer, attempt: number): string {
  const digest = createHmac('sha256', seed).update(String(attempt)).digest();
  // Four bytes per character make the bias of the remainder negligible.
  return prefix + suffixOf((index) => digest.readUInt32BE(index * 4) % SUFFIX_CHARACTERS.length);
}

/** Derives the seed one-way: names reveal nothing about the key. */
function nameSeedOf(pem: Buffer): Buffer {
  return createHmac('sha256', pem).update('sealed-secrets: names of the next keys').digest();
}

function suffixOf(character: (index: number) => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => SUFFIX_CHARACTERS[character(index)]).join('');
}
