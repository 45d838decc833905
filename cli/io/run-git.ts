import { fail } from '../errors.ts';
import { INPUT_LIMIT } from './input.ts';
import { runProgram, type ProgramOutput } from './run-program.ts';

/** Variables that lead git to another repository than that of the folder. Hooks set some of them. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'];

/** Runs git and returns what it prints. Throws `NoGit` if git is not installed, and `TooLarge`. */
export async function runGit(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ProgramOutput> {
  const inherited = Object.entries(environment).filter(([name]) => !ELSEWHERE.includes(name));
  const env = { ...Object.fromEntries(inherited), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
  return (await runProgram(['git', ...args], { env, limit: INPUT_LIMIT })) ?? fail({ code: 'NoGit' });
}

/** Returns the first line of git's error. */
export function reasonOf({ stderr }: ProgramOutput): string {
  return (/[^\n]+/.exec(stderr)?.[0] ?? '').replace(/^(fatal|error): /, '');
}
