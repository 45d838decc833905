import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { isatty } from 'node:tty';
import { Deadline, type Clock } from '../../clock.ts';
import { failureOf, SealedSecretsError } from '../../errors.ts';
import { kubernetesFailure } from '../errors.ts';
import type { Exec } from './kubeconfig/types.ts';
import type { CredentialSource } from './credential-source.ts';
import { parseCredential, type Credential } from './exec-credential.ts';
import { findProgram } from './find-program.ts';
import { networkReason } from '../http/network-error.ts';

/** The time limit of the plugin, in ms. Leaves time to log in with a browser. */
const TIME_LIMIT = 5 * 60_000;
/** The largest accepted output, in bytes. */
const MAX_OUTPUT = 1024 * 1024;
/** How long to use a credential at least unless it is refused, in ms: a fast local clock takes every one for expired. */
const MIN_USE = 10_000;

/** How to run a plugin. */
export interface ExecPluginOptions {
  readonly exec: Exec;
  /** Returns the value of `KUBERNETES_EXEC_INFO`. */
  readonly info: (interactive: boolean) => string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/**
 * Credentials from an exec plugin, cached until they expire. Concurrent calls share one run. Methods throw
 * `NoCredentials`. The plugin's stdout is never shown; it inherits stderr.
 */
export class ExecPlugin implements CredentialSource {
  readonly #exec: Exec;
  readonly #info: (interactive: boolean) => string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #clock: Clock;
  #credential: Credential | undefined;
  /** When the plugin returned the credential (`Clock.elapsed`). */
  #obtainedAt = 0;
  #running: Promise<Credential> | undefined;

  constructor({ exec, info, environment, clock }: ExecPluginOptions) {
    this.#exec = exec;
    this.#info = info;
    this.#environment = environment;
    this.#clock = clock;
  }

  /** Returns the cached credential: the same object until it expires or is renewed. */
  async credential(): Promise<Credential> {
    const cached = this.#credential;
    return cached && !this.#hasExpired(cached) ? cached : this.#renewed();
  }

  #hasExpired({ expires }: Credential): boolean {
    if (expires === undefined || this.#clock.now().getTime() <= expires) return false;
    return this.#clock.elapsed() - this.#obtainedAt >= MIN_USE;
  }

  /** Runs the plugin again, unless that has happened since `used` was returned. */
  async renew(used: Credential): Promise<void> {
    if (used === this.#credential) await this.#renewed();
  }

  async #renewed(): Promise<Credential> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    this.#credential = await this.#running;
    this.#obtainedAt = this.#clock.elapsed();
    return this.#credential;
  }

  async #run(): Promise<Credential> {
    const interactive = this.#interactive();
    const found = findProgram(this.#exec.command, this.#environment);
    if ('problem' in found) return this.#notFound(found.problem);
    const env = { ...this.#environment };
    for (const { name, value } of this.#exec.env) env[name] = value;
    env['KUBERNETES_EXEC_INFO'] = this.#info(interactive);
    const output = await this.#outputOf(found.path, env, interactive);
    try {
      return parseCredential(output, this.#exec);
    } catch (error) {
      return this.#refuse(failureOf(error, 'reading its output').describe());
    }
  }

  #interactive(): boolean {
    if (this.#exec.interactiveMode === 'Never') return false;
    const terminal = isatty(0);
    if (!terminal && this.#exec.interactiveMode === 'Always') {
      this.#refuse('it needs a terminal, and stdin is not one (interactiveMode: Always)');
    }
    return terminal;
  }

  #outputOf(path: string, env: NodeJS.ProcessEnv, interactive: boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const plugin = this.#start(path, env, interactive);
      const deadline = new Deadline(TIME_LIMIT);
      const end = (problem: string): void => {
        deadline.clear();
        plugin.kill('SIGKILL');
        // A child of the plugin may keep the pipe open.
        plugin.stdout?.destroy();
        reject(this.#refusal(problem));
      };
      deadline.signal.addEventListener('abort', () =>
        end(`it timed out after ${TIME_LIMIT / 60_000} minutes`),
      );
      const chunks: Buffer[] = [];
      let size = 0;
      plugin.stdout?.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_OUTPUT) end('its output is larger than 1 MiB');
      });
      plugin.on('error', (error) => end(`it cannot be started: ${networkReason(error)}`));
      plugin.on('close', (code, signal) => {
        deadline.clear();
        if (code === 0) resolve(Buffer.concat(chunks));
        else
          end(
            code === null ? `it was killed by ${signal ?? 'a signal'}` : `it failed with exit code ${code}`,
          );
      });
    });
  }

  #start(path: string, env: NodeJS.ProcessEnv, interactive: boolean): ChildProcess {
    const stdio: StdioOptions = [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'];
    if (!/\.(bat|cmd)$/i.test(path)) return spawn(path, this.#exec.args, { env, stdio, windowsHide: true });
    const line = batchLine(path, this.#exec.args);
    if (line === undefined) {
      return this.#refuse(
        'it is a batch file, and its path or arguments hold characters that cmd.exe would interpret',
      );
    }
    const shell = env['ComSpec'] || 'cmd.exe';
    return spawn(shell, line, { env, stdio, windowsHide: true, windowsVerbatimArguments: true });
  }

  #notFound(problem: 'missing' | 'not executable'): never {
    if (problem === 'not executable') return this.#refuse('the file is not executable');
    const hint = this.#exec.installHint.replace(/\s+/g, ' ').trim();
    return this.#refuse(`it is not installed${hint === '' ? '' : `: ${hint}`}`);
  }

  #refuse(problem: string): never {
    throw this.#refusal(problem);
  }

  #refusal(problem: string): SealedSecretsError {
    return new SealedSecretsError(
      kubernetesFailure({ code: 'NoCredentials', plugin: this.#exec.command, problem }),
    );
  }
}

/**
 * Returns the arguments for cmd.exe to run a batch file. Returns undefined if the shell could interpret any of them:
 * cmd.exe has no quoting that works for every program (CVE-2024-27980).
 */
export function batchLine(path: string, args: readonly string[]): string[] | undefined {
  const words = [path, ...args];
  if (words.some((word) => !/^[\p{L}\p{N} _.,:;=@+~/\\-]+$/u.test(word) || word.endsWith('\\')))
    return undefined;
  return ['/d', '/s', '/c', `"${words.map((word) => `"${word}"`).join(' ')}"`];
}
