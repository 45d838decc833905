import { fail } from '../errors.ts';

/** Throws `Usage`: the flags do not fit together, or do not fit the command. */
export function usageError(problem: string): never {
  return fail({ code: 'Usage', problem });
}
