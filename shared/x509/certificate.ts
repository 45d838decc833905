/** Writes X.509 certificates (RFC 5280). The parts that differ between their users are arguments. */
import { sign, type KeyObject } from 'node:crypto';
import { contextTag, TAG } from './der-read.ts';
import { bitString, encode, integer, oid, sequence } from './der.ts';

/** The contents of a certificate. The names, the key and the extensions are DER. */
export interface CertificateContents {
  readonly serial: bigint;
  readonly issuer: Buffer;
  readonly notBefore: TimeOfDate;
  readonly notAfter: TimeOfDate;
  readonly subject: Buffer;
  /** The SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** A date of the years 0 to 9999 and a time of day, in UTC. Months and days count from 1. */
export interface TimeOfDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** How a key signs. */
export interface SignatureAlgorithm {
  /** The hash for `sign`, or null if the algorithm includes its own. */
  readonly hash: string | null;
  /** The DER of the AlgorithmIdentifier. */
  readonly der: Buffer;
}

/** Returns the DER of a certificate that the key signs. */
export function signCertificate(
  contents: CertificateContents,
  key: KeyObject,
  { hash, der }: SignatureAlgorithm,
): Buffer {
  const signed = sequence(
    encode(contextTag(0), integer(2n)),
    integer(contents.serial),
    der,
    contents.issuer,
    sequence(timeDer(contents.notBefore), timeDer(contents.notAfter)),
    contents.subject,
    contents.publicKey,
    encode(contextTag(3), sequence(...contents.extensions)),
  );
  return sequence(signed, der, bitString(sign(hash, signed, key)));
}

/** Returns how a key signs. Undefined for a curve or a kind of key without an algorithm. */
export function signatureAlgorithm(key: KeyObject): SignatureAlgorithm | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return RSA_SHA256;
    case 'ed25519':
      return { hash: null, der: sequence(oid('1.3.101.112')) };
    default:
      return ecdsaAlgorithm(key.asymmetricKeyDetails?.namedCurve);
  }
}

/** RSA with SHA-256. */
export const RSA_SHA256: SignatureAlgorithm = {
  hash: 'sha256',
  der: sequence(oid('1.2.840.113549.1.1.11'), encode(TAG.null)),
};

function ecdsaAlgorithm(curve: string | undefined): SignatureAlgorithm | undefined {
  switch (curve) {
    case 'secp224r1':
    case 'prime256v1':
      return { hash: 'sha256', der: sequence(oid('1.2.840.10045.4.3.2')) };
    case 'secp384r1':
      return { hash: 'sha384', der: sequence(oid('1.2.840.10045.4.3.3')) };
    case 'secp521r1':
      return { hash: 'sha512', der: sequence(oid('1.2.840.10045.4.3.4')) };
    default:
      return undefined;
  }
}

/** Returns the DER of a name that has only a common name, in UTF-8, which may be empty. */
export function nameDer(commonName: Buffer): Buffer {
  if (commonName.length === 0) return sequence();
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName.toString('latin1'));
  const text = encode(isPrintable ? TAG.printableString : TAG.utf8String, commonName);
  return sequence(encode(TAG.set, sequence(oid('2.5.4.3'), text)));
}

/** Returns the DER of an extension, from its object identifier and the DER of its value. */
export function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [encode(TAG.boolean, Buffer.of(0xff))] : [];
  return sequence(oid(id), ...flag, encode(TAG.octetString, value));
}

/** Returns the value of the extension `basicConstraints`. */
export function basicConstraints(isAuthority: boolean): Buffer {
  return isAuthority ? sequence(encode(TAG.boolean, Buffer.of(0xff))) : sequence();
}

function timeDer({ year, month, day, hour, minute, second }: TimeOfDate): Buffer {
  const digits = [month, day, hour, minute, second].map((part) => String(part).padStart(2, '0')).join('');
  if (year >= 1950 && year < 2050) {
    return encode(TAG.utcTime, Buffer.from(`${String(year % 100).padStart(2, '0')}${digits}Z`));
  }
  return encode(TAG.generalizedTime, Buffer.from(`${String(year).padStart(4, '0')}${digits}Z`));
}
