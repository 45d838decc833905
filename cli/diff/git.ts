import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fail as failFile, systemCode } from '../../shared/file-errors.ts';
import { fail } from '../errors.ts';
import { usageError } from '../flags/usage-error.ts';
import { INPUT_LIMIT } from '../io/input.ts';

/** The content of a file in a revision, and its name in messages. */
export interface GitFile {
  readonly source: string;
  readonly bytes: Buffer;
}

/** What git needs to know of the process. */
interface GitContext {
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Returns a file as a revision of its Git repository has it. The repository is the one that the file's folder is in,
 * whatever `GIT_DIR` says; symbolic links are followed. Runs git without a shell.
 *
 * Throws `NoGit`, `NotARepository`, `NoSuchRevision` or `NotInRevision`, and `Usage` for a revision that git would take
 * for an option.
 */
export async function fileAtRevision(
  file: string,
  revision: string,
  { environment }: GitContext,
): Promise<GitFile> {
  if (revision.startsWith('-')) usageError('--git: a revision does not start with a dash');
  const real = realPathOf(file);
  const git = (...args: readonly string[]): Promise<GitOutput> =>
    runGit(['-C', dirname(real), ...args], environment);
  const source = `${revision}:${file}`;
  const blob = await git('cat-file', 'blob', `${revision}:./${basename(real)}`);
  if (blob.code === 0) return { source, bytes: blob.stdout };
  const repository = await git('rev-parse', '--git-dir');
  if (repository.code !== 0) fail({ code: 'NotARepository', file, reason: reasonOf(repository) });
  const known = await git('rev-parse', '--verify', '--quiet', `${revision}^{tree}`);
  return fail(
    known.code === 0
      ? { code: 'NotInRevision', file, revision }
      : { code: 'NoSuchRevision', file, revision, reason: reasonOf(blob) },
  );
}

interface GitOutput {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Variables that lead git to another repository than that of the folder. Hooks set some of them. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'];

/** Runs git and returns what it prints. Throws `NoGit` if git is not installed, and `TooLarge`. */
async function runGit(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<GitOutput> {
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
    if (size > INPUT_LIMIT.bytes) failFile({ code: 'TooLarge', at: '--git', limit: INPUT_LIMIT.words });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Returns the first line of git's error. */
function reasonOf({ stderr }: GitOutput): string {
  return (/[^\n]+/.exec(stderr)?.[0] ?? '').replace(/^(fatal|error): /, '');
}

/** Returns the path without symbolic links; unchanged if the file does not exist, which reading it reports. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
