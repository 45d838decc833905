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
import { describe, failureOf, type Failure } from '../../shared/errors.ts';
import { Backoff } from '../workqueue/backoff.ts';
import { failureFields, type Log } from '../log/log.ts';
import { DedupLogger } from '../log/dedup-logger.ts';

/** Is told what the API server holds: by level, so that the same news twice do no harm. */
export interface Sink {
  /** The object is there, as this. */
  seen(object: Metadata): void;
  /** The object is not there any more. */
  gone(ref: Ref): void;
  /** Whatever was seen and is not gone, by `NAMESPACE/NAME`. */
  known(): Iterable<[string, Ref]>;
  /** A list was complete: from now on, what comes is news. */
  caughtUp(): void;
}

/** Why a list failed: it is forbidden, the cluster has no such kind, or anything else, which may pass. */
export type ListFailure = 'forbidden' | 'missing' | 'failed';

/** Follows one watch, for metrics and readiness. */
export interface WatchObserver {
  /** The stream has ended, and is opened again. */
  restarted(): void;
  /** A list was complete. */
  listed(): void;
  /** A list has failed. It is tried again. */
  listFailed(failure: ListFailure): void;
  /** The server has said something, if only that nothing has changed. */
  heard(): void;
  /** An object was skipped because it is too large. */
  skipped(): void;
}

export interface ReflectorOptions {
  readonly api: Api;
  readonly kind: Kind<Metadata>;
  readonly query: Query;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: WatchObserver;
  /** Reflectors that share it log only once together that what they watch may not be watched. */
  readonly notices?: DedupLogger;
  /** How long a stream may be silent, in milliseconds. Default: 150 s, for a bookmark comes every minute. */
  readonly silence?: number;
}

const NOBODY: WatchObserver = {
  restarted: () => undefined,
  listed: () => undefined,
  listFailed: () => undefined,
  heard: () => undefined,
  skipped: () => undefined,
};

/** The server ends a watch after so long; half of it is left to chance, so that not all come back at once. */
const WATCH_SECONDS = 600;
/** A bookmark comes every minute: a stream that is silent for longer is dead, in milliseconds. */
const SILENCE = 150_000;
/** The watch makes it fast, the list makes it sure. */
const RELIST = 15 * 60_000;
/** Where only listing is allowed, a list comes so often; and where not even that is, at last an attempt. */
const POLL = 60_000;
/** A turn that fails after more than this, in ms, starts the back-off from the beginning. */
const HEALTHY = 5_000;
/**
 * The same for a stream that the server ends by itself. It does so about a second after each change of the
 * CustomResourceDefinition, however often that changes. A shorter stream is of no use, and must not be opened in a loop.
 */
const HEALTHY_STREAM = 1_000;

/**
 * Keeps a sink up to date with one kind of object: a complete list, then a watch from its version, and again whenever
 * either ends, until the signal aborts. The version moves on only after the sink was told.
 *
 * A watch goes on from a version only if the server has reached it, and never after a silent stream: after etcd was
 * restored from an older snapshot, the server accepts a watch from a version of the future and says nothing.
 *
 * An object that is too large or cannot be read is logged once and passed over; the others go on.
 *
 * @example
 * await new Reflector({ api, kind: SECRET_METADATA, query: {}, sink, clock, log }).run(signal);
 */
export class Reflector {
  readonly #api: Api;
  readonly #kind: Kind<Metadata>;
  readonly #query: Query;
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: WatchObserver;
  readonly #once = new DedupLogger();
  readonly #notices: DedupLogger;
  readonly #silence: number;
  readonly #whileForbidden = new Backoff(500, POLL);
  /** Whether it was this one that said that it may not watch. */
  #noticed = false;
  /** The version to watch from; undefined: a list has to come first. */
  #version: string | undefined;
  /** When the last complete list ended; undefined: there was none. */
  #listedAt: number | undefined;
  /** What is being done: a failure is about that. */
  #phase: 'list' | 'watch' = 'list';
  /** Whether the next list comes in pages, which the server keeps for some minutes only. */
  #paged = true;

