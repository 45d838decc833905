import { base64Text, concatBytes, utf8Bytes } from '../bytes.ts';

/**
 * `SHA256:` and the unpadded base64 of the SHA-256 hash of the key in SSH wire format, as `ssh-keygen -l` prints it.
 */
export type Fingerprint = `SHA256:${string}`;

/** Returns whether a text has the form of a fingerprint. */
export function isFingerprint(text: string): text is Fingerprint {
  return /^SHA256:[A-Za-z0-9+/]{43}$/.test(text);
}

/** Returns the fingerprint of a key from the SHA-256 hash of its SSH wire format. */
export function formatFingerprint(hash: Uint8Array): Fingerprint {
  return `SHA256:${base64Text(hash).replace(/=+$/, '')}`;
}

/**
 * Returns an RSA public key in SSH wire format (RFC 4253, section 6.6: "ssh-rsa", e, n).
 *
 * @param exponent big-endian, without leading zeros, as the modulus is
 */
export function sshWireFormat(exponent: Uint8Array, modulus: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([field(utf8Bytes('ssh-rsa')), field(positive(exponent)), field(positive(modulus))]);
}

function field(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concatBytes([Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), bytes]);
}

/**
 * Encodes a positive mpint: mpints are signed, so that a leading one bit needs a zero byte before it (RFC 4251, section
 * 5).
 */
function positive(bytes: Uint8Array): Uint8Array {
  return (bytes[0] ?? 0) & 0x80 ? concatBytes([Uint8Array.of(0), bytes]) : bytes;
}
