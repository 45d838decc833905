/** Private keys in the PEM formats that Sprig writes and reads. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { failCall, type Run } from '../function.ts';
import { sequenceElements, TAG } from '../../x509/der-read.ts';
import { integer, sequence } from '../../x509/der.ts';
import { inspectPrivateKey, type KeyForm } from './key-bounds.ts';
import { encodePem, type PemBlock } from '../../x509/pem.ts';
import { decodePem } from './pem.ts';

/** A key that can sign certificates, or a DSA key, which cannot and is only stored. */
export type PrivateKey =
  | { readonly type: 'rsa' | 'ec' | 'ed25519'; readonly key: KeyObject }
  | { readonly type: 'dsa'; readonly der: Buffer };

/** The key types that can be generated and parsed. */
type KeyType = PrivateKey['type'];

/** Generates a key of a type that `genPrivateKey` supports, as PEM. */
export function generatePem(type: KeyType): string {
  switch (type) {
    case 'rsa':
      return privateKeyPem(generateRsa(4096));
    case 'ec':
      return privateKeyPem({ type, key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey });
    case 'ed25519':
      return privateKeyPem({ type, key: generateKeyPairSync('ed25519').privateKey });
    case 'dsa':
      return privateKeyPem({ type, der: generateDsa() });
  }
}

/** Generates an RSA key. */
export function generateRsa(modulusLength: number): PrivateKey {
  return { type: 'rsa', key: generateKeyPairSync('rsa', { modulusLength }).privateKey };
}

/** Generates a DSA key as `SEQUENCE { 0, p, q, g, y, x }`, a format that only OpenSSL defines. */
function generateDsa(): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
  const [, algorithm, x] = sequenceElements(privateKey.export({ format: 'der', type: 'pkcs8' })) ?? [];
  const [, y] = sequenceElements(publicKey.export({ format: 'der', type: 'spki' })) ?? [];
  const parameters = sequenceElements(algorithm?.whole ?? Buffer.alloc(0))?.[1];
  if (x === undefined || y === undefined || parameters === undefined) throw new Error('no DSA key was made');
  // The public number is an INTEGER in a bit string, the private one an INTEGER in an octet string.
  return sequence(integer(0n), parameters.content, y.content.subarray(1), x.content);
}

/** Formats a key as PEM, as Sprig does. */
export function privateKeyPem(key: PrivateKey): string {
  return encodePem(pemBlock(key));
}

function pemBlock(key: PrivateKey): PemBlock {
  switch (key.type) {
    case 'rsa':
      return { type: 'RSA PRIVATE KEY', der: key.key.export({ format: 'der', type: 'pkcs1' }) };
    case 'ec':
      return { type: 'EC PRIVATE KEY', der: key.key.export({ format: 'der', type: 'sec1' }) };
    case 'ed25519':
      return { type: 'PRIVATE KEY', der: key.key.export({ format: 'der', type: 'pkcs8' }) };
    case 'dsa':
      return { type: 'DSA PRIVATE KEY', der: key.der };
  }
}

/** Returns the SubjectPublicKeyInfo of a private key. */
export function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** Replaces all of Go's detailed messages about ASN.1 errors. */
const NO_KEY = 'asn1: structure error: this is no such key';

const UNKNOWN_ALGORITHM = 'x509: PKCS#8 wrapping contained private key with unknown algorithm';

/** The cost of reading and checking one key, in steps. */
const READING = 2000;

/** Parses a PEM private key. Fails with Sprig's error message. Never passes an oversized key to OpenSSL. */
export function parsePrivateKey(text: string, run: Run): PrivateKey {
  run.step(READING);
  const { type, der } = decodePem(text) ?? failCall('no PEM data in input');
  switch (type) {
    case 'PRIVATE KEY':
      return readKey(der, 'pkcs8', 'decoding PEM as PKCS#8');
    case 'RSA PRIVATE KEY':
      return readKey(der, 'pkcs1', 'parsing RSA private key from PEM');
    case 'EC PRIVATE KEY':
      return readKey(der, 'sec1', 'parsing EC private key from PEM');
    case 'DSA PRIVATE KEY':
      return isDsa(der) ? { type: 'dsa', der } : failCall(`parsing DSA private key from PEM: ${NO_KEY}`);
    default:
      return failCall(
        type.endsWith(' PRIVATE KEY')
          ? `invalid private key type ${type}`
          : `no private key data in PEM block of type ${type}`,
      );
  }
}

function readKey(der: Buffer, form: KeyForm, what: string): PrivateKey {
  const inspected = inspectPrivateKey(der, form);
  if (inspected === 'malformed') return failCall(`${what}: ${NO_KEY}`);
  if (inspected === 'unknown algorithm') return failCall(`${what}: ${UNKNOWN_ALGORITHM}`);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: 'der', type: form });
  } catch {
    return failCall(`${what}: ${NO_KEY}`);
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { type: 'rsa', key };
    case 'ec':
      return { type: 'ec', key };
    case 'ed25519':
      return { type: 'ed25519', key };
    default:
      return failCall(`${what}: ${UNKNOWN_ALGORITHM}`);
  }
}

function isDsa(der: Buffer): boolean {
  const found = sequenceElements(der) ?? [];
  return found.length === 6 && found.every(({ tag }) => tag === TAG.integer);
}
