import { spawn } from 'node:child_process';
import { KUBESEAL } from './program.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** What a kubeseal needs of the environment: no kubeconfig of the user who runs the tests. */
const BARE_ENVIRONMENT = { PATH: process.env['PATH'], HOME: '/nonexistent' };

/** Runs our kubeseal as a process of its own. */
export function kubeseal(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [command, ...first] = KUBESEAL;
  return run(command, [...first, ...args], {
    ...options,
    env: { ...BARE_ENVIRONMENT, ...options.env },
  });
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(command, args, {
    stdio: 'pipe',
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that fails early does not read its input to the end.
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
