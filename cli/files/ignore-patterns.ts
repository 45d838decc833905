import { ANY, fitsGlob, pathGlob, type Glob } from './glob.ts';

/** A path below the folder of the patterns. */
export interface PathBelow {
  /** The names of the folders that lead to it, and its own. */
  readonly names: readonly string[];
  readonly isFolder: boolean;
}

/** A line of a `.gitignore`. */
interface IgnorePattern {
  /** Whether the line begins with `!`, and takes back what lines before it ignore. */
  readonly isNegated: boolean;
  readonly foldersOnly: boolean;
  readonly fits: (names: readonly string[]) => boolean;
}

/** The patterns of a file such as `.gitignore`, or of flags. See https://git-scm.com/docs/gitignore#_pattern_format. */
export class IgnorePatterns {
  readonly #patterns: readonly IgnorePattern[];

  constructor(lines: readonly string[]) {
    this.#patterns = lines.flatMap((line) => parseLine(inBytes(line)) ?? []).reverse();
  }

  /** Reads the bytes of a `.gitignore`. */
  static parse(bytes: Buffer): IgnorePatterns {
    return new IgnorePatterns(
      bytes
        .toString('utf8')
        .replace(/^\ufeff/, '')
        .split(/\r?\n/),
    );
  }

  /** Returns what the last line that fits a path says about it. Undefined if no line fits. */
  verdictOn({ names, isFolder }: PathBelow): 'ignored' | 'kept' | undefined {
    const path = names.map(inBytes);
    const last = this.#patterns.find(({ foldersOnly, fits }) => (isFolder || !foldersOnly) && fits(path));
    return last && (last.isNegated ? 'kept' : 'ignored');
  }

  /**
   * Whether a pattern fits a file or a folder that leads to it. Of several, the innermost folder counts: other than in
   * Git, a line with `!` takes back files in a folder that fits.
   */
  covers(names: readonly string[]): boolean {
    for (let length = names.length; length > 0; length--) {
      const verdict = this.verdictOn({ names: names.slice(0, length), isFolder: length < names.length });
      if (verdict !== undefined) return verdict === 'ignored';
    }
    return false;
  }
}

/** Whether a line of a `.gitignore` is a pattern that paths can fit: not empty, no comment, and not malformed. */
export function isIgnorePattern(line: string): boolean {
  return parseLine(inBytes(line)) !== undefined;
}

/** Returns a text with one character for each of its bytes in UTF-8: in Git, `?` stands for one byte. */
function inBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Returns undefined for an empty line, a comment and a malformed pattern. */
function parseLine(line: string): IgnorePattern | undefined {
  if (line.startsWith('#')) return undefined;
  const isNegated = line.startsWith('!');
  const whole = withoutTrailingSpaces(isNegated ? line.slice(1) : line);
  const foldersOnly = whole.endsWith('/');
  const pattern = foldersOnly ? whole.slice(0, -1) : whole;
  if (pattern === '') return undefined;
  const path = pathGlob(pattern.replace(/^\//, ''));
  if (path === undefined) return undefined;
  // Without a slash at its beginning or in its middle, a pattern fits at any depth.
  const glob: Glob = pattern.includes('/') ? path : [ANY, ...path];
  // `folder/**` fits what is in the folder, and not the folder itself.
  const full = glob.at(-1) === ANY ? [...glob, () => true] : glob;
  return { isNegated, foldersOnly, fits: (names) => fitsGlob(full, names) };
}

/** Removes spaces at the end, except for one that a backslash quotes. */
function withoutTrailingSpaces(line: string): string {
  const body = line.replace(/ +$/, '');
  const [backslashes = ''] = /\\*$/.exec(body) ?? [];
  return body !== line && backslashes.length % 2 === 1 ? `${body} ` : body;
}
