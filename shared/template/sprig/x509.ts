/** Creates the certificates that Go's `x509.CreateCertificate` creates for Sprig. */
import { createHash, sign, type KeyObject } from 'node:crypto';
import { failCall } from '../function.ts';
import { quote } from '../quote.ts';
import { isUtf8, toBuffer } from '../utf8.ts';
import { civilOf } from './calendar.ts';
import {
  bitString,
  contextTag,
  elements,
  encode,
  integer,
  oid,
  sequence,
  sequenceElements,
  TAG,
} from './der.ts';
import { publicKeyDer } from './private-keys.ts';

/** The contents of a certificate. Texts are byte strings (see value.ts). */
export interface CertificateRequest {
  readonly serial: bigint;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  /** Addresses of 4 or 16 bytes. */
  readonly addresses: readonly Buffer[];
  /** In seconds since 1970. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  readonly isAuthority: boolean;
}

/** The signer of a certificate. */
export interface Issuer {
  readonly key: KeyObject;
  /** The DER of the issuer's name. */
  readonly name: Buffer;
  readonly keyId: Buffer | undefined;
}

const OID = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Returns the DER of a name that has only a common name, which may be empty. */
export function nameDer(commonName: string): Buffer {
  if (commonName === '') return sequence();
  if (!isUtf8(commonName)) return failCall('error creating certificate: asn1: string not valid UTF-8');
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName) ? TAG.printableString : TAG.utf8String;
  return sequence(encode(TAG.set, sequence(oid(OID.commonName), encode(tag, toBuffer(commonName)))));
}

/**
 * Creates a certificate for a public key (a SubjectPublicKeyInfo). Without an issuer, the certificate is self-signed.
 */
export function createCertificate(
  request: CertificateRequest,
  publicKey: Buffer,
  issuer: Issuer | { readonly key: KeyObject },
): Buffer {
  const subject = nameDer(request.commonName);
  const issuerName = 'name' in issuer ? issuer.name : subject;
  // Go omits the issuer's key ID if the names are equal.
  const authorityKeyId = 'name' in issuer && !issuerName.equals(subject) ? issuer.keyId : undefined;
  const algorithm = signatureAlgorithm(issuer.key);
  const extensions = [
    extension(OID.keyUsage, true, keyUsage(request.isAuthority)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.basicConstraints, true, basicConstraints(request.isAuthority)),
    ...(request.isAuthority
      ? [extension(OID.subjectKeyId, false, encode(TAG.octetString, keyIdOf(publicKey)))]
      : []),
    ...(authorityKeyId === undefined
      ? []
      : [extension(OID.authorityKeyId, false, sequence(encode(contextTag(0, false), authorityKeyId)))]),
    ...alternativeNames(request, subject),
  ];
  const signed = sequence(
    encode(contextTag(0), integer(2n)),
    integer(request.serial),
    algorithm.der,
    issuerName,
    sequence(timeDer(request.notBefore), timeDer(request.notAfter)),
    subject,
    publicKey,
    encode(contextTag(3), sequence(...extensions)),
  );
  return sequence(signed, algorithm.der, bitString(sign(algorithm.hash, signed, issuer.key)));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [encode(TAG.boolean, Buffer.of(0xff))] : [];
  return sequence(oid(id), ...flag, encode(TAG.octetString, value));
}

/** Digital signature and key encipherment; a CA certificate also allows certificate signing. */
function keyUsage(isAuthority: boolean): Buffer {
  return isAuthority ? bitString(Buffer.of(0xa4), 2) : bitString(Buffer.of(0xa0), 5);
}

function basicConstraints(isAuthority: boolean): Buffer {
  return isAuthority ? sequence(encode(TAG.boolean, Buffer.of(0xff))) : sequence();
}

/** Returns the key ID of RFC 7093: the first 160 bits of the SHA-256 hash of the public key. */
function keyIdOf(publicKey: Buffer): Buffer {
  const key = sequenceElements(publicKey)?.[1]?.content.subarray(1) ?? Buffer.alloc(0);
  return createHash('sha256').update(key).digest().subarray(0, 20);
}

