import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { utf8Bytes } from '../../shared/bytes.ts';

/** Whether a text holds a private key in PEM, even one that was cut. */
export function holdsPrivateKey(text: string): boolean {
  return /-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY-----/.test(text);
}

/**
 * Whether a document is the Secret of a sealing key, with which everything can be unsealed that was sealed for its
 * cluster.
 */
export function isKeySecret({ value, place }: Document): boolean {
  if (!isObject(value)) return false;
  const reader = new Reader(value, place);
  if (reader.value('kind') !== 'Secret') return false;
  const labels = reader.object('metadata')?.entries('labels');
  return labels?.has(SEALING_KEY_LABEL) ?? false;
}

/** Whether a text is a Secret with a private key in base64, which somebody took for its certificate. */
export function holdsKeySecret(text: string): boolean {
  try {
    return readDocuments(utf8Bytes(text), '').some(
      ({ value, place }) => isObject(value) && new Reader(value, place).entries('data').has('tls.key'),
    );
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return false;
  }
}
