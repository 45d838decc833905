import type { Template } from '../../shared/api/sealed-secret.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { Deadline } from '../../shared/clock.ts';
import { failedWhileRunning } from '../../shared/seal/templates.ts';
import type { Rendered, Renderer } from '../../shared/seal/unseal.ts';
import { FairSemaphore } from '../workqueue/fair-semaphore.ts';
import { KillableChild } from './child-process.ts';

/** What a process is asked. */
export interface TemplateRequest {
  readonly templates: Template['data'];
  readonly items: ReadonlyMap<string, Uint8Array>;
  /** Whether a template fails that reads an item that does not exist. */
  readonly strict: boolean;
}

/** What it answers: each item that begins, and in the end the result, or that the engine itself failed. */
export type TemplateAnswer =
  { readonly started: string } | { readonly rendered: Rendered } | { readonly failed: true };

/** What a process says once, when it has loaded the engine. */
export const READY = 'ready';

export interface TemplateProcessesOptions {
  /** Whether a template fails that reads an item that does not exist. */
  readonly strict: boolean;
  /** How many objects may have their templates run at once; objects without templates wait for none. */
  readonly processes: number;
  /** How long the templates of one object may take, in milliseconds: the engine's own bounds are lower. */
  readonly deadline: number;
  /** How long a process may take to start, in milliseconds. */
  readonly startDeadline: number;
  /** After how long without work a process is ended, in milliseconds. */
  readonly idle: number;
  /** See `ChildOptions`. The engine's own bound on what the templates of one object allocate is 64 MiB. */
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
  /** The program of a process. */
  readonly program: URL;
}

const OPTIONS: TemplateProcessesOptions = {
  strict: false,
  processes: 2,
  deadline: 6_000,
  startDeadline: 30_000,
  idle: 60_000,
  heapMegabytes: 128,
  residentMegabytes: 224,
  program: new URL('./template-process.js', import.meta.url),
};

/** No process can be started, for want of memory or processes. */
class NoProcessError extends Error {
  override readonly name = 'NoProcessError';
}

interface Idle {
  readonly child: KillableChild;
  readonly rest: Deadline;
}

/**
 * Renders templates in processes of their own, which are started when they are first needed. A template comes from
 * anyone who may write a SealedSecret, and what it calls may be native code, which ends a thread no sooner than it
 * returns. A process ends at once.
 */
export class TemplateProcesses {
  readonly #options: TemplateProcessesOptions;
  readonly #turns: FairSemaphore;
  readonly #idle: Idle[] = [];
  readonly #all = new Set<KillableChild>();
  #closed = false;

  constructor(options: Partial<TemplateProcessesOptions> = {}) {
    this.#options = { ...OPTIONS, ...options };
    this.#turns = new FairSemaphore(this.#options.processes);
  }

  /** Renders the templates of one object. */
  rendererFor(ref: Ref): Renderer {
    return {
      render: (templates, items, signal) =>
        this.#turns.run(
          ref,
          () => this.#render({ templates, items, strict: this.#options.strict }, signal),
          signal,
        ),
    };
  }

  /** Kills all processes, for good. Does not wait for what they do. */
  close(): void {
    this.#closed = true;
    for (const { rest } of this.#idle.splice(0)) rest.clear();
    for (const child of this.#all) child.kill();
  }

  async #render(request: TemplateRequest, signal: AbortSignal): Promise<Rendered> {
    signal.throwIfAborted();
    if (this.#closed) throw new Error('template processes are closed');
    const child = this.#rested() ?? (await this.#start(signal));
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      const rendered = await this.#ask(child, request, deadline.signal);
      signal.throwIfAborted();
      return rendered;
    } finally {
      deadline.clear();
      this.#rest(child);
    }
  }

  /** The result, or that the item failed at which the process ended. */
  async #ask(child: KillableChild, request: TemplateRequest, signal: AbortSignal): Promise<Rendered> {
    let item = [...request.templates].find(([, text]) => text !== null)?.[0] ?? '';
    const receive = (message: unknown): Rendered | undefined => {
      // Our own code wrote it.
      const answer = message as TemplateAnswer;
      if ('rendered' in answer) return withBuffers(answer.rendered);
      if ('failed' in answer) return { problems: [failedWhileRunning(item)] };
      item = answer.started;
      return undefined;
    };
    return (await child.ask(request, receive, signal)) ?? { problems: [failedWhileRunning(item)] };
  }

  /** A process that waits for work. */
  #rested(): KillableChild | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      idle.rest.clear();
      if (idle.child.alive) return idle.child;
      this.#all.delete(idle.child);
    }
    return undefined;
  }

  /** Loading the engine is not on the time of the templates. */
  async #start(signal: AbortSignal): Promise<KillableChild> {
    const child = new KillableChild(this.#options);
    this.#all.add(child);
    const deadline = new Deadline(this.#options.startDeadline, signal);
    await child.ready(deadline.signal);
    deadline.clear();
    if (child.alive) return child;
    this.#all.delete(child);
    signal.throwIfAborted();
    // No template is to blame: the reconcile fails, and is tried again later.
    throw new NoProcessError('no process for templates can be started');
  }

  /** Keeps a process for the next object, or forgets one that has ended. */
  #rest(child: KillableChild): void {
    const end = (): void => {
      child.kill();
      this.#all.delete(child);
    };
    if (this.#closed || !child.alive) return end();
    const rest = new Deadline(this.#options.idle);
    const idle: Idle = { child, rest };
    rest.signal.addEventListener('abort', () => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      end();
    });
    this.#idle.push(idle);
  }
}

/** Between processes, a Buffer may come as plain bytes. */
function withBuffers(rendered: Rendered): Rendered {
  if ('problems' in rendered) return rendered;
  return {
    values: new Map(
      [...rendered.values].map(([item, { buffer, byteOffset, byteLength }]) => {
        return [item, Buffer.from(buffer, byteOffset, byteLength)];
      }),
    ),
    impure: rendered.impure,
    ...(rendered.missing ? { missing: rendered.missing } : {}),
  };
}
