import { spawn } from 'node:child_process';
import { KUBESEAL } from './program.ts';

/** The result of a process. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Optional settings of a process. */
export interface RunOptions {
  readonly stdin?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whether the process has a session of its own, and with it no terminal. */
  readonly detached?: boolean;
}

/** The environment of a kubeseal: no kubeconfig of the user who runs the tests. */
const BARE_ENVIRONMENT = { PATH: process.env['PATH'], HOME: '/nonexistent' };

/** Runs the kubeseal under test in its own process. */
export function kubeseal(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [command, ...first] = KUBESEAL;
  return run(command, [...first, ...args], {
    ...options,
    env: { ...BARE_ENVIRONMENT, ...options.env },
  });
}

/** Runs a command until it exits. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(command, args, {
    stdio: 'pipe',
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: options.detached ?? false,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that fails early does not read its input to the end, which raises EPIPE.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, stdout: await stdout, stderr: await stderr };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
