/** bcrypt, as `golang.org/x/crypto/bcrypt` makes it: version 2a. */
import { Blowfish } from './blowfish.ts';

/** 2 to this many rounds. */
const COST = 10;
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const SALT_SIZE = 16;
/** Longer passwords would be cut, so they are refused. */
export const MAX_PASSWORD = 72;

/** Hashes a password of at most 72 bytes with 16 bytes of salt. */
export function bcrypt(password: Uint8Array, salt: Uint8Array): string {
  const key = Buffer.concat([password, Buffer.alloc(1)]);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let round = 0; round < 2 ** COST; round++) {
    cipher.expand(key);
    cipher.expand(salt);
  }
  const hash = Buffer.from('OrpheanBeholderScryDoubt', 'latin1');
  for (let at = 0; at < hash.length; at += 8) {
    const block = Int32Array.of(hash.readInt32BE(at), hash.readInt32BE(at + 4));
    for (let round = 0; round < 64; round++) cipher.encrypt(block);
    hash.writeInt32BE(block[0] ?? 0, at);
    hash.writeInt32BE(block[1] ?? 0, at + 4);
  }
  // The last byte has always been left out.
  return `$2a$${COST}$${encode(salt)}${encode(hash.subarray(0, 23))}`;
}

/** Base64 with bcrypt's own alphabet, without padding. */
function encode(bytes: Uint8Array): string {
  const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const text = Buffer.from(bytes).toString('base64').replaceAll('=', '');
  return text.replace(/./g, (digit) => ALPHABET.charAt(standard.indexOf(digit)));
}
