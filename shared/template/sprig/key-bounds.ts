/**
 * Inspects keys before OpenSSL reads them. OpenSSL cannot be interrupted, and its work grows with the cube of numbers
 * that the author of a template chooses: signing with a made-up RSA key of 65,536 bits takes minutes. A key is
 * accepted only if its type is known, its numbers have a usual size, and they are consistent.
 */
import { LimitError } from '../budget.ts';
import { elements, sequenceElements, TAG, type Element } from '../../x509/der-read.ts';
import { oid } from '../../x509/der.ts';

/** The maximum size of an RSA modulus, in bits. */
const MOST_RSA_BITS = 8192;
/** The maximum size of a public exponent, in bits, as in Go. Verification time is proportional to it. */
const MOST_EXPONENT_BITS = 31;
/** Larger than any key or certificate within these bounds, in bytes. */
const MOST_EC_DER = 1024;
const MOST_RSA_DER = 8192;
const MOST_CERTIFICATE_DER = 64 << 10;

const ALGORITHM = {
  rsa: oid('1.2.840.113549.1.1.1'),
  ec: oid('1.2.840.10045.2.1'),
  ed25519: oid('1.3.101.112'),
} as const;

/** P-224, P-256, P-384 and P-521, as in Go. Other curves, and curves with explicit parameters, are rejected. */
const CURVES = ['1.3.132.0.33', '1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35'].map(oid);

/** The ASN.1 form of a private key. */
export type KeyForm = 'pkcs1' | 'pkcs8' | 'sec1';

/** The result of an inspection: a type that Go does not read, malformed, or safe for OpenSSL. */
export type Inspected = 'unknown algorithm' | 'malformed' | 'safe';

/** Inspects the DER of a private key. Throws `LimitError` if its numbers are too large. */
export function inspectPrivateKey(der: Buffer, form: KeyForm): Inspected {
  switch (form) {
    case 'pkcs1':
      return inspectRsa(der);
    case 'sec1':
      return inspectEc(der, undefined);
    case 'pkcs8':
      return inspectPkcs8(der);
  }
}

function inspectPkcs8(der: Buffer): Inspected {
  limit('a private key', der.length, { most: MOST_RSA_DER, unit: 'bytes' });
  const [version, algorithm, key] = sequenceElements(der) ?? [];
  if (version?.tag !== TAG.integer || key?.tag !== TAG.octetString) return 'malformed';
  const [id, parameters] = sequenceElements(algorithm?.whole ?? Buffer.alloc(0)) ?? [];
  if (id === undefined) return 'malformed';
  if (id.whole.equals(ALGORITHM.rsa)) return inspectRsa(key.content);
  if (id.whole.equals(ALGORITHM.ec)) return inspectEc(key.content, parameters);
  if (!id.whole.equals(ALGORITHM.ed25519)) return 'unknown algorithm';
  limit('a private key', der.length, { most: MOST_EC_DER, unit: 'bytes' });
  return 'safe';
}

/**
 * Inspects an `RSAPrivateKey` of RFC 8017, with two primes. If its numbers are inconsistent, OpenSSL is slower or
 * fails.
 */
function inspectRsa(der: Buffer): Inspected {
  limit('a private key', der.length, { most: MOST_RSA_DER, unit: 'bytes' });
  const found = sequenceElements(der) ?? [];
  const numbers = found.map(positive);
  const [version, n, e, d, p, q, dp, dq, qi, ...others] = numbers;
  if (version === undefined || n === undefined || e === undefined || d === undefined) return 'malformed';
  if (p === undefined || q === undefined || dp === undefined || dq === undefined || qi === undefined) {
    return 'malformed';
  }
  if (version !== 0n || others.length > 0) return 'malformed';
  checkRsaSize(n, e);
  if (n % 2n === 0n || e % 2n === 0n || e < 3n || p <= 2n || q <= 2n || p * q !== n) return 'malformed';
  const consistent =
    d < n &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    dp === d % (p - 1n) &&
    dq === d % (q - 1n) &&
    qi < p &&
    (qi * q) % p === 1n;
  return consistent ? 'safe' : 'malformed';
}

function checkRsaSize(modulus: bigint, exponent: bigint): void {
  limit('an RSA key', bits(modulus), { most: MOST_RSA_BITS, unit: 'bits' });
  limit('the exponent of an RSA key', bits(exponent), { most: MOST_EXPONENT_BITS, unit: 'bits' });
}

/** Inspects an `ECPrivateKey` of RFC 5915. In PKCS #8, the curve may be outside of it. */
function inspectEc(der: Buffer, outside: Element<Buffer> | undefined): Inspected {
  limit('a private key', der.length, { most: MOST_EC_DER, unit: 'bytes' });
  const [version, secret, ...tagged] = sequenceElements(der) ?? [];
  if (version?.tag !== TAG.integer || secret?.tag !== TAG.octetString) return 'malformed';
  const inside = tagged.filter(({ tag }) => tag === PARAMETERS).map(({ content }) => elements(content)?.[0]);
  const curves = outside === undefined ? inside : [outside, ...inside];
  return curves.length > 0 && curves.every(isNamedCurve) ? 'safe' : 'malformed';
}

const PARAMETERS = 0xa0;

function isNamedCurve(parameters: Element<Buffer> | undefined): boolean {
  return CURVES.some((curve) => parameters?.whole.equals(curve) === true);
}

/**
 * Whether OpenSSL may read a certificate with this public key (a SubjectPublicKeyInfo). Throws `LimitError` if its
 * numbers are too large.
 */
export function isSafePublicKey(der: Buffer): boolean {
  limit('a public key', der.length, { most: MOST_RSA_DER, unit: 'bytes' });
  const [algorithm, key] = sequenceElements(der) ?? [];
  const [id, parameters] = sequenceElements(algorithm?.whole ?? Buffer.alloc(0)) ?? [];
  if (id === undefined || key?.tag !== TAG.bitString) return false;
  if (id.whole.equals(ALGORITHM.ec)) return isNamedCurve(parameters);
  if (!id.whole.equals(ALGORITHM.rsa)) return true;
  const [n, e] = (sequenceElements(key.content.subarray(1)) ?? []).map(positive);
  if (n === undefined || e === undefined) return false;
  checkRsaSize(n, e);
  return true;
}

/** Throws `LimitError` if a certificate is larger than any in practical use. */
export function checkCertificateSize(der: Buffer): void {
  limit('a certificate', der.length, { most: MOST_CERTIFICATE_DER, unit: 'bytes' });
}

/** Returns the value of a non-negative INTEGER, or undefined for any other element. */
function positive({ tag, content }: Element<Buffer>): bigint | undefined {
  if (tag !== TAG.integer || content.length === 0 || (content[0] ?? 0) >= 0x80) return undefined;
  return BigInt(`0x${content.toString('hex')}`);
}

function bits(value: bigint): number {
  return value.toString(2).length;
}

function limit(
  what: string,
  size: number,
  { most, unit }: { readonly most: number; readonly unit: 'bits' | 'bytes' },
): void {
  if (size > most) throw new LimitError(`${what} has more than ${most} ${unit}`);
}
