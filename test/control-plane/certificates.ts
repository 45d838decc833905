import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

const day = 24 * 60 * 60 * 1000;

/** The certificates and key that kube-apiserver needs for TLS and for ServiceAccount tokens, all as PEM. */
export interface ApiServerKeys {
  /** The authority that clients trust; its key is discarded. */
  caCertificate: string;
  /** The certificate for 127.0.0.1 and localhost. */
  servingCertificate: string;
  /** The key for TLS and for tokens, as by kube-apiserver's default. Each further key takes a quarter of a second. */
  key: string;
}

/** Generates keys (RSA, 2048 bits) and certificates, valid for 30 days. */
export async function makeApiServerKeys(): Promise<ApiServerKeys> {
  const key = await rsaKey();
  return { key, ...(await certifyApiServer(key)) };
}

/** Certifies the key of a kube-apiserver with a new authority. */
export async function certifyApiServer(key: string): Promise<Omit<ApiServerKeys, 'key'>> {
  const caKey = await rsaKey();
  const caName = 'test control plane CA';
  const caCertificate = certify({
    subject: caName,
    key: caKey,
    issuer: caName,
    issuerKey: caKey,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
  const servingCertificate = certify({
    subject: 'kube-apiserver',
    key,
    issuer: caName,
    issuerKey: caKey,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { caCertificate, servingCertificate };
}

/** Generates a key with node:crypto, because node-forge takes seconds where OpenSSL takes a tenth of one. */
export async function rsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return privateKey;
}

/** The content of a certificate and the key to sign it with. */
export interface CertificateRequest {
  subject: string;
  key: string;
  issuer: string;
  issuerKey: string;
  extensions: object[];
  /** By default from a day ago to 30 days from now. */
  validity?: { readonly notBefore: Date; readonly notAfter: Date } | undefined;
}

/** Issues a certificate, as PEM. */
export function certify(request: CertificateRequest): string {
  const { subject, key, issuer, issuerKey, extensions, validity } = request;
  const certificate = forge.pki.createCertificate();
  const { n, e } = forge.pki.privateKeyFromPem(key);
  certificate.publicKey = forge.pki.setRsaPublicKey(n, e);
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`; // the 01 keeps it positive
  certificate.validity.notBefore = validity?.notBefore ?? new Date(Date.now() - day);
  certificate.validity.notAfter = validity?.notAfter ?? new Date(Date.now() + 30 * day);
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
