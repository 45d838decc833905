import type { Metadata } from '../../shared/api/metadata.ts';
import {
  isOversized,
  showRef,
  SilentStream,
  type Api,
  type Listed,
  type Query,
  type Ref,
} from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Kind } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { Backoff } from '../workqueue/backoff.ts';
import type { Log } from '../log/log.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { ReflectorLog, type Phase } from './reflector-log.ts';
import { NO_OBSERVER, type ListFailure, type WatchObserver } from './watch-observer.ts';

/** Receives the state of the objects in the cluster. Calls are level-triggered: repeating one has no effect. */
export interface Sink<T = Metadata> {
  /**
   * The object exists in this state.
   *
   * @param size the length of its JSON, in UTF-16 units
   */
  seen(object: T, size: number): void;
  /** The object does not exist any more. */
  gone(ref: Ref): void;
  /** Returns every object that was seen and is not gone, by `NAMESPACE/NAME`. */
  known(): Iterable<[string, Ref]>;
  /** A list is complete. Later calls of `seen` and `gone` report changes. */
  caughtUp(): void;
}

/** Options of `Reflector`. */
export interface ReflectorOptions<T> {
  readonly api: Api;
  readonly kind: Kind<T>;
  readonly refOf: (object: T) => Ref;
  readonly query: Query;
  readonly sink: Sink<T>;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: WatchObserver;
  /** Reflectors that share it log only once that listing or watching is forbidden. */
  readonly forbiddenLog?: DedupLogger;
  /** How long a stream may send nothing before it counts as dead, in ms. Default: 150 s. */
  readonly maxSilence?: number;
}

/** Upper bound of the time after which the server ends a watch, in s. Random from half of it, to spread reconnects. */
const WATCH_SECONDS = 600;
/** Default of `maxSilence`, in ms. The server sends a bookmark every minute. */
const SILENCE = 150_000;
/** How old the last list may get before a new one, in ms: it repairs whatever a watch may have missed. */
const RELIST = 15 * 60_000;
/** Poll interval where watching is forbidden, in ms; also the longest back-off where listing is forbidden too. */
const POLL = 60_000;
/** A cycle that fails after more than this, in ms, resets the back-off. */
const HEALTHY = 5_000;
/**
 * The same for a cycle whose stream the server ended, in ms. The server ends streams about a second after each change
 * of the CustomResourceDefinition, however often it changes. A shorter stream must not be reopened in a tight loop.
 */
const HEALTHY_STREAM = 1_000;

/**
 * Keeps a sink up to date with the objects of one kind until a signal aborts. Each cycle makes a complete list if
 * necessary, then watches from its resource version until the stream ends. The resource version advances only after
 * the sink has received the change.
 *
 * A watch resumes only after the server has confirmed that it has reached the resource version, and never after a
 * silent stream. After etcd is restored from an older snapshot, the server accepts a watch from a version in the
 * future and sends nothing.
 *
 * An object that is too large or cannot be read is logged once and skipped.
 *
 * @example
 * import { SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
 *
 * const kind = SECRET_METADATA;
 * await new Reflector({ api, kind, refOf: (secret) => secret, query: {}, sink, clock, log }).run(signal);
 */
export class Reflector<T = Metadata> {
  readonly #api: Api;
  readonly #kind: Kind<T>;
  readonly #refOf: (object: T) => Ref;
  readonly #query: Query;
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #log: ReflectorLog;
  readonly #observer: WatchObserver;
  readonly #maxSilence: number;
  readonly #forbiddenBackoff = new Backoff(500, POLL);
  /** The resource version to watch from; undefined if a list has to come first. */
  #version: string | undefined;
  /** When the last list was complete, in ms of the clock; undefined if none was. */
  #listedAt: number | undefined;
  /** The current phase, to which a failure applies. */
  #phase: Phase = 'list';
  /** Whether the next list is paginated. The server keeps the pages of a list for a few minutes only. */
  #paged = true;

  constructor(options: ReflectorOptions<T>) {
    const { api, kind, refOf, query, sink, clock, log, forbiddenLog = new DedupLogger() } = options;
    this.#api = api;
    this.#kind = kind;
    this.#refOf = refOf;
    this.#query = query;
    this.#sink = sink;
    this.#clock = clock;
    this.#log = new ReflectorLog({ log, kind, query, forbiddenLog });
    this.#observer = options.observer ?? NO_OBSERVER;
    this.#maxSilence = options.maxSilence ?? SILENCE;
  }

