/**
 * Characters that parsers disagree on or that change how text is displayed: control characters, YAML 1.1 line breaks,
 * lone surrogates, invisible and bidirectional marks, and noncharacters.
 */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ODD_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const BASIC_PLANE = 0xffff;
/** Matches the escape that `JSON.stringify` writes for a lone surrogate. */
const HALF_PAIR = /\\ud[89a-f]/;

/**
 * Whether YAML must escape a character of the text. Line breaks need no escape because a block scalar can hold them.
 */
export function needsEscape(text: string): boolean {
  return ODD.test(text.includes('\n') ? text.replace(/[\n\t]/g, '') : text);
}

/** Formats a string as a double-quoted YAML scalar on one line. */
export function quoteYaml(text: string): string {
  return escapeOdd(JSON.stringify(text.toWellFormed()), (code) => `\\U${hex(code, 8)}`);
}

/**
 * Formats a value as JSON, with `indent` spaces per level. Odd characters beyond the Basic Multilingual Plane are not
 * escaped: JSON would need surrogate pairs, which YAML parsers reject, and the output must also be valid YAML.
 */
export function formatJson(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, null, indent);
  const whole = HALF_PAIR.test(text) ? JSON.stringify(value, replaceHalfPairs, indent) : text;
  return escapeOdd(whole, (code) => String.fromCodePoint(code));
}

/**
 * Escapes the odd characters that `JSON.stringify` leaves as they are. In its output they occur only inside strings.
 */
function escapeOdd(text: string, beyond: (code: number) => string): string {
  return text.replace(ODD_IN_JSON, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > BASIC_PLANE ? beyond(code) : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Replaces lone surrogates in values and keys with U+FFFD, as Go does. */
function replaceHalfPairs(_: string, field: unknown): unknown {
  if (typeof field === 'string') return field.toWellFormed();
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
  const entries = Object.entries(field) as [string, unknown][];
  if (entries.every(([key]) => key.isWellFormed())) return field;
  return Object.fromEntries(entries.map(([key, value]) => [key.toWellFormed(), value]));
}
