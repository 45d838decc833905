/** Base64 and base32. For input that cannot be decoded, the functions return the error message, as in Sprig. */
import { CallError, define, failCall } from '../function.ts';
import { STRING } from '../value.ts';
import { fromBuffer, toBuffer } from '../buffer.ts';
import type { FunctionTable } from './table.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Decodes base64, ignoring line breaks. Fails with Go's error message. */
export function decodeBase64(text: string): string {
  const bare = text.replace(/[\r\n]/g, '');
  if (bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(bare)) {
    failCall(`illegal base64 data at input byte ${base64Fault(text)}`);
  }
  return fromBuffer(Buffer.from(bare, 'base64'));
}

/** Returns the offset at which Go detects invalid base64. */
function base64Fault(text: string): number {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text.charAt(at);
    if (byte === '\n' || byte === '\r') continue;
    if (BASE64.includes(byte)) {
      digits++;
    } else {
      return byte === '=' && digits % 4 >= 2 ? paddingFault(text, at, digits % 4) : at;
    }
  }
  return text.length - (digits % 4);
}

/** Returns the offset of the error in the padding that begins at `start`. */
function paddingFault(text: string, start: number, digits: number): number {
  const skip = (from: number): number => {
    let at = from;
    while (text[at] === '\n' || text[at] === '\r') at++;
    return at;
  };
  let at = skip(start + 1);
  if (digits === 2) {
    if (at === text.length) return at;
    if (text[at] !== '=') return at - 1;
    at = skip(at + 1);
  }
  return at;
}

function encodeBase32(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at += 5) {
    const bytes = text.slice(at, at + 5);
    const value = BigInt(`0x${toBuffer(bytes.padEnd(5, '\0')).toString('hex')}`);
    const used = Math.ceil((bytes.length * 8) / 5);
    for (let digit = 0; digit < 8; digit++) {
      const index = Number((value >> BigInt(35 - digit * 5)) & 31n);
      out += digit < used ? BASE32.charAt(index) : '=';
    }
  }
  return out;
}

function decodeBase32(text: string): string {
  const bare = text.replace(/[\r\n]/g, '');
  const corrupt = (at: number): never => failCall(`illegal base32 data at input byte ${at}`);
  let bits = 0;
  let held = 0;
  const bytes: number[] = [];
  for (let at = 0; at < bare.length; at++) {
    const place = at % 8;
    const left = bare.length - at - 1;
    if (bare[at] === '=' && place >= 2 && left < 8) {
      if (left + place < 7) corrupt(bare.length);
      const wrong = bare.slice(at + 1, at + 8 - place).search(/[^=]/);
      if (wrong !== -1) corrupt(at + wrong);
      if (place === 3 || place === 6) corrupt(at);
      return fromBuffer(Uint8Array.from(bytes));
    }
    const digit = BASE32.indexOf(bare.charAt(at));
    if (digit === -1) corrupt(at);
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  if (bare.length % 8 !== 0) corrupt(bare.length - (bare.length % 8));
  return fromBuffer(Uint8Array.from(bytes));
}

function orError(attempt: () => string): string {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof CallError) return error.message;
    throw error;
  }
}

/** Sprig's encoding functions. */
export const ENCODINGS: FunctionTable = {
  b64enc: define([STRING], STRING, ([text], run) => {
    run.allocate(Math.ceil(text.length / 3) * 4);
    return toBuffer(text).toString('base64');
  }),
  b64dec: define([STRING], STRING, ([text]) => orError(() => decodeBase64(text))),
  b32enc: define([STRING], STRING, ([text], run) => {
    run.allocate(Math.ceil(text.length / 5) * 8);
    run.step(text.length);
    return encodeBase32(text);
  }),
  b32dec: define([STRING], STRING, ([text], run) => {
    run.step(text.length);
    return orError(() => decodeBase32(text));
  }),
};
