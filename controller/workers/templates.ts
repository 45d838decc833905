import type { Template } from '../../shared/api/sealed-secret.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { Deadline } from '../../shared/clock.ts';
import { fail } from '../../shared/seal/errors.ts';
import { failedWhileRunning } from '../../shared/seal/templates.ts';
import type { Rendered, Renderer } from '../../shared/seal/unseal.ts';
import { FairSemaphore } from '../workqueue/fair-semaphore.ts';
import { KillableChild } from './child-process.ts';

/** A request to a template process. */
export interface TemplateRequest {
  readonly templates: Template['data'];
  readonly items: ReadonlyMap<string, Uint8Array>;
  /** Whether a template that reads a missing item fails. */
  readonly strict: boolean;
}

/** A message of a template process: an item that it starts, and finally the result, or that the engine itself failed. */
export type TemplateAnswer =
  { readonly started: string } | { readonly rendered: Rendered } | { readonly failed: true };

/** The first message of a process, sent when it has loaded the engine. */
export const READY = 'ready';

/** The number and the limits of template processes. */
export interface TemplateProcessesOptions {
  /** Whether a template that reads a missing item fails. */
  readonly strict: boolean;
  /** How many objects may have their templates rendered at once. Objects without templates do not wait for them. */
  readonly processes: number;
  /** How long the templates of one object may take, in ms. The engine's own bounds are lower. */
  readonly deadline: number;
  /** How long a process may take to start, in ms. */
  readonly startDeadline: number;
  /** How long a process may be idle before it is killed, in ms. */
  readonly idle: number;
  /** See `KillableChildOptions`. The engine itself lets the templates of one object allocate 64 MiB. */
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
  /** The program that a process runs. */
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

interface IdleProcess {
  readonly child: KillableChild;
  /** Expires when the process has been idle for too long. */
  readonly expiry: Deadline;
}

/**
 * Renders templates in child processes, which it starts on demand. Anyone who may write a SealedSecret can write a
 * template, and a template may call native code. A thread ends only when native code returns; a process can be killed at
 * once.
 */
export class TemplateProcesses {
  readonly #options: TemplateProcessesOptions;
  readonly #semaphore: FairSemaphore;
  readonly #idle: IdleProcess[] = [];
  readonly #all = new Set<KillableChild>();
  #closed = false;

  constructor(options: Partial<TemplateProcessesOptions> = {}) {
    this.#options = { ...OPTIONS, ...options };
    this.#semaphore = new FairSemaphore(this.#options.processes);
  }

  /** Returns a renderer for the templates of one object. Namespaces take turns. */
  rendererFor(ref: Ref): Renderer {
    return {
      render: (templates, items, signal) =>
        this.#semaphore.run(
          ref,
          () => this.#render({ templates, items, strict: this.#options.strict }, signal),
          signal,
        ),
    };
  }

  /** Kills all processes without waiting for their work. Later renderings fail. */
  close(): void {
    this.#closed = true;
    for (const { expiry } of this.#idle.splice(0)) expiry.clear();
    for (const child of this.#all) child.kill();
  }

  async #render(request: TemplateRequest, signal: AbortSignal): Promise<Rendered> {
    signal.throwIfAborted();
    if (this.#closed) throw new Error('the template processes are closed');
    const child = this.#takeIdle() ?? (await this.#start(signal));
    const deadline = new Deadline(this.#options.deadline, signal);
    try {
      const rendered = await this.#renderIn(child, request, deadline.signal);
      signal.throwIfAborted();
      return rendered;
    } finally {
      deadline.clear();
      this.#keepIdle(child);
    }
  }

  /** Renders in a process. If the process ends early, the item that it was rendering counts as failed. */
  async #renderIn(child: KillableChild, request: TemplateRequest, signal: AbortSignal): Promise<Rendered> {
    let item = [...request.templates].find(([, text]) => text !== null)?.[0] ?? '';
    const receive = (message: unknown): Rendered | undefined => {
      // The message comes from our own code, so it needs no check.
      const answer = message as TemplateAnswer;
      if ('rendered' in answer) return withBuffers(answer.rendered);
      if ('failed' in answer) return { problems: [failedWhileRunning(item)] };
      item = answer.started;
      return undefined;
    };
    return (await child.request(request, receive, signal)) ?? { problems: [failedWhileRunning(item)] };
  }

  /** Returns an idle process, if there is one. */
  #takeIdle(): KillableChild | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      idle.expiry.clear();
      if (idle.child.alive) return idle.child;
      this.#all.delete(idle.child);
    }
    return undefined;
  }

  /** Starts a process. The time to load the engine does not count towards the deadline of the templates. */
  async #start(signal: AbortSignal): Promise<KillableChild> {
    const child = new KillableChild(this.#options);
    this.#all.add(child);
    const deadline = new Deadline(this.#options.startDeadline, signal);
    await child.ready(deadline.signal);
    deadline.clear();
    if (child.alive) return child;
    this.#all.delete(child);
    signal.throwIfAborted();
    // Not the fault of a template: the reconcile fails, and is retried.
    return fail({ code: 'NoTemplateProcess' });
  }

  /** Keeps a process for the next object, or forgets it if it has ended. */
  #keepIdle(child: KillableChild): void {
    const end = (): void => {
      child.kill();
      this.#all.delete(child);
    };
    if (this.#closed || !child.alive) return end();
    const expiry = new Deadline(this.#options.idle);
    const idle: IdleProcess = { child, expiry };
    expiry.signal.addEventListener('abort', () => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      end();
    });
    this.#idle.push(idle);
  }
}

/** Returns the result with Buffers: messages between processes may turn them into plain Uint8Arrays. */
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
