import { failureOf, type Failure } from '../../shared/errors.ts';
import type { FileProblem } from './file-rule.ts';
import { Lines, type Position } from './lines.ts';
import type { LocatedProblem } from './object-problems.ts';
import { FILE_RULES } from './rules/index.ts';

/** What rules find, and why some of them failed. */
export interface FoundProblems {
  readonly problems: readonly LocatedProblem[];
  readonly unchecked: readonly Failure[];
}

/** Applies the rules about files of any kind. */
export function problemsInBytes(original: Buffer): FoundProblems {
  const bytes = inUtf8(original);
  const found: FileProblem[] = [];
  const unchecked: Failure[] = [];
  for (const rule of FILE_RULES) {
    try {
      for (const problem of rule(bytes)) found.push(problem);
    } catch (error) {
      unchecked.push(failureOf(error, 'lint'));
    }
  }
  if (found.length === 0) return { problems: [], unchecked };
  // One character for each byte.
  const lines = new Lines(bytes.toString('latin1'));
  const problems = found.map(({ offset, ...problem }) => {
    return {
      ...problem,
      ...positionIn(bytes, lines.positionOf(offset), offset),
      object: undefined,
      place: undefined,
    };
  });
  return { problems, unchecked };
}

/** Returns the bytes in UTF-8 of a text in UTF-16, which PowerShell writes for `>`. Returns others as they are. */
function inUtf8(bytes: Buffer): Buffer {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return Buffer.from(bytes.toString('utf16le', 2));
  if (first !== 0xfe || second !== 0xff) return bytes;
  // A copy of whole characters.
  const characters = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
  return Buffer.from(characters.swap16().toString('utf16le'));
}

/** Counts the column in UTF-16 units, in place of bytes. */
function positionIn(bytes: Buffer, { line, column }: Position, offset: number): Position {
  return { line, column: bytes.toString('utf8', offset - column + 1, offset).length + 1 };
}
