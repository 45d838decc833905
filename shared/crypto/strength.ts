import { fail } from './errors.ts';

const MIN_BITS = 2048;
const MAX_BITS = 16384;

/** Throws `HugeKey` for a key so large that using it would block other work. */
export function checkSize(bits: number, at: string): void {
  if (bits > MAX_BITS) fail({ code: 'HugeKey', at, bits });
}

/**
 * Throws `WeakKey` or `WeakExponent` for a key that is too weak to seal with. Node and WebCrypto accept any size, and
 * Node even e = 1, which does not encrypt at all.
 */
export function checkStrength({ bits, exponent }: { bits: number; exponent: bigint }, at: string): void {
  if (bits < MIN_BITS) fail({ code: 'WeakKey', at, bits });
  if (exponent < 3n || exponent % 2n === 0n) fail({ code: 'WeakExponent', at });
}
