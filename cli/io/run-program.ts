import { spawn } from 'node:child_process';
import { fail, systemCode } from '../../shared/file-errors.ts';

/** How a program ended, and what it printed. */
export interface ProgramOutput {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How to run a program. */
export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The most that it may print. */
  readonly limit: { readonly bytes: number; readonly words: string };
  /** Ends the program when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program without input, and returns what it prints. Returns undefined if it is not installed. Throws `TooLarge`
 * if it prints too much.
 */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  { env, limit, signal }: ProgramOptions,
): Promise<ProgramOutput | undefined> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const collect = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > limit.bytes) fail({ code: 'TooLarge', at: `the output of ${program}`, limit: limit.words });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
  try {
    const [stdout, stderr, code] = await Promise.all([collect(child.stdout), collect(child.stderr), ended]);
    return { code, stdout, stderr: stderr.toString('utf8') };
  } catch (error) {
    child.kill();
    if (systemCode(error) === 'ENOENT') return undefined;
    if (signal?.aborted) return { code: null, stdout: Buffer.alloc(0), stderr: '' };
    throw error;
  }
}
