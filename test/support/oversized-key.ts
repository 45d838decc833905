import { randomBytes } from 'node:crypto';
import { integer, sequence } from '../../shared/x509/der.ts';
import { encodePem } from '../../shared/x509/pem.ts';

/** The size and exponent of an RSA key. */
export interface RsaNumbers {
  readonly bits?: number;
  readonly exponent?: bigint;
}

/** Returns an RSA private key as PEM with random numbers, of a size that would take too long to generate. */
export function oversizedRsaKey({ bits = 65_536, exponent = 65_537n }: RsaNumbers = {}): string {
  const [p, q] = [oddNumber(bits / 2), oddNumber(bits / 2)];
  const numbers = [
    0n,
    p * q,
    exponent,
    oddNumber(bits - 1),
    p,
    q,
    ...[1, 2, 3].map(() => oddNumber(bits / 2)),
  ];
  return encodePem({ type: 'RSA PRIVATE KEY', der: sequence(...numbers.map(integer)) });
}

/** Returns a random odd number with exactly `bits` bits. */
export function oddNumber(bits: number): bigint {
  const random = BigInt(`0x${randomBytes(Math.ceil(bits / 8)).toString('hex')}`);
  return BigInt.asUintN(bits, random) | (1n << BigInt(bits - 1)) | 1n;
}
