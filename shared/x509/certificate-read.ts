/** Reads the part of an X.509 certificate (RFC 5280, section 4.1) that sealing needs, on any runtime. */
import { contextTag, elements, hexText, sequenceElements, TAG, type Element } from './der-read.ts';

/** The parts of a certificate. The key is DER, a SubjectPublicKeyInfo. */
export interface CertificateParts {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Parses a certificate. Returns null if it is malformed. */
export function readCertificate(der: Uint8Array<ArrayBuffer>): CertificateParts | null {
  const [signed, algorithm, signature, ...others] = sequenceElements(der) ?? [];
  if (signed?.tag !== TAG.sequence || algorithm?.tag !== TAG.sequence) return null;
  if (!isWholeBytes(signature) || others.length > 0) return null;
  // An optional version comes first; the others are in order.
  const fields = elements(signed.content) ?? [];
  const [serial, signedWith, issuer, validity, subject, publicKey] =
    fields[0]?.tag === contextTag(0) ? fields.slice(1) : fields;
  const sequences = [signedWith, issuer, validity, subject, publicKey];
  if (serial?.tag !== TAG.integer || sequences.some((field) => field?.tag !== TAG.sequence)) return null;
  const [notBefore, notAfter] = (elements(validity?.content ?? new Uint8Array()) ?? []).map(timeOf);
  if (!publicKey || !notBefore || !notAfter) return null;
  return { publicKey: publicKey.whole, notBefore, notAfter };
}

type Bits = Element<Uint8Array<ArrayBuffer>>;

/** The numbers of an RSA key, big-endian, without leading zeros. */
export interface RsaNumbers {
  readonly modulus: Uint8Array<ArrayBuffer>;
  readonly exponent: Uint8Array<ArrayBuffer>;
}

/** The type of a public key, as OpenSSL names it, and its numbers if it is RSA; `unknown` for a type without a name. */
export type PublicKeyParts =
  { readonly type: 'rsa'; readonly numbers: RsaNumbers } | { readonly type: string };

/** OpenSSL's names of the types of keys, by the content of their object identifier in hexadecimal digits. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010101', 'rsa'],
  ['2a864886f70d01010a', 'rsa-pss'],
  ['2a8648ce3d0201', 'ec'],
  ['2a8648ce380401', 'dsa'],
  ['2a864886f70d010301', 'dh'],
  ['2b656e', 'x25519'],
  ['2b656f', 'x448'],
  ['2b6570', 'ed25519'],
  ['2b6571', 'ed448'],
]);

/** Parses a SubjectPublicKeyInfo. Returns null if it is malformed. */
export function readPublicKey(der: Uint8Array<ArrayBuffer>): PublicKeyParts | null {
  const [algorithm, key, ...others] = sequenceElements(der) ?? [];
  const [id] = sequenceElements(algorithm?.whole ?? new Uint8Array()) ?? [];
  if (id?.tag !== TAG.oid || !isWholeBytes(key) || others.length > 0) return null;
  const type = TYPES.get(hexText(id.content)) ?? 'unknown';
  if (type !== 'rsa') return { type };
  const [modulus, exponent, ...more] = sequenceElements(key.content.subarray(1)) ?? [];
  if (more.length > 0) return null;
  const numbers = { modulus: positive(modulus), exponent: positive(exponent) };
  return isRsa(numbers) ? { type, numbers } : null;
}

function isRsa(numbers: { readonly [K in keyof RsaNumbers]: RsaNumbers[K] | null }): numbers is RsaNumbers {
  return numbers.modulus !== null && numbers.exponent !== null;
}

/** Returns whether an element is a BIT STRING that ends with a byte: its first byte counts the unused bits. */
function isWholeBytes(element: Bits | undefined): element is Bits {
  return element?.tag === TAG.bitString && element.content[0] === 0;
}

/** Returns a positive INTEGER without its leading zero. */
function positive(element: Element<Uint8Array<ArrayBuffer>> | undefined): Uint8Array<ArrayBuffer> | null {
  if (element?.tag !== TAG.integer) return null;
  const { content } = element;
  const [first, second] = content;
  if (first === undefined || first >= 0x80) return null;
  if (first > 0) return content;
  return second === undefined || second < 0x80 ? null : content.subarray(1);
}

/** The forms of times in certificates (RFC 5280, section 4.1.2.5): in UTC, with seconds. */
const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

function timeOf({ tag, content }: Element): Date | undefined {
  const text = String.fromCharCode(...content.subarray(0, 16));
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = TIME.exec(text) ?? [];
  const digits = tag === TAG.utcTime ? 2 : tag === TAG.generalizedTime ? 4 : 0;
  if (year.length !== digits || content.length !== text.length) return undefined;
  const century = digits === 4 ? '' : Number(year) < 50 ? '20' : '19';
  const time = new Date(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date accepts February 30.
  return !Number.isNaN(time.getTime()) && time.getUTCDate() === Number(day) ? time : undefined;
}
