import { spawn } from 'node:child_process';
import { findProgram } from '../../shared/kubernetes/auth/find-program.ts';
import { fail as failFile } from '../../shared/file-errors.ts';
import type { CliContext } from '../context.ts';
import { fail } from './errors.ts';
import { BACKUP_LIMIT } from './limit.ts';

/** What to do with the program age. */
interface AgeRun {
  readonly verb: 'encrypt' | 'decrypt';
  readonly args: readonly string[];
  readonly input: Buffer;
  /** What needs the program, for the message if it is missing. */
  readonly what: string;
}

/**
 * Runs the program age, which talks to plugins and hardware, and returns what it prints. Input and output go through
 * pipes. Its messages and questions are for the user. Throws `NeedsAge`, `AgeFailed` or `TooLarge`.
 */
export async function runAge({ verb, args, input, what }: AgeRun, context: CliContext): Promise<Buffer> {
  const found = findProgram('age', context.environment);
  if (!('path' in found)) return fail({ code: 'NeedsAge', what });
  const child = spawn(found.path, args, { stdio: ['pipe', 'pipe', 'inherit'], env: context.environment });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > BACKUP_LIMIT.bytes) child.kill();
    else chunks.push(chunk);
  });
  // It may end before it has read everything, which its exit code tells.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<string>((resolve) => {
    child.on('error', () => resolve('an error of the system'));
    child.on('close', (exit, signal) =>
      resolve(exit === null ? (signal ?? 'a signal') : `exit code ${exit}`),
    );
  });
  if (size > BACKUP_LIMIT.bytes) failFile({ code: 'TooLarge', at: 'the backup', limit: BACKUP_LIMIT.words });
  if (code !== 'exit code 0') fail({ code: 'AgeFailed', verb, how: code });
  return Buffer.concat(chunks);
}
