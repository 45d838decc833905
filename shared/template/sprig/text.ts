/** Converts values to text as Sprig's string functions do. */
import { failCall, type Run } from '../function.ts';
import { sprintf } from '../format.ts';
import { fromBuffer } from '../buffer.ts';
import { BYTES, Integer, Slice, Struct, type Value } from '../value.ts';

/** Implements `toString`: returns a string unchanged, and any other value as printed. */
export function textFrom(value: Value, run: Run): string {
  if (typeof value === 'string') return value;
  if (value instanceof Slice && BYTES.holds(value)) {
    return fromBuffer(Buffer.from(value.items.map((byte) => Number(byte.value))));
  }
  if (value instanceof Integer || value instanceof Struct) return value.text() ?? sprintf('%v', [value], run);
  return sprintf('%v', [value], run);
}

/** Implements `toStrings`: returns each element except nil as text, or the value itself if it is not a list. */
export function textsFrom(value: Value, run: Run): readonly string[] {
  if (!(value instanceof Slice)) return value === null ? [] : [textFrom(value, run)];
  run.allocate(16 * value.items.length);
  return value.items.filter((item) => item !== null).map((item) => textFrom(item, run));
}

/** Returns part of a string, like Go's `text[start:end]`; either bound may be omitted. Fails like Go's panic. */
export function slice(text: string, start: bigint | undefined, end: bigint | undefined): string {
  const length = BigInt(text.length);
  const to = end ?? length;

  if (to < 0n || to > length) {
    const words = to < 0n ? `[:${to}]` : `[:${to}] with length ${length}`;
    return failCall(`runtime error: slice bounds out of range ${words}`);
  }
  const from = start ?? 0n;
  if (from < 0n) return failCall(`runtime error: slice bounds out of range [${from}:]`);
  if (from > to) return failCall(`runtime error: slice bounds out of range [${from}:${to}]`);
  return text.slice(Number(from), Number(to));
}

/** Implements Go's `strings.Repeat`. */
export function repeat(text: string, count: bigint, run: Run): string {
  if (count < 0n) return failCall('strings: negative Repeat count');
  run.allocate(text.length * Number(count));
  return text.repeat(text === '' ? 0 : Number(count));
}

/** The cost of searching for a shorter text is negligible. */
const SHORT_PART = 64;

/**
 * Charges for a search, which cannot be interrupted. In the worst case, it compares each byte of the part at each
 * position.
 */
export function searching(text: string, part: string, run: Run): void {
  if (part.length > SHORT_PART) run.step(Math.floor((text.length * part.length) / 512));
}

/** Returns how often a text occurs in another one, without overlaps. */
export function countOf(text: string, part: string, run: Run): number {
  searching(text, part, run);
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
