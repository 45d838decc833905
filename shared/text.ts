/** Text from outside, made fit to be shown: without effect on a terminal, and of bounded length. */

/** The longest piece of text that a message quotes: a name, a path, a reason. In UTF-16 units, before escaping. */
export const MAX_QUOTED = 300;

/** The longest message of a condition or an event; the API server refuses longer events. In UTF-16 units. */
export const MAX_MESSAGE = 1024;

/** The most text in all fields of a log line. In UTF-16 units, before quoting. */
export const MAX_LOGGED = 4096;

/** The longest description of a failure in a log line, where other fields stand beside it. In UTF-16 units. */
export const MAX_DESCRIBED = 3072;

/** The longest line that kubeseal prints to stderr: its reader can do more with a long list. In UTF-16 units. */
export const MAX_PRINTED = 16_384;

/** How many names of a list a message holds. */
const MAX_LISTED = 10;

/** Text of at most `max` UTF-16 units: a longer one is cut between two characters and ends with an ellipsis. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = Math.max(0, max - 1);
  // Half of a surrogate pair is no character.
  const isSplit = /^[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]$/.test(text.charAt(end - 1));
  return `${text.slice(0, isSplit ? end - 1 : end)}…`;
}

/** Text from outside as a message may quote it: escaped, and at most `MAX_QUOTED` units of it. */
export function visible(text: string): string {
  return escaped(shortened(text, MAX_QUOTED));
}

/** Text with its control, format and line-breaking characters escaped: nothing in it moves a terminal's cursor. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** The first ten of a list of names, separated by commas, and how many there are beyond them. */
export function joined(names: readonly string[]): string {
  const named = names.slice(0, MAX_LISTED).map(visible).join(', ');
  return withRest(named, names.length - MAX_LISTED);
}

/** A text, and how many things it leaves out. */
export function withRest(text: string, rest: number, separator = ' '): string {
  return rest > 0 ? `${text}${separator}and ${rest} more` : text;
}
