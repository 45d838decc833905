import { Worker } from 'node:worker_threads';
import type { Place } from '../../shared/api/place.ts';
import { isObject } from '../../shared/api/reader.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { Deadline } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { decodeText, parseText } from '../../shared/manifest/read.ts';
import { unparsable } from '../../shared/seal/templates.ts';

/** A SealedSecret that a client sent. */
export interface Posted {
  readonly sealed: SealedSecret;
  /** The same as it came. */
  readonly value: object;
  /** The items whose template does not parse. */
  readonly unparsable: readonly string[];
}

/** Where it came from. */
export const REQUEST: Place = { source: 'request' };

/** Reads a body: exactly one SealedSecret, JSON or YAML. Null: it is none. */
export function parsePosted(body: Uint8Array): Posted | null {
  try {
    const { values } = parseText(decodeText(body, REQUEST.source), REQUEST.source);
    const [value, ...others] = values.filter((each) => each !== null);
    if (!isObject(value) || others.length > 0) return null;
    const sealed = parseSealedSecret(value, REQUEST);
    return { sealed, value, unparsable: unparsable(sealed.template.data) };
  } catch (error) {
    if (error instanceof SealedSecretsError) return null;
    throw error;
  }
}

export interface PostedReader {
  /** Reads a body. Null: it is no SealedSecret, or takes too long to be read. */
  read(body: Buffer, signal: AbortSignal): Promise<Posted | null>;
}

export interface ReaderThreadOptions {
  /** How long a body may take to be read, in milliseconds. */
  readonly deadline: number;
  readonly heapMegabytes: number;
}

/**
 * Reads bodies on a thread of its own, one at a time. What anyone may send is read by code that others wrote, and two
 * megabytes of YAML can be such that it would stand still over them for minutes, and all else with it.
 */
export class ReaderThread implements PostedReader {
  readonly #options: ReaderThreadOptions;
  #worker: Promise<Worker> | undefined;

  constructor(options: Partial<ReaderThreadOptions> = {}) {
    this.#options = { deadline: 2_000, heapMegabytes: 192, ...options };
  }

  async read(body: Buffer, signal: AbortSignal): Promise<Posted | null> {
    signal.throwIfAborted();
    const worker = await (this.#worker ??= this.#start());
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      worker.ref();
      return await answerOf(worker, body, deadline.signal);
    } finally {
      worker.unref();
      deadline.clear();
      signal.throwIfAborted();
    }
  }

  async close(): Promise<void> {
    await (await this.#worker)?.terminate();
  }

  async #start(): Promise<Worker> {
    const { heapMegabytes } = this.#options;
    const worker = new Worker(new URL('./reader-thread.js', import.meta.url), {
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    // Its end is told by `exit` too; what it died of may quote what it read.
    worker.on('error', () => undefined);
    worker.once('exit', () => (this.#worker = undefined));
    await new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.once('exit', () => resolve());
    });
    return worker;
  }
}

/** Null where the thread ended, or had to be ended, before it had an answer. */
function answerOf(worker: Worker, body: Buffer, signal: AbortSignal): Promise<Posted | null> {
  return new Promise((resolve) => {
    const finish = (posted: Posted | null): void => {
      worker.off('message', finish).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      resolve(posted);
    };
    const onExit = (): void => finish(null);
    const onAbort = (): void => void worker.terminate();
    worker.on('message', finish).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    // A thread that could not start has no number any more, and no word to wait for.
    else if (worker.threadId < 0) finish(null);
    else worker.postMessage(body);
  });
}
