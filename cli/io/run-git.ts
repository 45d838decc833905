import { spawn } from 'node:child_process';
import { fail as failFile, systemCode } from '../../shared/file-errors.ts';
import { fail } from '../errors.ts';
import { INPUT_LIMIT } from './input.ts';

/** What git printed. */
export interface GitOutput {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Variables that lead git to another repository than that of the folder. Hooks set some of them. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'];

/** Runs git and returns what it prints. Throws `NoGit` if git is not installed, and `TooLarge`. */
export async function runGit(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<GitOutput> {
  const inherited = Object.entries(environment).filter(([name]) => !ELSEWHERE.includes(name));
  const child = spawn('git', args, {
    env: { ...Object.fromEntries(inherited), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  try {
    const [stdout, stderr, code] = await Promise.all([collect(child.stdout), collect(child.stderr), ended]);
    return { code, stdout, stderr: stderr.toString('utf8') };
  } catch (error) {
    child.kill();
    if (systemCode(error) === 'ENOENT') return fail({ code: 'NoGit' });
    throw error;
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > INPUT_LIMIT.bytes)
      failFile({ code: 'TooLarge', at: 'the output of git', limit: INPUT_LIMIT.words });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Returns the first line of git's error. */
export function reasonOf({ stderr }: GitOutput): string {
  return (/[^\n]+/.exec(stderr)?.[0] ?? '').replace(/^(fatal|error): /, '');
}
