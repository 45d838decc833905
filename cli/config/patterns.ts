import { showPlace, type Place } from '../../shared/api/place.ts';
import { IgnorePatterns, isIgnorePattern } from '../files/ignore-patterns.ts';
import { fail } from './errors.ts';

/** A pattern with its place. */
interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

/** The most characters of all patterns: each path is compared with each of them. */
const MAX_CHARACTERS = 64 * 1024;

/** Reads the patterns of one file, and bounds their sum. */
export class PatternReader {
  #characters = 0;

  /** Compiles patterns. Throws `BadPattern` for one that no path can fit, and `TooManyPatterns`. */
  read(patterns: readonly PlacedText[]): IgnorePatterns {
    for (const { text, place } of patterns) {
      const at = showPlace(place);
      this.#characters += text.length + 1;
      if (this.#characters > MAX_CHARACTERS) fail({ code: 'TooManyPatterns', at, limit: '64 KiB' });
      const problem = problemOf(text);
      if (problem !== undefined) fail({ code: 'BadPattern', at, problem });
    }
    return new IgnorePatterns(patterns.map(({ text }) => text));
  }
}

/** Returns why no path can fit a pattern. Undefined if one can. */
function problemOf(text: string): string | undefined {
  const pattern = text.replace(/^!/, '');
  if (/[\r\n\0]/.test(text)) return 'a pattern has one line';
  if (pattern.startsWith('#')) return 'a pattern that begins with # is a comment: write \\#';
  const names = pattern.split('/');
  if (names.includes('.') || names.includes('..'))
    return 'patterns have no . and .. folders: they start at the folder of the file';
  return isIgnorePattern(text) ? undefined : 'it is not a pattern of a .gitignore';
}
