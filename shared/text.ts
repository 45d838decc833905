// Makes untrusted text safe to show: without effect on a terminal, and of bounded length.

/** The longest text that a message quotes, such as a name, path, or reason. In UTF-16 units, before escaping. */
export const MAX_QUOTED = 300;

/** The longest message of a condition or an event; the API server refuses longer events. In UTF-16 units. */
export const MAX_MESSAGE = 1024;

/** The most text in all fields of a log line together. In UTF-16 units, before quoting. */
export const MAX_LOGGED = 4096;

/** The longest description of a failure in a log line, which leaves room for other fields. In UTF-16 units. */
export const MAX_DESCRIBED = 3072;

/** The longest line that kubeseal prints to stderr, where long lists are useful. In UTF-16 units. */
export const MAX_PRINTED = 16_384;

/** The most names of a list in a message. */
const MAX_LISTED = 10;

/** Returns at most `max` UTF-16 units. Cuts a longer text between two characters and adds an ellipsis. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = Math.max(0, max - 1);
  // Do not split a surrogate pair.
  const isSplit = /^[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]$/.test(text.charAt(end - 1));
  return `${text.slice(0, isSplit ? end - 1 : end)}…`;
}

/** Returns untrusted text as a message can quote it: shortened to `MAX_QUOTED` units and escaped. */
export function visible(text: string): string {
  return escaped(shortened(text, MAX_QUOTED));
}

/** Escapes control, format and line-breaking characters, so that the text cannot control a terminal. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Joins the first ten names with commas and counts the others. */
export function joined(names: readonly string[]): string {
  const named = names.slice(0, MAX_LISTED).map(visible).join(', ');
  return withRest(named, names.length - MAX_LISTED);
}

/** Appends `and N more` to a text if `rest` is positive. */
export function withRest(text: string, rest: number, separator = ' '): string {
  return rest > 0 ? `${text}${separator}and ${rest} more` : text;
}

/** Returns a number with its noun: `1 item`, `2 items`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
