import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

const day = 24 * 60 * 60 * 1000;

/** What a kube-apiserver needs to be trusted and to sign ServiceAccount tokens, all PEM. */
export interface ApiServerKeys {
  /** The authority that clients trust; its key is thrown away. */
  caCertificate: string;
  /** For 127.0.0.1 and localhost. */
  servingCertificate: string;
  /** For TLS and for tokens, as kube-apiserver does by default: each further key is a quarter of a second. */
  key: string;
}

/** Makes new keys (RSA, 2048 bits) and certificates, valid for 30 days. */
export async function makeApiServerKeys(): Promise<ApiServerKeys> {
  const [caKey, key] = await Promise.all([rsaKey(), rsaKey()]);
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
  return { caCertificate, servingCertificate, key };
}

/** By node:crypto, because node-forge needs seconds for a key that OpenSSL makes in a tenth of one. */
export async function rsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return privateKey;
}

export interface CertificateRequest {
  subject: string;
  key: string;
  issuer: string;
  issuerKey: string;
  extensions: object[];
  /** From a day ago to 30 days from now by default. */
  validity?: { readonly notBefore: Date; readonly notAfter: Date } | undefined;
}

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
