import { compareBytes, concatBytes } from '../bytes.ts';

/**
 * A sealed value: `uint16 length ‖ RSA ciphertext ‖ AES-256-GCM ciphertext ‖ 16-byte tag`. Each value has a new session
 * key, wrapped by RSA-OAEP with SHA-256 (RFC 8017, section 7.1) under a label that binds the value to its name and
 * namespace. Because the session key is used only once, GCM uses a zero nonce.
 */
export interface Envelope {
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The OAEP label of a value. Only `labelFor` makes labels, since it checks the names in them. */
export type Label = Uint8Array<ArrayBuffer> & { readonly __label: never };

/** The size of a session key, in bytes. */
export const KEY_BYTES = 32;
/** The size of the tag of AES-GCM, in bytes. */
export const TAG_BYTES = 16;
/** The nonce of AES-GCM. */
export const NONCE = new Uint8Array(12);
const LENGTH_BYTES = 2;

/** Returns the bytes of an envelope, not base64. `sealed` is the ciphertext and the tag. */
export function formatEnvelope(wrappedKey: Uint8Array, ...sealed: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = Uint8Array.of(wrappedKey.length >> 8, wrappedKey.length & 0xff);
  return concatBytes([length, wrappedKey, ...sealed]);
}

/** Splits the bytes of an envelope into its parts. Returns null if there are too few. */
export function parseEnvelope(bytes: Uint8Array): Envelope | null {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return null;
  const bodyAt = LENGTH_BYTES + ((high << 8) | low);
  const tagAt = bytes.length - TAG_BYTES;
  if (bodyAt === LENGTH_BYTES || tagAt < bodyAt) return null;
  return {
    wrappedKey: bytes.subarray(LENGTH_BYTES, bodyAt),
    ciphertext: bytes.subarray(bodyAt, tagAt),
    tag: bytes.subarray(tagAt),
  };
}

/** Why a key cannot have sealed an envelope: its size, or an RSA ciphertext that is not below its modulus. */
export type Misfit = 'size' | 'modulus';

/**
 * Returns the proof that the key with this modulus did not seal the envelope (RFC 8017, section 7.1.2). Undefined if it
 * may have. Both inputs are public.
 */
export function misfit({ wrappedKey }: Envelope, modulus: Uint8Array): Misfit | undefined {
  if (wrappedKey.length !== modulus.length) return 'size';
  return compareBytes(wrappedKey, modulus) < 0 ? undefined : 'modulus';
}