  /** Runs until the signal aborts. Retries every failure, and never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(500, 10_000);
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const startedAt = this.#clock.elapsed();
      let minPause = 0;
      let listed = false;
      let healthy = HEALTHY;
      try {
        if (this.#mustList(startedAt) || !(await this.#canResume(signal))) {
          await this.#list(signal);
          listed = true;
        }
        await this.#watch(signal);
        healthy = HEALTHY_STREAM;
      } catch (error) {
        if (stopped()) return;
        minPause = this.#failed(error, listed) ?? 0;
      }
      if (this.#clock.elapsed() - startedAt > healthy) backoff.reset();
      await this.#clock.sleep(Math.max(minPause, backoff.next()), signal).catch(() => undefined);
      this.#observer.restarted();
    }
  }

  #mustList(now: number): boolean {
    return this.#version === undefined || this.#listedAt === undefined || now - this.#listedAt > RELIST;
  }

  /**
   * Returns whether the watch can resume from its resource version. If the server refuses to answer, returns false: the
   * list that follows reports the reason. Throws temporary failures.
   */
  async #canResume(signal: AbortSignal): Promise<boolean> {
    this.#phase = 'watch';
    try {
      const options = { resourceVersion: this.#version ?? '', signal };
      if (await this.#api.hasReached(this.#kind, this.#query, options)) return true;
    } catch (error) {
      if (isTemporary(error)) throw error;
      return false;
    }
    this.#log.wentBack();
    return false;
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#phase = 'list';
    const listed = new Set<string>();
    const visit = (item: Listed<T>): void => {
      this.#observer.heard();
      listed.add(this.#receive(item));
    };
    const version = await this.#api.list(this.#kind, { ...this.#query, signal, paged: this.#paged }, visit);
    for (const [key, ref] of this.#sink.known()) if (!listed.has(key)) this.#sink.gone(ref);
    this.#log.keepOnly(listed);
    this.#sink.caughtUp();
    this.#forbiddenBackoff.reset();
    this.#paged = true;
    this.#version = version;
    this.#listedAt = this.#clock.elapsed();
    this.#observer.listed();
    this.#observer.heard();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    this.#phase = 'watch';
    const timeoutSeconds = Math.round(WATCH_SECONDS * (0.5 + Math.random() / 2));
    const options = { from: this.#version ?? '', timeoutSeconds, silence: this.#maxSilence, signal };
    for await (const change of this.#api.watch(this.#kind, this.#query, options)) {
      this.#log.recovered();
      this.#observer.heard();
      if (change.type === 'DELETED')
        this.#deleted(change.item.ok ? this.#refOf(change.item.object) : change.item.ref);
      else if (change.type !== 'BOOKMARK') this.#receive(change.item);
      this.#version = change.resourceVersion;
    }
  }

  #deleted(ref: Ref): void {
    this.#log.forget(ref);
    this.#sink.gone(ref);
  }

  /** Passes an object to the sink, or logs that it cannot be read. Returns its `NAMESPACE/NAME`. */
  #receive(item: Listed<T>): string {
    if (!item.ok) {
      if (isOversized(item)) this.#observer.skipped();
      this.#log.unreadable(item.ref, item.failure);
      return showRef(item.ref);
    }
    const ref = this.#refOf(item.object);
    this.#log.forget(ref);
    this.#sink.seen(item.object, item.size);
    return showRef(ref);
  }

  /** Reports a failure and decides how to continue. Returns the least pause before the next cycle, in ms. */
  #failed(error: unknown, listed: boolean): number | undefined {
    const refusal = error instanceof ApiError ? error : undefined;
    const isForbidden = refusal?.status === 403;
    const isExpired = refusal?.status === 410;
    // A permanent failure would recur if the watch started from the same resource version.
    if (!isTemporary(error) || error instanceof SilentStream) this.#version = undefined;
    if (this.#phase === 'list') this.#observer.listFailed(listFailureOf(refusal));
    // A list whose pages expired is requested in one response the next time.
    this.#paged = !(this.#phase === 'list' && isExpired);
    // The server keeps resource versions for five minutes, so an expired one is normal.
    if (!isExpired) this.#log.failed(this.#phase, failureOf(error, 'watch'));
    if (isForbidden) {
      // With no access from the start, nothing can be heard, and the watch must not count as dead.
      if (this.#listedAt === undefined) this.#observer.heard();
      // The namespaced roles of Bitnami's chart allow neither watching Secrets nor any access to SealedSecrets in the
      // controller's own namespace, so this may last. An API server that is starting also forbids everything at first.
      return listed ? POLL : this.#forbiddenBackoff.next();
    }
    return refusal?.retryAfter;
  }
}

/** Returns whether the same request may succeed later. */
function isTemporary(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return failureOf(error, 'watch').code === 'Unreachable';
}

function listFailureOf(refusal: ApiError | undefined): ListFailure {
  if (refusal?.status === 403) return 'forbidden';
  return refusal?.status === 404 ? 'missing' : 'failed';
}
