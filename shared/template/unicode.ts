/** Classes of runes according to Unicode 15.0, the version of Go 1.26, regardless of the version that Node uses. */

/** The runes assigned after Unicode 15.0, which Go does not treat as letters, digits or printable characters. */
const LATER = `
  088f 0897 0c5c 0cdc 1acf-1add 1ae0-1aeb 1b4e-1b4f 1b7f 1c89-1c8a 20c1 2427-2429 2b96 2ffc-2fff
  31e4-31e5 31ef a7cb-a7cf a7d2 a7d4 a7da-a7dc a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 105c0-105f3
  10940-10959 10d40-10d65 10d69-10d85 10d8e-10d8f 10ec2-10ec7 10ed0-10ed8 10efa-10efc 11380-113e2
  116d0-116e3 11b60-11b67 11bc0-11bf9 11db0-11de9 11f5a 13460-143fa 16100-16139 16d40-16d79
  16ea0-16ed3 16ff2-16ff6 187f8-187ff 18cff 18d09-18df2 1cc00-1cef0 1e5d0-1e5ff 1e6c0-1e6ff 1f6d8
  1f777-1f77a 1f8b2-1f8d8 1fa54-1fa57 1fa89-1fa8a 1fa8e-1fa8f 1fabe 1fac6 1fac8 1facd 1fadc 1fadf
  1fae9-1faea 1faef 1fbcb-1fbef 1fbfa 2b73a-2b73f 2cea2-2cead 2ebf0-2ee5d 323b0-33479`
  .trim()
  .split(/\s+/)
  .map((range) => range.split('-').map((rune) => parseInt(rune, 16)))
  .map(([first = 0, last = first]) => [first, last] as const);

function isLater(rune: number): boolean {
  return LATER.some(([first, last]) => first <= rune && rune <= last);
}

/** Whether a rune matches a class in Go's version of Unicode. */
export function isIn(expression: RegExp, rune: number): boolean {
  if (rune >= 0xd800 && rune <= 0xdfff) return false;
  return expression.test(String.fromCodePoint(rune)) && !isLater(rune);
}

/** Implements Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrint(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20;
  return rune <= 0x10ffff && isIn(/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u, rune);
}

/** Implements Go's `unicode.IsLetter`. */
export function isLetter(rune: number): boolean {
  if (rune < 0x80) return (rune | 0x20) >= 0x61 && (rune | 0x20) <= 0x7a;
  return isIn(/\p{L}/u, rune);
}

/** Implements Go's `unicode.IsDigit`. */
export function isDigit(rune: number): boolean {
  if (rune < 0x80) return rune >= 0x30 && rune <= 0x39;
  return isIn(/\p{Nd}/u, rune);
}
