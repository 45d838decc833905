/**
 * `encryptAES` and `decryptAES`: AES-256 in CBC mode. The password is truncated or padded to the length of the key.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { define, failCall, impure } from '../function.ts';
import { STRING } from '../value.ts';
import { fromBuffer, toBuffer } from '../buffer.ts';
import { decodeBase64 } from './encodings.ts';
import type { FunctionTable } from './table.ts';

const ALGORITHM = 'aes-256-cbc';
const BLOCK = 16;

function keyOf(password: string): Buffer {
  const key = Buffer.alloc(32);
  toBuffer(password).copy(key);
  return key;
}

function encrypt(password: string, text: string, iv: Uint8Array): string {
  const cipher = createCipheriv(ALGORITHM, keyOf(password), iv);
  return Buffer.concat([iv, cipher.update(toBuffer(text)), cipher.final()]).toString('base64');
}

/**
 * Decrypts a message. Fails like Sprig's panic if the message is too short, and does not check the padding either.
 */
function decrypt(password: string, encoded: string): string {
  const message = toBuffer(decodeBase64(encoded));
  const capacity = Math.floor(encoded.length / 4) * 3;
  if (capacity < BLOCK) {
    return failCall(`runtime error: slice bounds out of range [:${BLOCK}] with capacity ${capacity}`);
  }
  if (message.length < BLOCK) {
    return failCall(`runtime error: slice bounds out of range [${BLOCK}:${message.length}]`);
  }
  const body = message.subarray(BLOCK);
  if (body.length % BLOCK !== 0) return failCall('crypto/cipher: input not full blocks');
  if (body.length === 0) return failCall('runtime error: index out of range [-1]');
  const cipher = createDecipheriv(ALGORITHM, keyOf(password), message.subarray(0, BLOCK)).setAutoPadding(
    false,
  );
  const text = fromBuffer(Buffer.concat([cipher.update(body), cipher.final()]));
  const end = text.length - text.charCodeAt(text.length - 1);
  return end < 0 ? failCall(`runtime error: slice bounds out of range [:${end}]`) : text.slice(0, end);
}

/** Sprig's AES functions. */
export const AES: FunctionTable = {
  encryptAES: impure(
    define([STRING, STRING], STRING, ([password, text], run) => {
      if (text === '') return '';
      run.allocate(Math.ceil((text.length + 2 * BLOCK) / 3) * 4);
      return encrypt(password, text, run.random(BLOCK));
    }),
  ),
  decryptAES: define([STRING, STRING], STRING, ([password, encoded]) => {
    return encoded === '' ? '' : decrypt(password, encoded);
  }),
};
