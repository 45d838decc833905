import { decodeBase64 } from '../api/base64.ts';
import { showPlace, type Place } from '../api/place.ts';
import { isLeftOut, type SealedSecret } from '../api/sealed-secret.ts';
import { utf8Bytes } from '../bytes.ts';
import { sealedSecretJson } from '../manifest/write.ts';
import { MAX_SECRET_SIZE } from '../seal/secret-size.ts';

const MIB = 1024 * 1024;
/** The largest request that etcd accepts by default (`--max-request-bytes`), in bytes. */
export const MAX_SEALED_SECRET = 1.5 * MIB;

/** Sizes in an envelope, in bytes: the length prefix of the RSA ciphertext, and the tag of AES-GCM. */
const PREFIX = 2;
const TAG = 16;

/** A SealedSecret and the place of its input. */
export interface PlacedSealed {
  readonly sealed: SealedSecret;
  readonly place: Place;
}

/**
 * Returns warnings about objects that are too large for the API server and, with `data`, about those whose Secrets would
 * be too large.
 */
export function sizeWarnings(
  objects: readonly PlacedSealed[],
  options: { readonly data: boolean },
): string[] {
  const warnings: string[] = [];
  for (const { sealed, place } of objects) {
    const { object, data } = sizesOf(sealed);
    const at = showPlace(place);
    if (object > MAX_SEALED_SECRET)
      warnings.push(`${at}: the SealedSecret has ${inMib(object)}; etcd accepts at most 1.5 MiB`);
    if (options.data && data > MAX_SECRET_SIZE)
      warnings.push(`${at}: the Secret will hold ${inMib(data)} of data; at most 1 MiB is allowed`);
  }
  return warnings;
}

/** The sizes of a SealedSecret, in bytes. */
export interface SealedSizes {
  /** The object in JSON, as the API server stores it. */
  readonly object: number;
  /** The values of its Secret together, without what templates make. */
  readonly data: number;
}

/** Returns the sizes of a SealedSecret. The lengths of its values are public. */
export function sizesOf(sealed: SealedSecret): SealedSizes {
  const items = [...sealed.encryptedData].filter(([item]) => !isLeftOut(sealed.template, item));
  return {
    object: utf8Bytes(JSON.stringify(sealedSecretJson(sealed))).length,
    data: items.reduce((sum, [, value]) => sum + valueSize(value ?? ''), 0),
  };
}

/** Returns the size of the value in an envelope, in bytes; 0 for anything else. */
function valueSize(base64: string): number {
  const start = decodeBase64(base64.slice(0, 4));
  if (!start.ok || start.bytes.length < PREFIX) return 0;
  const [high = 0, low = 0] = start.bytes;
  const size = Math.floor(base64.length / 4) * 3 - (/=*$/.exec(base64.slice(-2))?.[0].length ?? 0);
  return Math.max(0, size - PREFIX - (high * 256 + low) - TAG);
}

/** Formats a size in MiB, rounded up, so that a size above the limit is never shown as the limit. */
export function inMib(bytes: number): string {
  return `${(Math.ceil((bytes / MIB) * 100) / 100).toFixed(2)} MiB`;
}
