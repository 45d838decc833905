/** `genPrivateKey`, `genCA`, `genSignedCert` and similar functions, and `buildCustomCert`. */
import { X509Certificate } from 'node:crypto';
import { encodePem } from '../../x509/pem.ts';
import { CallError, define, failCall, impure, type Run } from '../function.ts';
import { sprintf } from '../format.ts';
import { INT, int, LIST, type Slice, STRING, Struct, type Type, type Value } from '../value.ts';
import { parseAddress } from './address.ts';
import { decodeBase64 } from './encodings.ts';
import { checkCertificateSize, isSafePublicKey } from './key-bounds.ts';
import { decodePem } from './pem.ts';
import {
  generatePem,
  generateRsa,
  parsePrivateKey,
  type PrivateKey,
  privateKeyPem,
  publicKeyDer,
} from './private-keys.ts';
import type { FunctionTable } from './table.ts';
import {
  type Certified,
  type CertificateRequest,
  createCertificate,
  isKeyOf,
  type Issuer,
  readCertificate,
} from './x509.ts';

const CERTIFICATE: Type<Certificate> = {
  name: 'sprig.certificate',
  kind: 'struct',
  holds: (value: Value): value is Certificate => value instanceof Certificate,
};

/** A certificate and its private key, both as PEM. */
class Certificate extends Struct {
  readonly type = CERTIFICATE;
  readonly cert: string;
  readonly key: string;

  constructor(cert: string, key: string) {
    super();
    this.cert = cert;
    this.key = key;
  }

  override equals(other: Struct): boolean {
    return other instanceof Certificate && this.cert === other.cert && this.key === other.key;
  }

  override fields(): readonly (readonly [string, Value])[] {
    return [
      ['Cert', this.cert],
      ['Key', this.key],
    ];
  }
}

const KEY_TYPES = new Map<string, PrivateKey['type']>([
  ['', 'rsa'],
  ['rsa', 'rsa'],
  ['dsa', 'dsa'],
  ['ecdsa', 'ec'],
  ['ed25519', 'ed25519'],
]);

/** Returns the key to certify: the one that the template provides, or undefined for a new key. */
function keyFrom(pem: string | undefined, run: Run): PrivateKey | undefined {
  return pem === undefined ? undefined : inWords('parsing private key', () => parsePrivateKey(pem, run));
}

/** Prefixes the error of an attempt. */
function inWords<T>(words: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return failCall(`${words}: ${error.message}`);
  }
}

const SECONDS_OF_DAY = 86_400n;
const NANOSECONDS = 1_000_000_000n;

interface Wanted {
  readonly commonName: string;
  readonly days: bigint;
  readonly addresses: Slice;
  readonly dnsNames: Slice;
  readonly isAuthority: boolean;
}

function requestFor(
  { commonName, days, addresses, dnsNames, isAuthority }: Wanted,
  run: Run,
): CertificateRequest {
  const notBefore = BigInt(Math.floor(run.now() / 1000));
  return {
    addresses: addresses.items.map((address) => addressBytes(address, run)),
    dnsNames: dnsNames.items.map((name) => {
      if (typeof name === 'string') return name;
      return failCall(sprintf('error processing alternate dns name: %v is not a string', [name], run));
    }),
    serial: BigInt(`0x${Buffer.from(run.random(16)).toString('hex')}`),
    commonName,
    notBefore,
    // Go's durations are 64-bit nanoseconds that overflow.
    notAfter: notBefore + int(days * SECONDS_OF_DAY * NANOSECONDS) / NANOSECONDS,
    isAuthority,
  };
}

