import type { Problem } from './problem.ts';

/** What is wrong in a file that need not hold objects. */
export interface FileProblem extends Omit<Problem, 'at' | 'fix'> {
  /** Where it begins, in bytes. */
  readonly offset: number;
}

/** Returns what is wrong in the bytes of a file. */
export type FileRule = (bytes: Buffer) => readonly FileProblem[];
