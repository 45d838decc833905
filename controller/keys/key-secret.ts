import { createHmac, createPrivateKey, type KeyObject } from 'node:crypto';
import { utf8Text } from '../../shared/bytes.ts';
import { KEPT_FROM, KEY_CREATED, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { privateKeyBlocks } from '../../shared/crypto/private-key-pem.ts';
import { Failure } from '../../shared/errors.ts';
import { certificateIn, keyCreated, PRIVATE_KEY_ITEM, privateKeyText } from '../../shared/seal/stored-key.ts';
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
  /** Whether it was replaced in the Secret that held it first. Such a key opens, and does not seal. */
  readonly isKept?: boolean;
  /** The private key as its Secret has it; absent if it need not be written again. Outside of V8's heap. */
  readonly source?: KeySource;
}

/** A private key that can be written to a Secret, and how its PEM text begins. */
export interface KeySource {
  readonly privateKey: KeyObject;
  readonly type: 'pkcs1' | 'pkcs8';
}

/** Selects the keys that open, and that may seal. */
export const ACTIVE_KEYS = `${SEALING_KEY_LABEL}=active`;
/** Selects the keys that are not used any more, and not compromised. */
export const RETIRED_KEYS = `${SEALING_KEY_LABEL}=retired`;
/** Selects the keys that are not used any more because someone else may have them. */
export const COMPROMISED_KEYS = `${SEALING_KEY_LABEL}=compromised`;

/** Selects all keys, whether they are used or not. */
export const ALL_KEYS = `${SEALING_KEY_LABEL} in (active,retired,compromised)`;

/**
 * Reads a key Secret. Throws if it holds no usable private key.
 *
 * @param withSource whether the key may have to be written to another Secret
 */
export async function readKeySecret(
  secret: Secret,
  { withSource = false }: { readonly withSource?: boolean } = {},
): Promise<SealingKey> {
  const { name } = secret.metadata;
  const at = `Secret ${showRef(secret.metadata)}`;
  const pem = secret.data.get(PRIVATE_KEY_ITEM) ?? new Uint8Array();
  const key = await parsePrivateKey(utf8Text(pem), `${at}: tls.key`, PRIVATE_OPERATIONS);
  const certificate = certificateIn(secret, key, at);
  const source = withSource ? { source: sourceOf(utf8Text(pem)) } : {};
  return {
    secretName: name,
    created: keyCreated(secret),
    key,
    certificate,
    nameSeed: nameSeedOf(pem),
    ...(secret.metadata.annotations.has(KEPT_FROM) ? { isKept: true } : {}),
    ...source,
  };
}

/** Whether a Secret holds a private key of any kind. */
export function holdsPrivateKey(secret: Secret): boolean {
  return privateKeyBlocks(privateKeyText(secret)).length > 0;
}

function sourceOf(text: string): KeySource {
  const [pem = ''] = privateKeyBlocks(text);
  const type = pem.includes('BEGIN RSA PRIVATE KEY') ? 'pkcs1' : 'pkcs8';
  return { privateKey: createPrivateKey(pem), type };
}

/** Returns the Secret that keeps a key whose own Secret was given another one. */
export function keptKeyBody(
  ref: Ref,
  { secretName, created, certificate, source }: SealingKey & { readonly source: KeySource },
  made: NewKeyOptions,
): object {
  const { privateKey, type } = source;
  const pair = {
    privateKey: privateKey.export({ type, format: 'pem' }).toString(),
    // The type of the Secret requires the item.
    certificate: certificate instanceof Failure ? '' : certificate.pem,
  };
  const annotations = new Map([...made.annotations, [KEPT_FROM, secretName] as const]);
  if (created) annotations.set(KEY_CREATED, created.toISOString());
  return keySecretBody(ref, pair, { ...made, annotations });
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
function nameSeedOf(pem: Uint8Array): Buffer {
  return createHmac('sha256', pem).update('sealed-secrets: names of the next keys').digest();
}
