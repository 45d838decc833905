/**
 * Characters that readers disagree on, or that change how a text looks: controls, line breaks of YAML 1.1, halves of
 * surrogate pairs, marks that no reader shows or that turn text around, and code points that are no characters.
 */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ODD_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const BASIC_PLANE = 0xffff;
/** `JSON.stringify` escapes them. */
const HALF_PAIR = /\\ud[89a-f]/;

/** Whether YAML needs an escape for a character of the text. Line breaks need none: a block of lines holds them. */
export function needsEscape(text: string): boolean {
  return ODD.test(text.includes('\n') ? text.replace(/[\n\t]/g, '') : text);
}

/** A string in the double quotes of YAML, on one line. */
export function quoteYaml(text: string): string {
  return escapeOdd(JSON.stringify(text.toWellFormed()), (code) => `\\U${hex(code, 8)}`);
}

/**
 * A value as JSON, with `indent` spaces a level. Beyond the Basic Multilingual Plane, JSON has surrogate pairs alone,
 * which YAML readers refuse, so odd characters stay there: the text is YAML too.
 */
export function formatJson(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, null, indent);
  const whole = HALF_PAIR.test(text) ? JSON.stringify(value, replaceHalfPairs, indent) : text;
  return escapeOdd(whole, (code) => String.fromCodePoint(code));
}

/** Escapes what `JSON.stringify` leaves; in its texts such characters stand inside quotes only. */
function escapeOdd(text: string, beyond: (code: number) => string): string {
  return text.replace(ODD_IN_JSON, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > BASIC_PLANE ? beyond(code) : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Half of a surrogate pair becomes the replacement character, as in Go; keys too. */
function replaceHalfPairs(_: string, field: unknown): unknown {
  if (typeof field === 'string') return field.toWellFormed();
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
  const entries = Object.entries(field) as [string, unknown][];
  if (entries.every(([key]) => key.isWellFormed())) return field;
  return Object.fromEntries(entries.map(([key, value]) => [key.toWellFormed(), value]));
}
