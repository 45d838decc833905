import { Deadline } from '../../shared/clock.ts';
import { KillableChild } from '../workers/child-process.ts';
import type { PostedObject } from './posted.ts';

/**
 * The result of parsing a body. Null: the body is not a SealedSecret, or takes too much time or memory to parse.
 * `no process`: the child process cannot be started.
 */
export type ParsedBody = PostedObject | 'too large' | 'no process' | null;

/** The limits of a parser process. */
export interface BodyParserProcessOptions {
  /** How long parsing a body may take, in ms. */
  readonly deadline: number;
  /** How long the process may be idle before it is killed, in ms. */
  readonly idle: number;
  /** The largest heap of the process, in MiB. */
  readonly heap: number;
}

/** The first message of the process, sent when it has loaded its code. */
export const READY = 'ready';

const PROGRAM = new URL('./body-parser-process.js', import.meta.url);
/** How long the process may take to start, in ms. */
const START_DEADLINE = 30_000;
/** The memory that the process may take in addition to its heap, in MiB. Node itself takes about 50. */
const BESIDE_HEAP = 128;

/**
 * Parses bodies in a child process, one at a time. Anyone may send a body, and two megabytes of YAML can keep the parser
 * busy for a second and take hundreds of MiB of memory.
 */
export class BodyParserProcess {
  readonly #options: BodyParserProcessOptions;
  #child: KillableChild | undefined;
  #idle: Deadline | undefined;
  #closed = false;

  constructor(options: Partial<BodyParserProcessOptions> = {}) {
    this.#options = { deadline: 2_000, idle: 60_000, heap: 64, ...options };
  }

  /** Parses a body. Starts the process if it does not run. Rejects when aborted. */
  async parse(body: Buffer, signal: AbortSignal): Promise<ParsedBody> {
    signal.throwIfAborted();
    if (this.#closed) return 'no process';
    this.#idle?.clear();
    const child = this.#child?.alive ? this.#child : await this.#start();
    if (child === undefined) return 'no process';
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      // The answer comes from our own code, so it needs no check.
      return (await child.request(body, (message) => message as ParsedBody, deadline.signal)) ?? null;
    } finally {
      deadline.clear();
      this.#keepIdle(child);
      signal.throwIfAborted();
    }
  }

  /** Kills the process. Later calls of `parse` return `no process`. */
  close(): void {
    this.#closed = true;
    this.#idle?.clear();
    this.#child?.kill();
  }

  /** Resolves when the process has loaded its code; to undefined if it cannot be started. */
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

  /** Keeps the process for the next body, and kills it after a while without one. */
  #keepIdle(child: KillableChild): void {
    if (this.#closed) return child.kill();
    this.#idle = new Deadline(this.#options.idle);
    this.#idle.signal.addEventListener('abort', () => child.kill());
  }
}