function alternativeNames({ dnsNames, addresses }: CertificateRequest, subject: Buffer): Buffer[] {
  if (dnsNames.length === 0 && addresses.length === 0) return [];
  for (const name of dnsNames) {
    if (/[\x80-\xff]/.test(name)) {
      failCall(`error creating certificate: x509: ${quote(name)} cannot be encoded as an IA5String`);
    }
  }
  const names = [
    ...dnsNames.map((name) => encode(contextTag(2, false), toBuffer(name))),
    ...addresses.map((address) => encode(contextTag(7, false), address)),
  ];
  return [extension(OID.subjectAltName, subject.equals(sequence()), sequence(...names))];
}

function timeDer(seconds: bigint): Buffer {
  const { year, month, day, hour, minute, second } = civilOf(seconds);
  const digits = [month, day, hour, minute, second].map((part) => String(part).padStart(2, '0')).join('');
  if (year >= 1950 && year < 2050) {
    return encode(TAG.utcTime, Buffer.from(`${String(year % 100).padStart(2, '0')}${digits}Z`));
  }
  if (year < 0 || year > 9999) {
    return failCall(
      'error creating certificate: asn1: structure error: cannot represent time as GeneralizedTime',
    );
  }
  return encode(TAG.generalizedTime, Buffer.from(`${String(year).padStart(4, '0')}${digits}Z`));
}

interface SignatureAlgorithm {
  /** The hash for `sign`, or null if the algorithm includes its own. */
  readonly hash: string | null;
  readonly der: Buffer;
}

function signatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { hash: 'sha256', der: sequence(oid('1.2.840.113549.1.1.11'), encode(TAG.null)) };
    case 'ed25519':
      return { hash: null, der: sequence(oid('1.3.101.112')) };
    default:
      return ecdsaAlgorithm(key.asymmetricKeyDetails?.namedCurve);
  }
}

function ecdsaAlgorithm(curve: string | undefined): SignatureAlgorithm {
  switch (curve) {
    case 'secp224r1':
    case 'prime256v1':
      return { hash: 'sha256', der: sequence(oid('1.2.840.10045.4.3.2')) };
    case 'secp384r1':
      return { hash: 'sha384', der: sequence(oid('1.2.840.10045.4.3.3')) };
    case 'secp521r1':
      return { hash: 'sha512', der: sequence(oid('1.2.840.10045.4.3.4')) };
    default:
      return failCall('error creating certificate: x509: unsupported elliptic curve');
  }
}

/** The fields of a certificate that matter for signing with its key. */
export interface Certified {
  /** The DER of the subject. */
  readonly subject: Buffer;
  /** The SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly subjectKeyId: Buffer | undefined;
}

/** Parses a certificate. Returns null if it is invalid. */
export function readCertificate(der: Buffer): Certified | null {
  const [signed, , signature, ...rest] = sequenceElements(der) ?? [];
  if (signed === undefined || signature?.tag !== TAG.bitString || rest.length > 0) return null;
  const parts = sequenceElements(signed.whole)?.filter(({ tag }) => tag !== contextTag(0)) ?? [];
  const [, , , , subject, publicKey] = parts;
  if (subject?.tag !== TAG.sequence || publicKey?.tag !== TAG.sequence) return null;
  const extensions = parts.find(({ tag }) => tag === contextTag(3));
  const subjectKeyId = extensions === undefined ? undefined : findSubjectKeyId(extensions.content);
  return { subject: subject.whole, publicKey: publicKey.whole, subjectKeyId };
}

function findSubjectKeyId(der: Buffer): Buffer | undefined {
  for (const { whole } of sequenceElements(der) ?? []) {
    const found = sequenceElements(whole) ?? [];
    if (found[0]?.whole.equals(oid(OID.subjectKeyId)) !== true) continue;
    return elements(found.at(-1)?.content ?? Buffer.alloc(0))?.[0]?.content;
  }
  return undefined;
}

/** Whether a certificate belongs to a key. */
export function isKeyOf(key: KeyObject, { publicKey }: Certified): boolean {
  return publicKeyDer(key).equals(publicKey);
}
