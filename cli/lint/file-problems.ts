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
export function problemsInBytes(bytes: Buffer): FoundProblems {
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

/** Counts the column in UTF-16 units, in place of bytes. */
function positionIn(bytes: Buffer, { line, column }: Position, offset: number): Position {
  return { line, column: bytes.toString('utf8', offset - column + 1, offset).length + 1 };
}
