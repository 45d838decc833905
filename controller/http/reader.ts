import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Deadline } from '../../shared/clock.ts';
import type { Posted } from './posted.ts';

/**
 * Null: the body is no SealedSecret, or takes too long or too much memory to be parsed. `no process`: no process can be
 * started that parses it.
 */
export type ReadResult = Posted | 'too large' | 'no process' | null;

export interface PostedReader {
  /** Parses a body. Rejects when aborted. */
  read(body: Buffer, signal: AbortSignal): Promise<ReadResult>;
}

export interface ReaderOptions {
  /** How long a body may take to be parsed, in ms. */
  readonly deadline: number;
  /** After how long without work the process is ended, in ms. */
  readonly idle: number;
  /** The largest heap of the process, in MiB. */
  readonly heap: number;
}

/** The first message of the process, sent when it has loaded its code. */
export const READY = 'ready';

const PROGRAM = fileURLToPath(new URL('./reader-process.js', import.meta.url));
/** Node's default of three times 16 MiB would be more than the rest of the heap. */
const YOUNG = '--max-semi-space-size=4';
/** No debugger: see bin.ts. */
const NO_DEBUGGER = '--inspect-port=192.0.2.1:1024';

/**
 * Parses bodies in a process of its own, one at a time. Anyone may send them, and two megabytes of YAML can keep the
 * library busy for minutes, or crash the whole process: nested deeply enough, V8 finds no stack to compile a regular
 * expression on, and aborts, whatever the thread.
 */
export class Reader implements PostedReader {
  readonly #options: ReaderOptions;
  #child: ChildProcess | undefined;
  #rest: Deadline | undefined;
  #closed = false;

  constructor(options: Partial<ReaderOptions> = {}) {
    this.#options = { deadline: 2_000, idle: 60_000, heap: 64, ...options };
  }

  async read(body: Buffer, signal: AbortSignal): Promise<ReadResult> {
    signal.throwIfAborted();
    if (this.#isClosed()) return 'no process';
    this.#rest?.clear();
    const child = this.#child && !isGone(this.#child) ? this.#child : await this.#start();
    if (child === undefined) return 'no process';
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

  /** Ends the process for good. */
  close(): void {
    this.#closed = true;
    this.#rest?.clear();
    this.#child?.kill('SIGKILL');
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** Resolves when the process has loaded its code; with undefined where it does not come so far. */
  async #start(): Promise<ChildProcess | undefined> {
    const child = this.#fork();
    this.#child = child;
    if (child === undefined) return undefined;
    // `exit` is not emitted where the process cannot be started.
    child.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      child
        .once('message', () => resolve())
        .once('exit', () => resolve())
        .once('error', () => resolve());
    });
    return isGone(child) ? undefined : child;
  }

  #fork(): ChildProcess | undefined {
    try {
      return fork(PROGRAM, {
        execArgv: [`--max-old-space-size=${this.#options.heap}`, YOUNG, NO_DEBUGGER],
        env: {},
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
    } catch {
      // Node throws where memory is short; most other errors it emits.
      return undefined;
    }
  }
}

/** Whether a process parses nothing any more. One that was killed may live for a moment. */
function isGone({ killed, exitCode, signalCode, connected }: ChildProcess): boolean {
  return killed || exitCode !== null || signalCode !== null || !connected;
}

/** Resolves with null where the process ended, or had to be ended, before it answered. */
function answerOf(child: ChildProcess, body: Buffer, signal: AbortSignal): Promise<ReadResult> {
  return new Promise((resolve) => {
    const finish = (posted: ReadResult): void => {
      child.off('message', onMessage).off('exit', onEnd);
      signal.removeEventListener('abort', onAbort);
      resolve(posted);
    };
    // Our own code wrote it.
    const onMessage = (posted: unknown): void => finish(posted as ReadResult);
    const onEnd = (): void => finish(null);
    const onAbort = (): void => void child.kill('SIGKILL');
    child.on('message', onMessage).on('exit', onEnd);
    signal.addEventListener('abort', onAbort);
    if (isGone(child)) finish(null);
    else if (signal.aborted) onAbort();
    else child.send(body, (error) => (error ? onAbort() : undefined));
  });
}
