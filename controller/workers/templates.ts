import { Worker } from 'node:worker_threads';
import type { Ref } from '../../shared/cluster/api.ts';
import { Deadline } from '../../shared/clock.ts';
import { failedWhileRunning } from '../../shared/seal/templates.ts';
import type { Rendered, Renderer } from '../../shared/seal/unseal.ts';
import { Turns } from '../turns.ts';

/** What a thread is asked, and what it answers: which template it begins with, and at last the whole result. */
export interface TemplateRequest {
  readonly templates: ReadonlyMap<string, string>;
  readonly items: ReadonlyMap<string, Uint8Array>;
}
export type TemplateAnswer = { readonly started: string } | { readonly rendered: Rendered };

/** What a thread says once, when it has loaded the engine. */
export const READY = 'ready';

export interface TemplateThreadsOptions {
  /** How many templates may run at once; other SealedSecrets than those with templates wait for none. */
  readonly threads: number;
  /** How long the templates of one SealedSecret may take, in milliseconds: the engine's own bounds are lower. */
  readonly deadline: number;
  readonly heapMegabytes: number;
  /** The program of a thread. */
  readonly program: URL;
}

const OPTIONS: TemplateThreadsOptions = {
  threads: 2,
  deadline: 6_000,
  heapMegabytes: 192,
  program: new URL('./template-thread.js', import.meta.url),
};

/**
 * Renders templates on threads of their own. Code on the main thread cannot be interrupted, and a template comes
 * from whoever may write a SealedSecret: what the engine's counting misses ends with its thread. Threads are made
 * when they are first needed.
 */
export class TemplateThreads {
  readonly #options: TemplateThreadsOptions;
  readonly #turns: Turns;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  constructor(options: Partial<TemplateThreadsOptions> = {}) {
    this.#options = { ...OPTIONS, ...options };
    this.#turns = new Turns(this.#options.threads);
  }

  /** For the templates of one object. */
  rendererFor(ref: Ref): Renderer {
    return {
      render: (templates, items, signal) =>
        this.#turns.take(ref, () => this.#render({ templates, items }, signal)),
    };
  }

  /** Ends the threads; nothing must be waiting for them any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  /** A new thread, as soon as it is ready; what it loads is not on the time of the templates. */
  async #start(): Promise<Worker> {
    const { program, heapMegabytes } = this.#options;
    const worker = new Worker(program, {
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    // Its end is told by `exit` too; what it died of may quote what it worked on.
    worker.on('error', () => undefined);
    this.#all.add(worker);
    worker.once('exit', () => this.#all.delete(worker));
    await new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.once('exit', () => resolve());
    });
    return worker;
  }

  async #render(request: TemplateRequest, signal: AbortSignal): Promise<Rendered> {
    signal.throwIfAborted();
    const worker = this.#idle.pop() ?? (await this.#start());
    worker.ref();
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      const answer = await answerOf(worker, request, deadline.signal);
      if ('rendered' in answer) this.#rest(worker);
      signal.throwIfAborted();
      return 'rendered' in answer
        ? withBuffers(answer.rendered)
        : { problems: [failedWhileRunning(answer.started)] };
    } finally {
      deadline.clear();
    }
  }

  /** A process that has nothing else to do may end. */
  #rest(worker: Worker): void {
    worker.unref();
    this.#idle.push(worker);
  }
}

/** The thread's last word on a request: the result, or where it was when it ended or was ended. */
function answerOf(worker: Worker, request: TemplateRequest, signal: AbortSignal): Promise<TemplateAnswer> {
  return new Promise((resolve) => {
    let [started = ''] = request.templates.keys();
    const finish = (answer: TemplateAnswer): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      resolve(answer);
    };
    const onMessage = (answer: TemplateAnswer): void => {
      if ('rendered' in answer) finish(answer);
      else started = answer.started;
    };
    const onExit = (): void => finish({ started });
    const onAbort = (): void => void worker.terminate();
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    // A thread that could not start has no number any more, and no word to wait for.
    else if (worker.threadId < 0) finish({ started });
    else worker.postMessage(request);
  });
}

/** Between threads, a Buffer comes as plain bytes. */
function withBuffers(rendered: Rendered): Rendered {
  if ('problems' in rendered) return rendered;
  return {
    values: new Map(
      [...rendered.values].map(([item, { buffer, byteOffset, byteLength }]) => {
        return [item, Buffer.from(buffer, byteOffset, byteLength)];
      }),
    ),
    impure: rendered.impure,
  };
}
