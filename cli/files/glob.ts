/** Any number of elements. */
export const ANY: unique symbol = Symbol('any number of elements');

type Any = typeof ANY;

/** What one element of a sequence has to be. */
export type Fits = (element: string) => boolean;

/** A pattern of a sequence, such as the characters of a name or the names of a path. */
export type Glob = readonly (Fits | Any)[];

function charactersOf(text: string): string[] {
  return Array.from(text);
}

/** Whether a sequence fits a pattern. Takes time in proportion to the product of their lengths, at most. */
export function fitsGlob(glob: Glob, elements: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  // Where to go on after a mismatch: behind the last `ANY`, which then takes one element more.
  let retry: { readonly at: number; next: number } | undefined;
  for (;;) {
    const part = glob[at];
    const element = elements[next];
    if (part === ANY) {
      retry = { at: ++at, next };
    } else if (element === undefined) {
      return at === glob.length;
    } else if (part?.(element)) {
      at++;
      next++;
    } else if (retry) {
      next = ++retry.next;
      ({ at } = retry);
    } else {
      return false;
    }
  }
}

/**
 * Compiles a glob of a path into one of its names, in the language of Git's wildmatch: `*`, `?`, `[a-z]`, `[!a-z]`,
 * `[[:alpha:]]`, `\`, and `**` for any number of folders. Returns undefined if it is malformed, and fits no path.
 */
export function pathGlob(text: string): Glob | undefined {
  const path: (Fits | Any)[] = [];
  const characters = charactersOf(text);
  for (let at = 0; at <= characters.length; at++) {
    const start = at;
    const name: (Fits | Any)[] = [];
    for (; at < characters.length && characters[at] !== '/'; at++) {
      const character = characters[at];
      // A slash ends the name, even behind a backslash.
      if (character === '\\' && characters[at + 1] === '/') continue;
      if (character === '*') {
        if (name.at(-1) !== ANY) name.push(ANY);
      } else if (character === '?') {
        name.push(() => true);
      } else if (character === '[') {
        const set = readSet(characters, at + 1);
        if (set === undefined) return undefined;
        name.push(set.fits);
        at = set.last;
      } else {
        if (character === '\\') at++;
        const literal = characters[at];
        if (literal === undefined) return undefined;
        name.push((each) => each === literal);
      }
    }
    const isAnyFolder = name.length === 1 && name[0] === ANY && at > start + 1;
    path.push(isAnyFolder ? ANY : (each) => fitsGlob(name, charactersOf(each)));
  }
  return path;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // eslint-disable-next-line no-control-regex -- the class of control characters
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

/** Reads a set behind its opening bracket. Returns the index of its closing bracket, or undefined if there is none. */
function readSet(
  characters: readonly string[],
  start: number,
): { readonly fits: Fits; readonly last: number } | undefined {
  const isNegated = characters[start] === '!' || characters[start] === '^';
  const first = isNegated ? start + 1 : start;
  const members: Fits[] = [];
  let previous: string | undefined;
  for (let at = first; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === ']' && at > first) {
      return { fits: (each) => members.some((member) => member(each)) !== isNegated, last: at };
    }
    if (character === '[' && characters[at + 1] === ':') {
      const end = characters.indexOf(']', at + 2);
      const name = characters.slice(at + 2, end - 1).join('');
      if (end > 0 && characters[end - 1] === ':') {
        const named = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
        if (named === undefined) return undefined;
        members.push((each) => named.test(each));
        previous = undefined;
        at = end;
        continue;
      }
    }
    const isRange = character === '-' && previous !== undefined && (characters[at + 1] ?? ']') !== ']';
    if (isRange) at++;
    if (characters[at] === '\\') at++;
    const member = characters[at];
    if (member === undefined) return undefined;
    const from = isRange ? (previous ?? member) : member;
    members.push((each) => each >= from && each <= member);
    previous = isRange ? undefined : member;
  }
  return undefined;
}
