import { hexText } from '../x509/der-read.ts';
import { fail } from './errors.ts';

const MIN_BITS = 2048;
const MAX_BITS = 16384;
/** The largest public exponent, in bytes: 256 bits, as in FIPS 186-5, section 5.4. Time grows with it. */
const MAX_EXPONENT_BYTES = 32;

/** The size of an RSA key, and its public exponent. */
export interface RsaSize {
  /** The size of the modulus, in bits. */
  readonly bits: number;
  readonly exponent: bigint;
}

/**
 * Returns the size and the exponent of an RSA key. Throws `HugeKey` or `WeakExponent` for a key with numbers so large that
 * using it would block other work.
 *
 * @param numbers big-endian, without leading zeros
 */
export function checkedSize(
  { modulus, exponent }: { readonly modulus: Uint8Array; readonly exponent: Uint8Array },
  at: string,
): RsaSize {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits > MAX_BITS) fail({ code: 'HugeKey', at, bits });
  if (exponent.length > MAX_EXPONENT_BYTES) fail({ code: 'WeakExponent', at });
  return { bits, exponent: BigInt(`0x${hexText(exponent) || '0'}`) };
}

/**
 * Throws `WeakKey` or `WeakExponent` for a key that is too weak to seal with. Node and WebCrypto accept any size, and
 * Node even e = 1, which does not encrypt at all.
 */
export function checkStrength({ bits, exponent }: RsaSize, at: string): void {
  if (bits < MIN_BITS) fail({ code: 'WeakKey', at, bits });
  if (exponent < 3n || exponent % 2n === 0n) fail({ code: 'WeakExponent', at });
}
