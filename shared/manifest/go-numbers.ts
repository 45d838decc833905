/** Numbers as Go's YAML decoder (go.yaml.in/yaml/v2), which Kubernetes uses, reads them. */

const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Here, an underscore has to stand between digits. */
const BEHIND_DOT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
/** A sign behind the prefix, which only that decoder takes. */
const SIGN_INSIDE = /^0b(?<sign>[-+])(?<digits>[01]+)$/;
const LEADING_ZEROS = /^(?:0[xob])?0*/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** The number that a plain scalar is, or undefined where it is a string. */
export function goNumber(text: string): number | undefined {
  if (text.startsWith('.')) {
    return BEHIND_DOT.test(text) ? finite(Number(text.replaceAll('_', ''))) : undefined;
  }
  if (!/^[-+0-9]/.test(text)) return undefined;
  const plain = withoutUnderscores(text);
  return integerOf(plain) ?? (FLOAT.test(plain) ? finite(Number(plain)) : undefined);
}

/** The integer that a scalar is, where it fits in 64 bits; undefined for anything else. */
export function goInteger(text: string): number | undefined {
  return integerOf(withoutUnderscores(text));
}

function integerOf(plain: string): number | undefined {
  const { sign: inner, digits: bits } = SIGN_INSIDE.exec(plain)?.groups ?? {};
  if (inner !== undefined && bits !== undefined) return integerOf(`${inner}0b${bits}`);
  if (!INTEGER.test(plain)) return undefined;
  const sign = /^[-+]/.exec(plain)?.[0] ?? '';
  const digits = plain.slice(sign.length).toLowerCase();
  // A zero in front means base 8, in which 08 is none; that is a float.
  const isOctal = /^0[0-9]/.test(digits);
  if (isOctal && /[89]/.test(digits)) return undefined;
  // Many digits take long to convert; 64 bits have no more than 64 in any base.
  if (digits.replace(LEADING_ZEROS, '').length > 64) return undefined;
  const size = BigInt(isOctal ? `0o${digits}` : digits);
  const max = sign === '' ? MAX_UINT64 : sign === '-' ? MAX_INT64 + 1n : MAX_INT64;
  if (size > max) return undefined;
  return Number(sign === '-' ? -size : size);
}

function withoutUnderscores(text: string): string {
  return text.includes('_') ? text.replaceAll('_', '') : text;
}

/** Go's ParseFloat fails where the number is too large. */
function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

const DECIMAL = /^(?:0|-?[1-9][0-9]{0,17})$/;
const FRACTION = /^-?(?:0|[1-9][0-9]{0,5})\.[0-9]{0,5}[1-9]$/;
const MAX_DIGITS = 6;
const SMALLEST = 1e-4;

/**
 * Whether a number that is the key of a map stands for its own text. Kubernetes writes integers in base 10 and fractions
 * in the shortest form for 32 bits, which is the same text up to six digits: `8080` and `1.5`, but not `0x10` or `1.50`.
 */
export function isCanonicalKey(text: string): boolean {
  if (DECIMAL.test(text)) return true;
  if (!FRACTION.test(text)) return false;
  return text.replace(/[-.]/g, '').length <= MAX_DIGITS && Math.abs(Number(text)) >= SMALLEST;
}
