import { createHmac } from 'node:crypto';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import type { Failure } from '../../shared/errors.ts';
import { certificateIn } from '../../shared/seal/stored-key.ts';
import type { NewKeyOptions } from './key-options.ts';
import { PRIVATE_OPERATIONS } from './private-operations.ts';

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
/** Selects the keys that are not used any more, and not compromised. */
export const RETIRED_KEYS = `${SEALING_KEY_LABEL}=retired`;
/** Selects the keys that are not used any more because someone else may have them. */
export const COMPROMISED_KEYS = `${SEALING_KEY_LABEL}=compromised`;

/** Selects all keys, whether they are used or not. */
export const ALL_KEYS = `${SEALING_KEY_LABEL} in (active,retired,compromised)`;

/** Reads a key Secret. Throws if it holds no usable private key. */
export async function readKeySecret(secret: Secret): Promise<SealingKey> {
  const { name, server } = secret.metadata;
  const at = `Secret ${showRef(secret.metadata)}`;
  const pem = secret.data.get(PRIVATE_KEY_ITEM) ?? Buffer.alloc(0);
  const key = await parsePrivateKey(pem.toString('latin1'), `${at}: ${PRIVATE_KEY_ITEM}`, PRIVATE_OPERATIONS);
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

/** Derives the seed one-way: names reveal nothing about the key. */
function nameSeedOf(pem: Buffer): Buffer {
  return createHmac('sha256', pem).update('sealed-secrets: names of the next keys').digest();
}
