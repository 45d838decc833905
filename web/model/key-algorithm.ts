import { concatBytes } from '../../shared/bytes.ts';
import { hexText, sequenceElements, TAG } from '../../shared/x509/der-read.ts';

type Der = Uint8Array<ArrayBuffer>;

/** The algorithm of a key. Identifiers are compared as hexadecimal digits of their content. */
export interface KeyAlgorithm {
  readonly type: string;
  /** The curve of an elliptic key; empty for other keys. */
  readonly parameters: string;
  /** The AlgorithmIdentifier in DER. */
  readonly identifier: Der;
}

const RSA = '2a864886f70d010101';
const ELLIPTIC = '2a8648ce3d0201';
const ED25519 = '2b6570';

const CURVES: ReadonlyMap<string, string> = new Map([
  ['2a8648ce3d030107', 'P-256'],
  ['2b81040022', 'P-384'],
  ['2b81040023', 'P-521'],
]);

/** Returns the algorithm of a SubjectPublicKeyInfo or a PKCS#8 PrivateKeyInfo; undefined for other DER. */
export function algorithmOf(key: Der): KeyAlgorithm | undefined {
  const identifier = (sequenceElements(key) ?? []).find(({ tag }) => tag === TAG.sequence);
  const [id, parameters] = identifier ? (sequenceElements(identifier.whole) ?? []) : [];
  if (!identifier || id?.tag !== TAG.oid) return undefined;
  return {
    type: hexText(id.content),
    parameters: parameters?.tag === TAG.oid ? hexText(parameters.content) : '',
    identifier: identifier.whole,
  };
}

/** How WebCrypto imports a key and signs with it. It ignores what its kind of key does not use. */
export interface SigningAlgorithm {
  readonly name: string;
  readonly hash: string;
  readonly namedCurve: string;
}

/** Returns how WebCrypto signs with a key; undefined if it cannot. */
export function signingAlgorithm({ type, parameters }: KeyAlgorithm): SigningAlgorithm | undefined {
  const namedCurve = CURVES.get(parameters) ?? '';
  if (type === RSA) return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', namedCurve };
  if (type === ELLIPTIC && namedCurve !== '') return { name: 'ECDSA', hash: 'SHA-256', namedCurve };
  return type === ED25519 ? { name: 'Ed25519', hash: 'SHA-256', namedCurve } : undefined;
}

/** `rsaEncryption` with its NULL, as an AlgorithmIdentifier (RFC 8017, appendix A.1). */
const RSA_IDENTIFIER = Uint8Array.of(
  ...[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
);
const VERSION = Uint8Array.of(TAG.integer, 1, 0);

/**
 * Returns a private key as a PKCS#8 PrivateKeyInfo (RFC 5208, section 5); undefined if it is no DER.
 *
 * @param type the PEM type: `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`
 * @param certified the AlgorithmIdentifier in the certificate, for a key that does not name its curve
 */
export function privateKeyInfo(der: Der, type: string, certified: Der | undefined): Der | undefined {
  if (sequenceElements(der) === null) return undefined;
  if (type === 'PRIVATE KEY') return algorithmOf(der) && der;
  const identifier = type === 'RSA PRIVATE KEY' ? RSA_IDENTIFIER : (ellipticIdentifier(der) ?? certified);
  if (identifier === undefined) return undefined;
  return element(TAG.sequence, VERSION, identifier, element(TAG.octetString, der));
}

/** The tag of the curve in an ECPrivateKey (RFC 5915, section 3). */
const CURVE_TAG = 0xa0;
const ELLIPTIC_OID = Uint8Array.of(TAG.oid, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);

/** Returns the AlgorithmIdentifier of an ECPrivateKey; undefined if it does not name its curve. */
function ellipticIdentifier(der: Der): Der | undefined {
  const curve = sequenceElements(der)?.find(({ tag }) => tag === CURVE_TAG);
  return curve && element(TAG.sequence, ELLIPTIC_OID, curve.content);
}

/** Encodes an element of at most 64 KiB in DER. */
function element(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = concatBytes(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes([Uint8Array.of(tag, ...size), content]);
}
