import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Deadline } from '../../shared/clock.ts';
import type { Posted } from './posted.ts';

export interface PostedReader {
  /** Reads a body. Null: it is no SealedSecret, or takes too long to be read. */
  read(body: Buffer, signal: AbortSignal): Promise<Posted | null>;
}

export interface ReaderOptions {
  /** How long a body may take to be read, in milliseconds. */
  readonly deadline: number;
  /** After how long without work the process is ended, in milliseconds. */
  readonly idle: number;
}

/** What the process says once, when it has loaded its code. */
export const READY = 'ready';

const PROGRAM = fileURLToPath(new URL('./reader-process.js', import.meta.url));
/** Little memory, and no debugger: see bin.ts. */
const FLAGS = ['--max-old-space-size=128', '--inspect-port=192.0.2.1:1024'];

/**
 * Reads bodies in a process of its own, one at a time. Anyone may send them, and two megabytes of YAML can be such that
 * the library that reads them stands still for minutes, or takes the whole process with it: nested deeply enough, V8
 * finds no stack to compile a regular expression on, and aborts, whatever the thread.
 */
export class Reader implements PostedReader {
  readonly #options: ReaderOptions;
  #child: Promise<ChildProcess> | undefined;
  #rest: Deadline | undefined;
  #closed = false;

  constructor(options: Partial<ReaderOptions> = {}) {
    this.#options = { deadline: 2_000, idle: 60_000, ...options };
  }

  async read(body: Buffer, signal: AbortSignal): Promise<Posted | null> {
    signal.throwIfAborted();
    if (this.#isClosed()) return null;
    this.#rest?.clear();
    const child = await (this.#child ??= this.#start());
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      return await answerOf(child, body, deadline.signal);
    } finally {
      deadline.clear();
      if (this.#isClosed()) {
        child.kill('SIGKILL');
      } else {
        this.#rest = new Deadline(this.#options.idle);
        this.#rest.signal.addEventListener('abort', () => child.kill('SIGKILL'));
      }
      signal.throwIfAborted();
    }
  }

  /** Ends the process, for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rest?.clear();
    (await this.#child)?.kill('SIGKILL');
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(PROGRAM, {
      execArgv: FLAGS,
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // What ends it is told by `exit`; where it cannot be started, by this.
    child.on('error', () => (this.#child = undefined));
    child.once('exit', () => (this.#child = undefined));
    await new Promise<void>((resolve) => {
      child
        .once('message', () => resolve())
        .once('exit', () => resolve())
        .once('error', () => resolve());
    });
    return child;
  }
}

/** Null where the process ended, or had to be ended, before it had an answer. */
function answerOf(child: ChildProcess, body: Buffer, signal: AbortSignal): Promise<Posted | null> {
  return new Promise((resolve) => {
    const finish = (posted: Posted | null): void => {
      child.off('message', onMessage).off('exit', onEnd);
      signal.removeEventListener('abort', onAbort);
      resolve(posted);
    };
    // Our own code wrote it.
    const onMessage = (posted: unknown): void => finish(posted as Posted | null);
    const onEnd = (): void => finish(null);
    const onAbort = (): void => void child.kill('SIGKILL');
    child.on('message', onMessage).on('exit', onEnd);
    signal.addEventListener('abort', onAbort);
    if (child.exitCode !== null || child.signalCode !== null || !child.connected) finish(null);
    else if (signal.aborted) onAbort();
    else child.send(body, (error) => (error ? onAbort() : undefined));
  });
}
