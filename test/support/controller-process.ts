import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { atEnd } from '../control-plane/lifetime.ts';
import { CONTROLLER } from './package.ts';
import { until } from './until.ts';

/** A controller that runs as a process of its own, and all it has written. */
export class ControllerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #forget: () => void;
  #output = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    // By its own first line, which says how Node is to be started.
    this.#child = spawn(CONTROLLER, args, {
      env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString('utf8');
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
    this.#forget = atEnd(() => this.#child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything on stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits for a log line that has the text. */
  async logged(text: string): Promise<string> {
    return until(`"${text}" in the controller's log:\n${this.#output}`, () => {
      if (this.#child.exitCode !== null) throw new Error(`the controller has exited:\n${this.#output}`);
      return this.#output.split('\n').find((line) => line.includes(text));
    });
  }

  /** `http://HOST:PORT` of its server. */
  async url(): Promise<string> {
    const line: unknown = JSON.parse(await this.logged('"listening"'));
    return `http://${String((line as { listening?: unknown }).listening)}`;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends the signal and waits for the end. Gives the exit code, null where the signal itself ended it. */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(name);
    const code = await this.#exited;
    this.#forget();
    return code;
  }
}
