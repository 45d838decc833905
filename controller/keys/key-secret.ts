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
  /** When its Secret was made. */
  readonly created: Date | undefined;
  readonly key: PrivateKey;
  /** The certificate to seal with, or why this key opens only. */
  readonly certificate: Certificate | Failure;
  /** Of the name of the key that follows this one; secret, and of no use but to guess that name. */
  readonly nameSeed: Buffer;
}

/** The item of a key Secret that holds the private key. */
export const PRIVATE_KEY_ITEM = 'tls.key';

export const ACTIVE_KEYS = `${SEALING_KEY_LABEL}=active`;
export const COMPROMISED_KEYS = `${SEALING_KEY_LABEL}=compromised`;

/**
 * Reads a key Secret. Throws where it holds no usable private key.
 */
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

/** The key Secret as it is written: as `kubectl create secret tls` makes one, with the label that makes it a key. */
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

/** The characters that Kubernetes itself appends to a `generateName`: no vowels, so no words. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/**
 * A name for the first key, of the form that `generateName` gives. We choose it, so that a request whose answer was
 * lost can be sent again without making a second key; and by chance, so that a key restored from a backup never has
 * the name of another one, which it would overwrite.
 */
export function firstKeyName(prefix: string): string {
  return prefix + suffixOf(() => randomInt(SUFFIX_CHARACTERS.length));
}

/**
 * Returns the name of the key that follows another: the same for each process that renews that key and at each retry,
 * so that the key is made once. Where the name is taken, the next attempt's is used.
 *
 * @param seed the `nameSeed` of the other key: without its private key nobody can take the names in advance
 */
export function nextKeyName(prefix: string, seed: Buffer, attempt: number): string {
  const digest = createHmac('sha256', seed).update(String(attempt)).digest();
  // Four bytes for each character: so many remainders of 27 are equally likely, as good as.
  return prefix + suffixOf((index) => digest.readUInt32BE(index * 4) % SUFFIX_CHARACTERS.length);
}

/** One-way: the names tell nothing of the key. */
function nameSeedOf(pem: Buffer): Buffer {
  return createHmac('sha256', pem).update('sealed-secrets: names of the next keys').digest();
}

function suffixOf(character: (index: number) => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => SUFFIX_CHARACTERS[character(index)]).join('');
}
