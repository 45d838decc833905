/** Estimates the size of a compiled regular expression. */

/**
 * Returns a lower bound for the number of parts of an expression with its repetitions expanded: `(a{10}){10}` has a
 * hundred. Compilation creates one or two instructions per part and cannot be interrupted. Invalid expressions are
 * counted as if they were valid.
 */
export function expandedSize(expression: string): number {
  /** The sizes of the open groups, innermost last. */
  const open: number[] = [];
  let size = 0;
  /** The size of the part to which a repetition would apply. */
  let last = 0;
  const add = (part: number): void => {
    size += part;
    last = part;
  };
  for (let at = 0; at < expression.length;) {
    const character = expression.charAt(at);
    const repetition = character === '{' ? repetitionAt(expression, at) : null;
    if (repetition !== null) {
      size += last * (repetition.count - 1);
      last *= repetition.count;
      at = repetition.end;
      continue;
    }
    if (character === '(') {
      open.push(size);
      size = 0;
      last = 0;
    } else if (character === ')') {
      const inside = size;
      size = open.pop() ?? 0;
      add(inside + 1);
    } else if (character === '[') {
      const end = classEnd(expression, at);
      add(1 + (end - at) / BYTES_PER_PART);
      at = end;
      continue;
    } else if (character === '\\') {
      add(1);
      at++;
    } else {
      add(1);
    }
    at++;
  }
  return Math.ceil(open.reduce((total, outside) => total + outside, size));
}

/** A character class is one part, whose table grows with its contents. */
const BYTES_PER_PART = 4;

/** Matches `{3}`, `{3,}` or `{3,5}`. */
const REPETITION = /\{(\d{1,9})(?:,(\d{0,9}))?\}/y;

function repetitionAt(
  expression: string,
  at: number,
): { readonly count: number; readonly end: number } | null {
  REPETITION.lastIndex = at;
  const match = REPETITION.exec(expression);
  if (match === null) return null;
  const count = Math.max(Number(match[1]), Number(match[2] ?? 0), 1);
  return { count, end: at + match[0].length };
}

/** Returns the end of a character class. A `]` directly after the start is a literal. */
function classEnd(expression: string, start: number): number {
  let at = start + 1;
  if (expression.charAt(at) === '^') at++;
  if (expression.charAt(at) === ']') at++;
  while (at < expression.length && expression.charAt(at) !== ']') {
    at += expression.charAt(at) === '\\' ? 2 : 1;
  }
  return Math.min(at + 1, expression.length);
}
