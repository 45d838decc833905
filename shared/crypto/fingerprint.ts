import { createHash, type KeyObject } from 'node:crypto';

/**
 * `SHA256:` and the unpadded base64 of the SHA-256 hash of the key in SSH wire format, as `ssh-keygen -l` prints it.
 */
export type Fingerprint = `SHA256:${string}`;

/** Returns whether a text has the form of a fingerprint. */
export function isFingerprint(text: string): text is Fingerprint {
  return /^SHA256:[A-Za-z0-9+/]{43}$/.test(text);
}

/** Returns the fingerprint of an RSA public key (RFC 4253, section 6.6: "ssh-rsa", e, n). */
export function fingerprint(publicKey: KeyObject): Fingerprint {
  const jwk = publicKey.export({ format: 'jwk' });
  const wire = Buffer.concat([
    field(Buffer.from('ssh-rsa')),
    field(positive(Buffer.from(jwk.e ?? '', 'base64url'))),
    field(positive(Buffer.from(jwk.n ?? '', 'base64url'))),
  ]);
  return `SHA256:${createHash('sha256').update(wire).digest('base64').replace(/=+$/, '')}`;
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Encodes a positive mpint: mpints are signed, so that a leading one bit needs a zero byte before it (RFC 4251, section
 * 5).
 */
function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}
