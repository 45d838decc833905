import { Worker } from 'node:worker_threads';
import type { Clock } from '../../shared/clock.ts';
import { aborted } from '../aborted.ts';
import type { Log } from '../log/log.ts';
import type { Runnable } from '../runnables.ts';
import type { Leadership } from './leadership.ts';
import type { ElectionThreadData, FromElection, ToElection } from './messages.ts';

const PROGRAM = new URL('./election-thread.js', import.meta.url);
/** The limits of the thread's heap, in MiB. Its requests are small. */
const LIMITS = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
/** How long the thread may take to release the Lease and exit, in ms. */
const RELEASE_LIMIT = 4_000;

/** What an `ElectionRunnable` needs. */
export interface ElectionContext {
  readonly data: ElectionThreadData;
  readonly leadership: Leadership;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Runs the election thread. Stopped last, it releases the Lease after everything that writes has stopped.
 *
 * If the thread dies, the controller crashes: nothing is known about the cause, and the kubelet starts a new process in a
 * known state. The guard does not depend on that: without renewals, the term expires.
 */
export class ElectionRunnable implements Runnable {
  readonly #context: ElectionContext;
  #worker: Worker | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #died: Promise<never> | undefined;
  #isStopping = false;

  constructor(context: ElectionContext) {
    this.#context = context;
  }

  start(): void {
    const { data, leadership, log } = this.#context;
    const { namespace, name } = data.ref;
    const fields = { lease: `${namespace}/${name}`, identity: data.identity };
    const worker = new Worker(PROGRAM, { workerData: data, resourceLimits: LIMITS, name: 'leader election' });
    this.#worker = worker;
    worker.on('message', (message: FromElection) => {
      switch (message.kind) {
        case 'log':
          log[message.level](message.message, message.fields);
          break;
        case 'begun':
          leadership.begun(message.term);
          break;
        case 'ended':
          leadership.ended(message.term);
      }
    });
    leadership.onChange((isLeader) => {
      if (isLeader) log.info('this replica is the leader', fields);
      else if (this.#isStopping) log.info('released the Lease', fields);
      else log.warn('this replica is no longer the leader', fields);
    });
    this.#exited = new Promise((resolve) => worker.once('exit', resolve));
    this.#died = new Promise((_, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the leader election thread has ended')));
    });
    // Handled by `run`. An exit after a stop is expected.
    this.#died.catch(() => undefined);
  }

  /** Tells the thread that the main thread has seen a term expire. */
  expired(term: number): void {
    this.#post({ kind: 'expired', term });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { leadership, log } = this.#context;
    const died = this.#died?.catch((error: unknown) => {
      if (!signal.aborted) log.error('the leader election thread died');
      throw error;
    });
    await Promise.all([leadership.run(signal), Promise.race([aborted(signal), died])]);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const waited = new AbortController();
    this.#post({ kind: 'stop' });
    const late = this.#context.clock.sleep(RELEASE_LIMIT, waited.signal).catch(() => undefined);
    await Promise.race([this.#exited, late]);
    waited.abort();
    await this.#worker?.terminate();
  }

  #post(message: ToElection): void {
    this.#worker?.postMessage(message);
  }
}
