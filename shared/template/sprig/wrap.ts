/** `wrap` and `wrapWith`, which break lines at spaces and count bytes, as `github.com/Masterminds/goutils` does. */
import type { Run } from '../function.ts';

/** Options of `wrap`. */
export interface WrapOptions {
  /** The length of a line, in bytes. */
  readonly width: bigint;
  readonly newline: string;
  /** Whether to break longer words; otherwise they exceed the width. */
  readonly breakWords: boolean;
}

/** Breaks a text into lines. */
export function wrap(text: string, { width, newline, breakWords }: WrapOptions, run: Run): string {
  const length = width < 1n ? 1 : Number(width);
  let out = '';
  let from = 0;
  const endLine = (to: number, next: number): void => {
    run.allocate(to - from + newline.length);
    out += text.slice(from, to) + newline;
    from = next;
  };
  while (text.length - from > length) {
    run.step();
    if (text[from] === ' ') {
      from++;
      continue;
    }
    const blank = text.lastIndexOf(' ', from + length);
    if (blank >= from) {
      endLine(blank, blank + 1);
    } else if (breakWords) {
      endLine(from + length, from + length);
    } else {
      const next = text.indexOf(' ', from + length);
      if (next === -1) return out + text.slice(from);
      endLine(next, next + 1);
    }
  }
  return out + text.slice(from);
}
