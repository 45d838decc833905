import { ABORTED, type Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { showRef, type Api, type Ref } from '../../shared/kubernetes/api/api.ts';
import { EVENTS } from '../../shared/kubernetes/api/kinds.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { OutageLog } from '../log/outage-log.ts';
import { FairQueue } from '../workqueue/fair-queue.ts';
import { eventOn, type EventObject, type EventText, type NewEvent } from './events.ts';
import { outageOf } from './outage.ts';

/** How many events are sent at once. */
const SENDERS = 4;
/** How many events wait at most, besides those that are being sent. */
const MAX_EVENTS = 1_000;
/** How many bytes of memory they take at most. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What an event recorder depends on. */
export interface EventRecorderOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly outages: OutageLog;
  /** Called with the number of events that were dropped. */
  readonly onDropped: (count: number) => void;
}

/**
 * Records events in the background, so that no reconcile waits for one. Namespaces take turns. If too many events wait,
 * the oldest one of the namespace with the most is dropped: its later events say how things are now.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** The waiting events, by their own names. */
  readonly #queue = new FairQueue();
  readonly #waiting = new Map<string, NewEvent>();
  #bytes = 0;
  #sending = 0;
  /** Functions that wake senders without an event. */
  #idle: (() => void)[] = [];
  /** Functions that resolve the calls of `drained`. */
  #drained: (() => void)[] = [];

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Adds an event on a SealedSecret, or on what the text is about. */
  record(object: EventObject, text: EventText): void {
    const event = eventOn(object, text, this.#options.clock.now());
    this.#queue.add(event.ref);
    this.#waiting.set(showRef(event.ref), event);
    this.#bytes += event.bytes;
    let dropped = 0;
    while (this.#queue.size > MAX_EVENTS || this.#bytes > MAX_BYTES) {
      this.#remove(this.#queue.takeFromLargest());
      dropped++;
    }
    if (dropped > 0) this.#options.onDropped(dropped);
    this.#idle.pop()?.();
  }

  /** Sends events until the signal aborts, then drops those that wait. May be called again after that. */
  async run(signal: AbortSignal): Promise<void> {
    const wakeAll = (): void => {
      for (const wake of this.#idle.splice(0)) wake();
    };
    signal.addEventListener('abort', wakeAll, { once: true });
    await Promise.all(Array.from({ length: SENDERS }, () => this.#sendEvents(signal)));
    this.#dropAll();
  }

  /** Resolves when no event waits or is being sent. Rejects when the signal aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    if (this.#isDrained) return;
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(ABORTED), { once: true });
      this.#drained.push(resolve);
    });
  }

  get #isDrained(): boolean {
    return this.#queue.size === 0 && this.#sending === 0;
  }

  async #sendEvents(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const event = this.#remove(this.#queue.take());
      if (event === undefined) {
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        continue;
      }
      this.#sending++;
      await this.#send(event, signal);
      this.#sending--;
      this.#notifyDrained();
    }
  }

  /** Sends one event. A failure is only logged: the status holds the same information, so no retry is needed. */
  async #send({ ref, body, object }: NewEvent, signal: AbortSignal): Promise<void> {
    const { api, log, outages } = this.#options;
    try {
      await api.write({ verb: 'create', kind: EVENTS, ref, body }, signal);
    } catch (error) {
      if (signal.aborted) return;
      const failure = failureOf(error, 'event');
      const fields = { object, ...failureFields(failure) };
      const logInFull = (more?: number): void =>
        log.warn('failed to record event', more ? { ...fields, more } : fields);
      const cause = outageOf(failure);
      if (cause === undefined) logInFull();
      else outages.failedOnce(cause, logInFull);
    }
  }

  #remove(ref: Ref | undefined): NewEvent | undefined {
    if (ref === undefined) return undefined;
    const key = showRef(ref);
    const event = this.#waiting.get(key);
    this.#waiting.delete(key);
    this.#bytes -= event?.bytes ?? 0;
    return event;
  }

  #dropAll(): void {
    const dropped = this.#queue.size;
    while (this.#remove(this.#queue.take()) !== undefined);
    if (dropped > 0) this.#options.onDropped(dropped);
    this.#notifyDrained();
  }

  #notifyDrained(): void {
    if (!this.#isDrained) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
