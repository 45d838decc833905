import { Deadline } from '../../shared/clock.ts';
import { KillableChild } from '../workers/child-process.ts';
import type { Posted } from './posted.ts';

/**
 * Null: the body is no SealedSecret, or takes too long or too much memory to parse. `no process`: the process that
 * parses it cannot be started.
 */
export type ReadResult = Posted | 'too large' | 'no process' | null;

export interface PostedReader {
  /** Parses a body. Rejects when aborted. */
  read(body: Buffer, signal: AbortSignal): Promise<ReadResult>;
}

export interface ReaderOptions {
  /** How long parsing a body may take, in ms. */
  readonly deadline: number;
  /** How long the process may be idle before it is killed, in ms. */
  readonly idle: number;
  /** The largest heap of the process, in MiB. */
  readonly heap: number;
}

/** The first message of the process, sent when it has loaded its code. */
export const READY = 'ready';

const PROGRAM = new URL('./reader-process.js', import.meta.url);
/** How long the process may take to start, in ms. */
const START_DEADLINE = 30_000;
/** What the process may take beside its heap, in MiB: Node itself takes about 50. */
const BESIDE_HEAP = 128;

/**
 * Parses bodies in a child process, one at a time. Anyone may send them, and two megabytes of YAML can keep the library
 * busy for minutes, or crash the process: at a certain depth of nesting V8 finds no stack to compile a regular
 * expression on, and aborts, in a worker thread too.
 */
export class Reader implements PostedReader {
  readonly #options: ReaderOptions;
  #child: KillableChild | undefined;
  #idle: Deadline | undefined;
  #closed = false;

  constructor(options: Partial<ReaderOptions> = {}) {
    this.#options = { deadline: 2_000, idle: 60_000, heap: 64, ...options };
  }

  async read(body: Buffer, signal: AbortSignal): Promise<ReadResult> {
    signal.throwIfAborted();
    if (this.#closed) return 'no process';
    this.#idle?.clear();
    const child = this.#child?.alive ? this.#child : await this.#start();
    if (child === undefined) return 'no process';
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      // Our own code wrote the answer.
      return (await child.ask(body, (message) => message as ReadResult, deadline.signal)) ?? null;
    } finally {
      deadline.clear();
      this.#rest(child);
      signal.throwIfAborted();
    }
  }

  /** Kills the process for good. */
  close(): void {
    this.#closed = true;
    this.#idle?.clear();
    this.#child?.kill();
  }

  /** Resolves when the process has loaded its code, or to undefined when it cannot be started. */
  async #start(): Promise<KillableChild | undefined> {
    this.#child = this.#fork();
    if (this.#child === undefined) return undefined;
    const deadline = new Deadline(START_DEADLINE);
    await this.#child.ready(deadline.signal);
    deadline.clear();
    return this.#child.alive ? this.#child : undefined;
  }

  #fork(): KillableChild | undefined {
    const { heap } = this.#options;
    try {
      return new KillableChild({
        program: PROGRAM,
        heapMegabytes: heap,
        residentMegabytes: heap + BESIDE_HEAP,
      });
    } catch {
      // Node throws when memory is short, and emits most other errors.
      return undefined;
    }
  }

  /** Keeps the process for the next body, for a while. */
  #rest(child: KillableChild): void {
    if (this.#closed) return child.kill();
    this.#idle = new Deadline(this.#options.idle);
    this.#idle.signal.addEventListener('abort', () => child.kill());
  }
}
