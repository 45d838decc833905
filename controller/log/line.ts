import { escaped } from '../../shared/text.ts';

/** What pino puts before everything else: two words of our own, so nothing in them needs care. */
const LEVEL_FIRST = /^\{("level":"[A-Z]+"),("time":"[^"]+")/;

/** What moves a terminal's cursor, turns its text around or ends a line: controls, formats and separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A line of pino's as slog's JSON handler orders it: time, level, msg. JSON need not escape all that a terminal obeys;
 * here it is, which changes no value.
 */
export function jsonLine(line: string): string {
  const unseen = line.trimEnd().replace(UNSEEN, jsonEscape);
  return `${unseen.replace(LEVEL_FIRST, '{$2,$1')}\n`;
}

/** The same line as slog's text handler writes it: `time=… level=INFO msg="…" name=value`. */
export function textLine(line: string): string {
  const fields: unknown = JSON.parse(jsonLine(line));
  const words = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${quoted(String(value))}`);
  return `${words.join(' ')}\n`;
}

/** In UTF-16, as JSON has it: a character beyond the first plane is two escapes. */
function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** One word stays as it is; everything else stands in quotes, in one line. */
function quoted(text: string): string {
  const plain = escaped(text);
  return /^[^\s"=\\]+$/.test(plain) ? plain : JSON.stringify(plain);
}
