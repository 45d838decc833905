/** The contender in `go/`, with client-go's own leader election. */
import { spawn, type ChildProcess } from 'node:child_process';
import { atEnd } from '../control-plane/lifetime.ts';
import { goProgram } from '../support/go-program.ts';

const program = goProgram('contend/go', 'contend/contender');

/** Builds the contender. Rejects when there is no Go, or its modules cannot be had. */
export const buildContender = program.build;

/** A running contender. */
export class Contender {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #forget: () => void;
  #output = '';

  constructor(flags: Readonly<Record<string, string>>) {
    const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`);
    const child = spawn(program.path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#exited = new Promise((resolve) => child.once('close', resolve));
    this.#forget = atEnd(() => child.kill('SIGKILL'));
  }

  /** What it has written to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends the signal, and waits for the end. Returns the exit code, or null if the signal ended the process. */
  async stop(name: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(name);
    // A paused process does not handle the signal.
    this.#child.kill('SIGCONT');
    const code = await this.#exited;
    this.#forget();
    return code;
  }
}
