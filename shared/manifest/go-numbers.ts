/** Parses numbers as Go's YAML decoder (go.yaml.in/yaml/v2), which Kubernetes uses, does. */

const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** In this form, an underscore must be between digits. */
const BEHIND_DOT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
/** A sign after the prefix, which only Go's decoder accepts. */
const SIGN_INSIDE = /^0b(?<sign>[-+])(?<digits>[01]+)$/;
const LEADING_ZEROS = /^(?:0[xob])?0*/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Returns the number that a plain scalar represents, or undefined if the scalar is a string. */
export function goNumber(text: string): number | undefined {
  if (text.startsWith('.')) {
    return BEHIND_DOT.test(text) ? finite(Number(text.replaceAll('_', ''))) : undefined;
  }
  if (!/^[-+0-9]/.test(text)) return undefined;
  const plain = withoutUnderscores(text);
  return integerOf(plain) ?? (FLOAT.test(plain) ? finite(Number(plain)) : undefined);
}

/** Returns the integer that a scalar represents, or undefined if it is not an integer or does not fit in 64 bits. */
export function goInteger(text: string): number | undefined {
  return integerOf(withoutUnderscores(text));
}

function integerOf(plain: string): number | undefined {
  const { sign: inner, digits: bits } = SIGN_INSIDE.exec(plain)?.groups ?? {};
  if (inner !== undefined && bits !== undefined) return integerOf(`${inner}0b${bits}`);
  if (!INTEGER.test(plain)) return undefined;
  const sign = /^[-+]/.exec(plain)?.[0] ?? '';
  const digits = plain.slice(sign.length).toLowerCase();
  // A leading zero means base 8. `08` is not valid in base 8, so it is a float.
  const isOctal = /^0[0-9]/.test(digits);
  if (isOctal && /[89]/.test(digits)) return undefined;
  // Converting many digits is slow, and a 64-bit integer has at most 64 digits in any base.
  if (digits.replace(LEADING_ZEROS, '').length > 64) return undefined;
  const size = BigInt(isOctal ? `0o${digits}` : digits);
  const max = sign === '' ? MAX_UINT64 : sign === '-' ? MAX_INT64 + 1n : MAX_INT64;
  if (size > max) return undefined;
  return Number(sign === '-' ? -size : size);
}

function withoutUnderscores(text: string): string {
  return text.includes('_') ? text.replaceAll('_', '') : text;
}

/** Go's ParseFloat fails if the number is too large. */
function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

const DECIMAL = /^(?:0|-?[1-9][0-9]{0,17})$/;
const FRACTION = /^-?(?:0|[1-9][0-9]{0,5})\.[0-9]{0,5}[1-9]$/;
const MAX_DIGITS = 6;
const SMALLEST = 1e-4;

/**
 * Whether a number used as a map key stands for its own text. Kubernetes formats integers in base 10 and fractions in
 * the shortest form for 32 bits. Up to six digits, that is the original text for `8080` and `1.5`, but not for `0x10`
 * or `1.50`.
 */
export function isCanonicalKey(text: string): boolean {
  if (DECIMAL.test(text)) return true;
  if (!FRACTION.test(text)) return false;
  return text.replace(/[-.]/g, '').length <= MAX_DIGITS && Math.abs(Number(text)) >= SMALLEST;
}
