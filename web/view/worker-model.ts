import type { Clock } from '../../shared/clock.ts';
import type { Model, Request, Response } from '../model/protocol.ts';

/** What the page uses of a `Worker`. */
export interface WorkerPort {
  postMessage(request: Request): void;
  terminate(): void;
}

/** What a worker tells. */
export interface WorkerEvents {
  readonly onResponse: (response: Response) => void;
  /** Called when the worker cannot go on. */
  readonly onBroken: () => void;
}

/** How to start workers, and how long to wait for them. */
export interface WorkerModelOptions {
  readonly start: (events: WorkerEvents) => WorkerPort;
  readonly clock: Clock;
  /** How long an operation may take, in ms. */
  readonly deadline: number;
}

/** Why the worker gave no answer: it took too long, it broke, or its work was no longer wanted. */
export type Unanswered = 'deadline' | 'broken' | 'ended';

/** Thrown when the worker gives no answer. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
  readonly reason: Unanswered;

  constructor(reason: Unanswered) {
    super(`the worker gave no answer: ${reason}`);
    this.reason = reason;
  }
}

interface Waiting {
  readonly take: (response: Response) => void;
  readonly refuse: (error: UnansweredError) => void;
}

/**
 * The model in a worker, so that no input blocks the page. A worker starts with the first request. Its memory goes with
 * it: `end` leaves nothing of what it was given. Each operation throws `UnansweredError` if there is no answer.
 */
export class WorkerModel implements Model {
  readonly #options: WorkerModelOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: WorkerPort | undefined;
  #requests = 0;

  constructor(options: WorkerModelOptions) {
    this.#options = options;
  }

  async readCertificate(
    ...parameters: Parameters<Model['readCertificate']>
  ): ReturnType<Model['readCertificate']> {
    const response = await this.#ask((id) => ({ id, operation: 'readCertificate', parameters }));
    return response.operation === 'readCertificate' ? response.answer : broken();
  }

  async recognize(...parameters: Parameters<Model['recognize']>): ReturnType<Model['recognize']> {
    const response = await this.#ask((id) => ({ id, operation: 'recognize', parameters }));
    return response.operation === 'recognize' ? response.answer : broken();
  }

  async plan(...parameters: Parameters<Model['plan']>): ReturnType<Model['plan']> {
    const response = await this.#ask((id) => ({ id, operation: 'plan', parameters }));
    return response.operation === 'plan' ? response.answer : broken();
  }

  async seal(...parameters: Parameters<Model['seal']>): ReturnType<Model['seal']> {
    const response = await this.#ask((id) => ({ id, operation: 'seal', parameters }));
    return response.operation === 'seal' ? response.answer : broken();
  }

  /** Ends the worker. What it has not answered yet throws `UnansweredError`. */
  end(reason: Unanswered = 'ended'): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { refuse } of waiting) refuse(new UnansweredError(reason));
  }

  async #ask(request: (id: number) => Request): Promise<Response> {
    this.#requests += 1;
    const id = this.#requests;
    const worker = (this.#worker ??= this.#start());
    const answered = new AbortController();
    void this.#endLate(id, answered.signal);
    try {
      return await new Promise<Response>((take, refuse) => {
        this.#waiting.set(id, { take, refuse });
        worker.postMessage(request(id));
      });
    } finally {
      this.#waiting.delete(id);
      answered.abort();
    }
  }

  #start(): WorkerPort {
    const worker = this.#options.start({
      onResponse: (response) => this.#waiting.get(response.id)?.take(response),
      onBroken: () => {
        if (worker === this.#worker) this.end('broken');
      },
    });
    return worker;
  }

  async #endLate(id: number, answered: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(this.#options.deadline, answered);
    } catch {
      return;
    }
    if (this.#waiting.has(id)) this.end('deadline');
  }
}

function broken(): never {
  throw new UnansweredError('broken');
}