function addressBytes(address: Value, run: Run): Buffer {
  if (typeof address !== 'string') {
    return failCall(sprintf('error parsing ip: %v is not a string', [address], run));
  }
  try {
    const { bytes, zone } = parseAddress(address);
    if (zone === '') return shortened(Buffer.from(bytes));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
  return failCall(`error parsing ip: ${address}`);
}

/** Shortens an IPv4-mapped IPv6 address to 4 bytes. */
function shortened(bytes: Buffer): Buffer {
  const mapped =
    bytes.length === 16 && bytes.subarray(0, 12).equals(Buffer.from(`${'00'.repeat(10)}ffff`, 'hex'));
  return mapped ? bytes.subarray(12) : bytes;
}

interface ToCertify {
  readonly request: CertificateRequest;
  /** The key that the template provides; undefined for a new one. */
  readonly privateKey: PrivateKey | undefined;
  /** Undefined for a certificate that its own key signs. */
  readonly issuer: Issuer | undefined;
}

/** Creates a certificate, and the key if there is none yet. This is the only slow part. */
function certify({ request, privateKey, issuer }: ToCertify, run: Run): Certificate {
  return run.costly(() => {
    const key = privateKey ?? generateRsa(2048);
    if (key.type === 'dsa') {
      return failCall(
        issuer === undefined
          ? 'error creating certificate: x509: certificate private key does not implement crypto.Signer'
          : 'error creating certificate: x509: unsupported public key type: *dsa.PublicKey',
      );
    }
    const der = createCertificate(request, publicKeyDer(key.key), issuer ?? { key: key.key });
    return new Certificate(encodePem({ type: 'CERTIFICATE', der }), privateKeyPem(key));
  });
}

/** Returns an issuer. Fails with Sprig's error message if the certificate and its key cannot sign. */
function issuerFrom({ cert, key }: Certificate, run: Run): Issuer {
  const block = decodePem(cert) ?? failCall('unable to decode certificate');
  const certified = certifiedFrom(block.der);
  const signer = inWords('error parsing private key', () => parsePrivateKey(key, run));
  if (signer.type === 'dsa') {
    return failCall(
      'error creating certificate: x509: certificate private key does not implement crypto.Signer',
    );
  }
  if (!isKeyOf(signer.key, certified)) {
    return failCall("error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  return { key: signer.key, name: certified.subject, keyId: certified.subjectKeyId };
}

function certifiedFrom(der: Buffer): Certified {
  const fail = (): never =>
    failCall('error parsing certificate: decodedCert.Bytes: x509: malformed certificate');
  checkCertificateSize(der);
  const certified = readCertificate(der);
  if (certified === null || !isSafePublicKey(certified.publicKey)) return fail();
  try {
    new X509Certificate(der);
  } catch {
    return fail();
  }
  return certified;
}

function selfSigned(wanted: Wanted, pem: string | undefined, run: Run): Certificate {
  const privateKey = keyFrom(pem, run);
  return certify({ request: requestFor(wanted, run), privateKey, issuer: undefined }, run);
}

function signed(
  wanted: Wanted,
  { authority, pem }: { readonly authority: Certificate; readonly pem?: string },
  run: Run,
): Certificate {
  const privateKey = keyFrom(pem, run);
  const issuer = issuerFrom(authority, run);
  return certify({ request: requestFor(wanted, run), privateKey, issuer }, run);
}

function authority(commonName: string, days: bigint): Wanted {
  return { commonName, days, addresses: LIST.nil, dnsNames: LIST.nil, isAuthority: true };
}

function leaf(wanted: Omit<Wanted, 'isAuthority'>): Wanted {
  return { ...wanted, isAuthority: false };
}

/** Returns a certificate and a key that the template provides, both as base64-encoded PEM. */
function custom(encodedCert: string, encodedKey: string, run: Run): Certificate {
  const cert = decoded(encodedCert, 'certificate');
  const key = decoded(encodedKey, 'private key');
  const block = decodePem(cert) ?? failCall('unable to decode certificate');
  certifiedFrom(block.der);
  inWords('error parsing private key', () => parsePrivateKey(key, run));
  return new Certificate(cert, key);
}

function decoded(text: string, what: string): string {
  try {
    return decodeBase64(text);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return failCall(`unable to decode base64 ${what}`);
  }
}

/** Sprig's certificate functions. */
export const CERTIFICATES: FunctionTable = {
  genPrivateKey: impure(
    define([STRING], STRING, ([name], run) => {
      const type = KEY_TYPES.get(name);
      if (type === undefined) return `Unknown type ${name}`;
      run.markImpure();
      return run.costly(() => generatePem(type));
    }),
  ),
  genCA: impure(
    define([STRING, INT], CERTIFICATE, ([name, days], run) =>
      selfSigned(authority(name, days), undefined, run),
    ),
  ),
  genCAWithKey: impure(
    define([STRING, INT, STRING], CERTIFICATE, ([name, days, key], run) => {
      return selfSigned(authority(name, days), key, run);
    }),
  ),
  genSelfSignedCert: impure(
    define([STRING, LIST, LIST, INT], CERTIFICATE, ([commonName, addresses, dnsNames, days], run) => {
      return selfSigned(leaf({ commonName, addresses, dnsNames, days }), undefined, run);
    }),
  ),
  genSelfSignedCertWithKey: impure(
    define(
      [STRING, LIST, LIST, INT, STRING],
      CERTIFICATE,
      ([commonName, addresses, dnsNames, days, key], run) => {
        return selfSigned(leaf({ commonName, addresses, dnsNames, days }), key, run);
      },
    ),
  ),
  genSignedCert: impure(
    define(
      [STRING, LIST, LIST, INT, CERTIFICATE],
      CERTIFICATE,
      ([commonName, addresses, dnsNames, days, issuer], run) => {
        return signed(leaf({ commonName, addresses, dnsNames, days }), { authority: issuer }, run);
      },
    ),
  ),
  genSignedCertWithKey: impure(
    define(
      [STRING, LIST, LIST, INT, CERTIFICATE, STRING],
      CERTIFICATE,
      ([commonName, addresses, dnsNames, days, issuer, key], run) => {
        return signed(leaf({ commonName, addresses, dnsNames, days }), { authority: issuer, pem: key }, run);
      },
    ),
  ),
  buildCustomCert: define([STRING, STRING], CERTIFICATE, ([cert, key], run) => custom(cert, key, run)),
};
