import { MASK, MASKS } from './placeholders.ts';

/**
 * Replaces the actions of a template, such as `{{ .Values.name }}` of Helm, so that what remains can be read as YAML. A
 * line with nothing but actions becomes blank: it is control flow, or makes lines of its own. Other actions become
 * placeholders, which differ, so that two of them can be keys of one map. The text keeps its length and its lines, so
 * that offsets stay right.
 */
export function maskActions(text: string): string {
  let masked = '';
  let at = 0;
  let count = 0;
  for (const { start, end } of actionsIn(text)) {
    const action = text.slice(start, end);
    const [first = ''] = /^[^\r\n]*/.exec(action) ?? [];
    masked += text.slice(at, start) + placeholder(count++, first.length) + blank(action.slice(first.length));
    at = end;
  }
  return (masked + text.slice(at)).replace(ONLY_ACTIONS, blank);
}

/** Returns a placeholder of a length of at least 2 that differs from the others near it. */
function placeholder(count: number, length: number): string {
  const digits = Array.from(count.toString(MASKS.length), (digit) =>
    MASKS.charAt(Number.parseInt(digit, MASKS.length)),
  );
  const end = digits.slice(1 - length).join('');
  return MASK.repeat(length - end.length) + end;
}

/** The range of an action in a text, with its braces. */
interface Action {
  readonly start: number;
  readonly end: number;
}

/** Finds the actions of a text. An action that does not end is none, and neither is anything behind it. */
export function* actionsIn(text: string): Generator<Action> {
  for (let end = 0; ;) {
    const start = text.indexOf('{{', end);
    if (start < 0) return;
    // A comment can have braces in it.
    const isComment = /^\{\{(?:- ?)?\/\*/.test(text.slice(start, start + 6));
    const inside = isComment ? text.indexOf('*/', start + 2) : start + 2;
    if (inside < 0) return;
    const close = isComment ? text.indexOf('}}', inside) : closeOf(text, inside);
    if (close < 0) return;
    end = close + 2;
    yield { start, end };
  }
}

/**
 * Matches a text in quotes, which can have braces in it, or the end of an action. A quote with a backslash before it
 * begins no text, so that a search takes linear time: it is of YAML, or of a text that does not end.
 */
const QUOTED_OR_CLOSE = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\\["\\]|\}\}/g;

/** Returns the offset of the braces that end an action; -1 if it does not end. */
function closeOf(text: string, inside: number): number {
  QUOTED_OR_CLOSE.lastIndex = inside;
  for (;;) {
    const match = QUOTED_OR_CLOSE.exec(text);
    if (match === null) return -1;
    if (match[0] === '}}') return match.index;
  }
}

/** Matches a line with placeholders and white space alone. */
const ONLY_ACTIONS = new RegExp(`^[ \\t]*[${MASKS}][ \\t${MASKS}]*(?=\\r?$)`, 'gm');

/** Replaces everything but line breaks by spaces. */
export function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
