/** Creates the certificates that Go's `x509.CreateCertificate` creates for Sprig. */
import { createHash, type KeyObject } from 'node:crypto';
import {
  basicConstraints,
  extension,
  nameDer,
  signatureAlgorithm,
  signCertificate,
} from '../../x509/certificate.ts';
import { contextTag, elements, sequenceElements, TAG } from '../../x509/der-read.ts';
import { bitString, encode, oid, sequence } from '../../x509/der.ts';
import { failCall } from '../function.ts';
import { quote } from '../quote.ts';
import { toBuffer } from '../buffer.ts';
import { isUtf8 } from '../utf8.ts';
import { civilOf, type Civil } from './calendar.ts';
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
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

function subjectDer(commonName: string): Buffer {
  if (!isUtf8(commonName)) return failCall('error creating certificate: asn1: string not valid UTF-8');
  return nameDer(toBuffer(commonName));
}

/**
 * Creates a certificate for a public key (a SubjectPublicKeyInfo). Without an issuer, the certificate is self-signed.
 */
export function createCertificate(
  request: CertificateRequest,
  publicKey: Buffer,
  issuer: Issuer | { readonly key: KeyObject },
): Buffer {
  const subject = subjectDer(request.commonName);
  const issuerName = 'name' in issuer ? issuer.name : subject;
  // Go omits the issuer's key ID if the names are equal.
  const authorityKeyId = 'name' in issuer && !issuerName.equals(subject) ? issuer.keyId : undefined;
  const algorithm =
    signatureAlgorithm(issuer.key) ??
    failCall('error creating certificate: x509: unsupported elliptic curve');
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
  const notBefore = timeOf(request.notBefore);
  const notAfter = timeOf(request.notAfter);
  const { serial } = request;
  return signCertificate(
    { serial, issuer: issuerName, notBefore, notAfter, subject, publicKey, extensions },
    issuer.key,
    algorithm,
  );
}

/** Digital signature and key encipherment; a CA certificate also allows certificate signing. */
function keyUsage(isAuthority: boolean): Buffer {
  return isAuthority ? bitString(Buffer.of(0xa4), 2) : bitString(Buffer.of(0xa0), 5);
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

/** Returns the date and time. Fails as Go does for years that DER cannot hold. */
function timeOf(seconds: bigint): Civil {
  const civil = civilOf(seconds);
  if (civil.year >= 0 && civil.year <= 9999) return civil;
  return failCall(
    'error creating certificate: asn1: structure error: cannot represent time as GeneralizedTime',
  );
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