  constructor(options: ReflectorOptions) {
    this.#api = options.api;
    this.#kind = options.kind;
    this.#query = options.query;
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#observer = options.observer ?? NOBODY;
    this.#notices = options.notices ?? new DedupLogger();
    this.#silence = options.silence ?? SILENCE;
  }

  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(500, 10_000);
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const started = this.#clock.elapsed();
      let wanted: number | undefined;
      let listed = false;
      let healthy = HEALTHY;
      try {
        if (this.#mustList(started) || !(await this.#canGoOn(signal))) {
          await this.#list(signal);
          listed = true;
        }
        await this.#watch(signal);
        healthy = HEALTHY_STREAM;
      } catch (error) {
        if (stopped()) return;
        wanted = this.#failed(error, listed);
      }
      if (this.#clock.elapsed() - started > healthy) backoff.reset();
      await this.#clock.sleep(Math.max(wanted ?? 0, backoff.next()), signal).catch(() => undefined);
      this.#observer.restarted();
    }
  }

  #mustList(now: number): boolean {
    return this.#version === undefined || this.#listedAt === undefined || now - this.#listedAt > RELIST;
  }

  /** Returns whether the watch can go on from its version. The list that follows says why it may not be asked. */
  async #canGoOn(signal: AbortSignal): Promise<boolean> {
    this.#phase = 'watch';
    try {
      if (
        await this.#api.hasReached(this.#kind, this.#query, { resourceVersion: this.#version ?? '', signal })
      )
        return true;
    } catch (error) {
      if (isPassing(error)) throw error;
      return false;
    }
    const { kind, plural } = this.#kind;
    const words = `the API server knows an older state of ${plural} than was seen: they are listed again`;
    this.#log.warn(words, { kind, namespace: this.#query.namespace });
    return false;
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#phase = 'list';
    const listed = new Set<string>();
    const visit = (item: Listed<Metadata>): void => {
      this.#observer.heard();
      this.#tell(item, listed);
    };
    const version = await this.#api.list(this.#kind, this.#query, visit, { signal, paged: this.#paged });
    for (const [key, ref] of this.#sink.known()) if (!listed.has(key)) this.#sink.gone(ref);
    this.#once.keepOnly(listed.add(THE_WATCH));
    this.#sink.caughtUp();
    this.#whileForbidden.reset();
    this.#paged = true;
    this.#version = version;
    this.#listedAt = this.#clock.elapsed();
    this.#observer.listed();
    this.#observer.heard();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    this.#phase = 'watch';
    const timeoutSeconds = Math.round(WATCH_SECONDS * (0.5 + Math.random() / 2));
    const from = this.#version ?? '';
    const options = { from, timeoutSeconds, silence: this.#silence, signal };
    for await (const change of this.#api.watch(this.#kind, this.#query, options)) {
      this.#forgetTrouble();
      this.#observer.heard();
      if (change.type === 'DELETED') this.#gone(change.item.ok ? change.item.object : change.item.ref);
      else if (change.type !== 'BOOKMARK') this.#tell(change.item);
      this.#version = change.resourceVersion;
    }
  }

  #gone(ref: Ref): void {
    this.#once.forget(showRef(ref));
    this.#sink.gone(ref);
  }

  #tell(item: Listed<Metadata>, listed?: Set<string>): void {
    if (!item.ok) {
      const object = showRef(item.ref);
      listed?.add(object);
      if (isOversized(item)) this.#observer.skipped();
      const fields = { object, ...failureFields(item.failure) };
      this.#once.log(object, describe(item.failure), () =>
        this.#log.error('an object cannot be read', fields),
      );
      return;
    }
    listed?.add(showRef(item.object));
    this.#once.forget(showRef(item.object));
    this.#sink.seen(item.object);
  }

  /** Logs the failure, and forgets a version that cannot be watched from. Returns the pause that it calls for, in ms. */
  #failed(error: unknown, listed: boolean): number | undefined {
    const refused = error instanceof ApiError ? error : undefined;
    const failure = failureOf(error, 'watch');
    const listing = this.#phase === 'list';
    // What cannot be read at one version cannot be read there the next time either.
    if (!isPassing(error) || error instanceof SilentStream) this.#version = undefined;
    const forbidden = refused?.status === 403;
    const expired = refused?.status === 410;
    if (listing) this.#observer.listFailed(listFailureOf(refused));
    // The next page was asked for too late: in one piece the list cannot become too old.
    this.#paged = !(listing && expired);
    // Versions are kept for five minutes; that one has become too old is nothing to report.
    if (!expired) {
      const once = forbidden ? this.#notices : this.#once;
      const words = `${this.#phase} ${describe(failure)}`;
      once.log(THE_WATCH, words, () => this.#complain(failure, !listing));
    }
    // The reference's namespaced roles allow no watch of Secrets in the controller's own namespace, and there nothing
    // at all of SealedSecrets. An API server that starts forbids everything for a moment.
    // Where nothing was ever allowed there is nothing to be heard.
    if (forbidden && this.#listedAt === undefined) this.#observer.heard();
    if (forbidden) return listed ? POLL : this.#whileForbidden.next();
    return refused?.retryAfter;
  }

  #forgetTrouble(): void {
    this.#once.forget(THE_WATCH);
    if (this.#noticed) this.#notices.forget(THE_WATCH);
    this.#noticed = false;
  }

  #complain(failure: Failure, listed: boolean): void {
    const { kind, plural } = this.#kind;
    const { namespace, labelSelector, fieldSelector } = this.#query;
    const fields = { kind, namespace, selector: labelSelector || fieldSelector, ...failureFields(failure) };
    if (failure.code === 'ApiRefused' && failure.status === 403) {
      this.#noticed = true;
      const instead = listed
        ? 'watched: they are listed every minute instead'
        : 'listed: they are left alone until they may';
      this.#log.warn(`${plural} may not be ${instead}`, fields);
    } else if (failure.code === 'ApiRefused' && failure.status === 404) {
      const words = `there are no ${plural} in this cluster: is the CustomResourceDefinition installed?`;
      this.#log.error(words, fields);
    } else {
      this.#log.warn(`the watch of ${plural} was interrupted`, fields);
    }
  }
}

/** What is said of the watch as a whole. */
const THE_WATCH = '';

/** Returns whether the same request may succeed later. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return failureOf(error, 'watch').code === 'Unreachable';
}

function listFailureOf(refused: ApiError | undefined): ListFailure {
  if (refused?.status === 403) return 'forbidden';
  return refused?.status === 404 ? 'missing' : 'failed';
}
