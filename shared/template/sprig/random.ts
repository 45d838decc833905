/** Sprig's random functions. */
import { define, failCall, type GoFunction, impure, type Run } from '../function.ts';
import { runesOf, stringOf } from '../utf8.ts';
import { INT, STRING } from '../value.ts';
import type { FunctionTable } from './table.ts';

/** Returns a uniformly distributed number from 0 up to but not including `bound`. */
export function randomBelow(bound: bigint, run: Run): bigint {
  const bits = (bound - 1n).toString(2).length;
  const size = Math.ceil(bits / 8);
  for (;;) {
    const value = BigInt(`0x${Buffer.from(run.random(size)).toString('hex')}`) & ((1n << BigInt(bits)) - 1n);
    if (value < bound) return value;
  }
}

/** Defines a function that returns a number of uniformly distributed characters of an alphabet. */
function randomText(alphabet: string): GoFunction {
  const limit = 256 - (256 % alphabet.length);
  return impure(
    define([INT], STRING, ([count], run) => {
      if (count <= 0n) return '';
      run.allocate(Number(count));
      const length = Number(count);
      let text = '';
      while (text.length < length) {
        const bytes = run.random(Math.min(length - text.length, 1024));
        run.step(bytes.length);
        // Skip bytes beyond the last whole multiple of the alphabet, which would favor its first characters.
        for (const byte of bytes) if (byte < limit) text += alphabet.charAt(byte % alphabet.length);
      }
      return text;
    }),
  );
}

/** Yields 32-bit random numbers, which are read one block at a time. */
function* words(run: Run): Generator<number, never> {
  for (;;) {
    const block = Buffer.from(run.random(1024));
    for (let at = 0; at < block.length; at += 4) yield block.readUInt32BE(at);
  }
}

function shuffle(text: string, run: Run): string {
  const runes = runesOf(text);
  const random = words(run);
  for (let last = runes.length - 1; last > 0; last--) {
    run.step(4);
    // Skip numbers beyond the last whole multiple, which would favor the first positions.
    const bound = last + 1;
    let word = random.next().value;
    while (word >= 2 ** 32 - (2 ** 32 % bound)) word = random.next().value;
    const other = word % bound;
    [runes[last], runes[other]] = [runes[other] ?? 0, runes[last] ?? 0];
  }
  return stringOf(runes);
}

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index));

/** Sprig's random functions, by name. */
export const RANDOM: FunctionTable = {
  randAlphaNum: randomText(LETTERS + DIGITS),
  randAlpha: randomText(LETTERS),
  randNumeric: randomText(DIGITS),
  randAscii: randomText(ASCII),
  randBytes: impure(
    define([INT], STRING, ([count], run) => {
      if (count < 0n) return failCall('runtime error: makeslice: len out of range');
      run.allocate(Math.ceil(Number(count) / 3) * 4);
      return Buffer.from(run.random(Number(count))).toString('base64');
    }),
  ),
  shuffle: impure(define([STRING], STRING, ([text], run) => shuffle(text, run))),
  uuidv4: impure(
    define([], STRING, (_, run) => {
      const bytes = Buffer.from(run.random(16));
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    }),
  ),
};
