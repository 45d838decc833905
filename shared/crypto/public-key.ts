import type { Label } from './envelope.ts';

/** An RSA public key that seals values. Node has one over OpenSSL, and browsers have one over WebCrypto. */
export interface PublicKey {
  /** The modulus, big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  readonly exponent: bigint;

  /** Seals one value under a new session key. Returns the envelope as bytes, not base64. */
  sealValue(value: Uint8Array, label: Label): Promise<Uint8Array>;
}
