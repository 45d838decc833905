import { createPublicKey, generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { asn1 as Asn1, pki as Pki } from 'node-forge';

// Public in node-forge, but missing from its type declarations.
declare module 'node-forge' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the declarations that this one joins use it
  namespace pki {
    function getTBSCertificate(certificate: Pki.Certificate): Asn1.Asn1;
  }
}

/** A new sealing key as stored in its Secret: a PKCS#1 key and a self-signed certificate, both PEM. */
export interface KeyPairPem {
  readonly privateKey: string;
  readonly certificate: string;
}

/** The properties of a new sealing key. */
export interface KeyPairOptions {
  /** The size of the modulus, in bits. */
  readonly bits: number;
  /** The common name of the certificate's subject; may be empty. */
  readonly commonName: string;
  readonly notBefore: Date;
  /** How long the certificate is valid, in ms. */
  readonly validity: number;
}

/** Generates an RSA key and its certificate off the main thread. Takes up to a few seconds for 4096 bits. */
export async function makeKeyPair(options: KeyPairOptions): Promise<KeyPairPem> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: options.bits });
  return {
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    certificate: await selfSign(privateKey, options),
  };
}

/** Makes a self-signed certificate, PEM, as the reference does: random 128-bit serial, CA, key usage encipherOnly. */
export async function selfSign(
  privateKey: KeyObject,
  options: Omit<KeyPairOptions, 'bits'>,
): Promise<string> {
  // node-forge only builds the X.509 structure. It is loaded lazily, since few runs make a key.
  const { default: forge } = await import('node-forge');
  const { pki, asn1 } = forge;
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicPem);
  certificate.serialNumber = positiveSerial();
  certificate.validity.notBefore = options.notBefore;
  certificate.validity.notAfter = new Date(options.notBefore.getTime() + options.validity);
  const subject = options.commonName === '' ? [] : [{ shortName: 'CN', value: options.commonName }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true },
    { name: 'keyUsage', critical: true, encipherOnly: true },
  ]);

  const sha256WithRsa = pki.oids['sha256WithRSAEncryption'] ?? '';
  certificate.siginfo.algorithmOid = sha256WithRsa;
  certificate.signatureOid = sha256WithRsa;
  const tbs = pki.getTBSCertificate(certificate);
  certificate.tbsCertificate = tbs;
  const der = Buffer.from(asn1.toDer(tbs).getBytes(), 'binary');
  certificate.signature = sign('sha256', der, privateKey).toString('binary');
  return pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

/** Returns 16 random bytes, in hex, that are a positive DER INTEGER (RFC 5280, section 4.1.2.2). */
function positiveSerial(): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial.toString('hex');
}
