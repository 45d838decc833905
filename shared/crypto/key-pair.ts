import { createPublicKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import {
  basicConstraints,
  extension,
  nameDer,
  RSA_SHA256,
  signCertificate,
  type TimeOfDate,
} from '../x509/certificate.ts';
import { bitString } from '../x509/der.ts';
import { encodePem } from '../x509/pem.ts';

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
    certificate: selfSign(privateKey, options),
  };
}

/**
 * Makes a self-signed certificate for an RSA key, PEM, as the reference does: random 128-bit serial, CA, key usage
 * encipherOnly.
 */
export function selfSign(privateKey: KeyObject, options: Omit<KeyPairOptions, 'bits'>): string {
  const { commonName, notBefore, validity } = options;
  const name = nameDer(Buffer.from(commonName));
  const der = signCertificate(
    {
      serial: positiveSerial(),
      issuer: name,
      notBefore: timeOf(notBefore),
      notAfter: timeOf(new Date(notBefore.getTime() + validity)),
      subject: name,
      publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
      extensions: [
        extension(BASIC_CONSTRAINTS, true, basicConstraints(true)),
        extension(KEY_USAGE, true, bitString(ENCIPHER_ONLY)),
      ],
    },
    privateKey,
    RSA_SHA256,
  );
  return encodePem({ type: 'CERTIFICATE', der });
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
/** The bits of the key usage, with `encipherOnly` alone. */
const ENCIPHER_ONLY = Buffer.of(0x01);

function timeOf(date: Date): TimeOfDate {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Returns 16 random bytes as a positive number whose DER has 16 bytes as well (RFC 5280, section 4.1.2.2). */
function positiveSerial(): bigint {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return BigInt(`0x${serial.toString('hex')}`);
}
