import { utf8Text } from '../bytes.ts';
import { KEY_CREATED, OWNER_UID, SEALING_KEY_LABEL, SKIP_OWNER } from '../api/annotations.ts';
import type { Secret } from '../api/secret.ts';
import { parseCertificate } from '../crypto/parse-certificate.ts';
import type { Certificate } from '../crypto/certificate.ts';
import type { PrivateKey } from '../crypto/private-key.ts';
import { failureOf, type Failure } from '../errors.ts';
import { sealFailure } from './errors.ts';

/** The default of `--key-prefix`. A Secret of exactly this name is a key of the oldest releases. */
export const DEFAULT_KEY_PREFIX = 'sealed-secrets-key';

/** The item of a key Secret that holds the private key. */
export const PRIVATE_KEY_ITEM = 'tls.key';

/** Returns the PEM text of the private key in a key Secret; empty if there is none. */
export function privateKeyText({ data }: Pick<Secret, 'data'>): string {
  return textOf(data, PRIVATE_KEY_ITEM);
}

/**
 * Returns what the label of a key Secret says of its use, such as `active` or `compromised`. A Secret of the name that
 * the oldest releases used is active without it. Undefined if the Secret is not one of a sealing key.
 */
export function keyLabelOf({
  name,
  labels,
}: Pick<Secret['metadata'], 'name' | 'labels'>): string | undefined {
  return labels.get(SEALING_KEY_LABEL) ?? (name === DEFAULT_KEY_PREFIX ? 'active' : undefined);
}

/**
 * Returns whether a Secret was made from a SealedSecret: it has an owner reference, or an annotation that only such
 * Secrets have. The controller never uses it as a key, so that a user who can write SealedSecrets cannot plant one.
 */
export function isFromSealedSecret({ metadata }: Pick<Secret, 'metadata'>): boolean {
  const { ownerReferences } = metadata.server;
  return (
    ownerReferences.some(({ kind }) => kind === 'SealedSecret') ||
    metadata.annotations.has(OWNER_UID) ||
    metadata.annotations.has(SKIP_OWNER)
  );
}

/**
 * Returns when the key of a key Secret came into use: when its Secret was created, or the one that held it before. A time
 * that is not before the creation does not count.
 */
export function keyCreated({ metadata }: Pick<Secret, 'metadata'>): Date | undefined {
  const { created } = metadata.server;
  const before = new Date(metadata.annotations.get(KEY_CREATED) ?? Number.NaN);
  return created && before < created ? before : created;
}

/** Returns the first certificate of `tls.crt`, or why it cannot be used to seal. */
export function certificateIn(secret: Secret, key: PrivateKey, at: string): Certificate | Failure {
  try {
    const certificate = parseCertificate(textOf(secret.data, 'tls.crt'), `${at}: tls.crt`);
    return certificate.fingerprint === key.fingerprint
      ? certificate
      : sealFailure({ code: 'KeyMismatch', at });
  } catch (error) {
    return failureOf(error, 'reading a certificate');
  }
}

function textOf(data: Secret['data'], item: string): string {
  return utf8Text(data.get(item) ?? new Uint8Array());
}
