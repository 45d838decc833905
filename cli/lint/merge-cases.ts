import type { Position } from './lines.ts';
import type { Problem } from './problem.ts';

/** What was found in a text that has some of the branches of a template, or in the only text of a file. */
export interface Case<T> {
  /** Everything that rules found. */
  readonly located: readonly T[];
  /** What no comment ignores. */
  readonly remaining: readonly T[];
  /** Findings about comments that have no effect. */
  readonly useless: readonly T[];
  /** Whether the case has something else than a blank at a position. */
  readonly isFilled: (position: Position) => boolean;
}

type Found = Position & Pick<Problem, 'rule' | 'message'>;

/**
 * Joins the cases of a template. A finding counts once. It counts if no comment of a case ignores it, and a comment has no
 * effect if it has none in all cases that have it.
 */
export function mergedCases<T extends Found>(cases: readonly Case<T>[]): readonly T[] {
  const [only, ...others] = cases;
  if (only === undefined) return [];
  if (others.length === 0) return [...only.remaining, ...only.useless];
  const ignored = new Set(
    cases.flatMap(({ located, remaining }) => {
      const kept = new Set(remaining);
      return located.filter((problem) => !kept.has(problem)).map(keyOf);
    }),
  );
  const useless = cases.map((each) => new Set(each.useless.map(keyOf)));
  const hasNoEffect = (problem: T): boolean =>
    cases.every(({ isFilled }, index) => useless[index]?.has(keyOf(problem)) === true || !isFilled(problem));
  const kept = [
    ...cases.flatMap(({ remaining }) => remaining).filter((problem) => !ignored.has(keyOf(problem))),
    ...cases.flatMap((each) => each.useless).filter(hasNoEffect),
  ];
  return [...new Map(kept.map((problem) => [keyOf(problem), problem])).values()];
}

function keyOf({ line, column, rule, message }: Found): string {
  return `${line}:${column} ${rule} ${message}`;
}
