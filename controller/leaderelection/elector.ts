import { failureOf, SealedSecretsError, type Failure } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { kubernetesFailure } from '../../shared/kubernetes/errors.ts';
import { Election } from './election.ts';
import { leaseBody, LEASES, type LeaseRecord } from './lease.ts';
import { JITTER, type ElectionTiming } from './settings.ts';

/**
 * How often a candidate looks at the Lease of another one in each retry period, before jitter. With the default timing
 * it looks every 0.4 to 0.9 s, so that it takes a released Lease within a second, and an expired one a second late.
 */
const LOOKS = 5;
/** How often to look whether the Lease may be used by now, in ms. */
const CHECK_RIGHTS = 60_000;
/** How long each request of a release may take, in ms. The next leader waits for it. */
const RELEASE_TIMEOUT = 1_500;

/** Hears about the terms of one candidate. Times are of the clock, in ms; a term without the Lease has no end. */
export interface TermListener {
  /** A term has begun. The controller may write until the given time. */
  readonly begun: (until: number) => void;
  /** The Lease was renewed. */
  readonly extended: (until: number) => void;
  readonly ended: () => void;
  /** Another candidate holds the Lease now. */
  readonly follows: (holder: string) => void;
  /** The Lease cannot be used; the term that begins next has no end. */
  readonly alone: (failure: Failure) => void;
  /** An attempt failed, and the one before did not. */
  readonly failed: (failure: Failure) => void;
}

/** What an elector depends on. */
export interface ElectorOptions {
  readonly api: Api;
  readonly clock: Clock;
  /** The Lease. */
  readonly ref: Ref;
  readonly identity: string;
  readonly timing: ElectionTiming;
  readonly listener: TermListener;
  /** Returns a number from 0 to 1; replaced in tests. */
  readonly random?: () => number;
}

/** The end of one attempt to take or renew the Lease. */
type Attempt = 'held' | 'foreign' | 'conflict' | 'failed' | 'unusable';

/**
 * Competes for a Lease until it is stopped, as client-go's elector does, and then releases it. Unlike client-go's, it
 * goes on after a loss.
 */
export class Elector {
  readonly #options: ElectorOptions;
  readonly #election: Election;
  readonly #random: () => number;
  /** When the current term ends; undefined between terms. */
  #until: number | undefined;
  /** Whether the Lease was ever read or written, so that the rights to it exist. */
  #wasUsable = false;
  /** How many attempts in a row the API server has refused. */
  #refusals = 0;
  #saidAlone = false;
  #isFailing = false;
  #holder = '';

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#election = new Election(options.identity, options.timing.leaseDuration);
    this.#random = options.random ?? Math.random;
  }

  /** Competes until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const attempt = await this.#attempt(signal);
      if (stopped()) return;
      this.#endIfExpired();
      await clock.sleep(this.#pauseAfter(attempt), signal).catch(() => undefined);
      this.#endIfExpired();
    }
  }

  /** Ends the current term, because the controller has stopped to work. The next attempt may begin another one. */
  endTerm(): void {
    this.#end();
  }

  /** Gives up the Lease if this candidate still holds it. Does its best: otherwise the Lease expires. */
  async release(): Promise<void> {
    const { clock, ref, api } = this.#options;
    const held = this.#until !== undefined && !this.#isAlone;
    this.#end();
    if (!held) return;
    try {
      // An aborted renewal may have changed the version.
      await this.#limited(RELEASE_TIMEOUT, undefined, async (signal) => {
        this.#election.seen(await api.get(LEASES, ref, signal), clock.elapsed());
      });
      if (!this.#election.isHolder) return;
      await this.#limited(RELEASE_TIMEOUT, undefined, (signal) =>
        this.#write(this.#election.release({ now: clock.now() }), signal),
      );
    } catch (error) {
      this.#options.listener.failed(failureOf(error, 'leader election'));
    }
  }

  get #isAlone(): boolean {
    return this.#until === Number.POSITIVE_INFINITY;
  }

  async #attempt(signal: AbortSignal): Promise<Attempt> {
    const { clock, timing } = this.#options;
    const { renewDeadline, retryPeriod } = timing;
    const limit = Math.max(renewDeadline / 2, retryPeriod);
    const left = this.#until === undefined ? limit : this.#until - clock.elapsed();
    try {
      const attempt = await this.#limited(Math.min(limit, left), signal, (each) => this.#takeOrRenew(each));
      this.#refusals = 0;
      this.#isFailing = false;
      return attempt;
    } catch (error) {
      if (signal.aborted) return 'failed';
      return this.#failed(error);
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<Attempt> {
    const { api, clock, ref } = this.#options;
    const election = this.#election;
    // The leader expects no other change, and saves the read.
    if (this.#until !== undefined && !this.#isAlone && election.lease && election.isHolder) {
      if (await this.#claim(signal)) return 'held';
    }
    const lease = await api.get(LEASES, ref, signal);
    if (lease !== null) this.#wasUsable = true;
    election.seen(lease, clock.elapsed());
    if (election.takeableIn(clock.elapsed()) > 0) {
      this.#end();
      if (election.holder !== this.#holder) this.#options.listener.follows(election.holder);
      this.#holder = election.holder;
      return 'foreign';
    }
    return (await this.#claim(signal)) ? 'held' : 'conflict';
  }

  /** Writes the record that claims the Lease. Returns false if another client was faster. */
  async #claim(signal: AbortSignal): Promise<boolean> {
    const { clock, timing, listener } = this.#options;
    const sent = clock.elapsed();
    try {
      await this.#write(this.#election.claim({ now: clock.now() }), signal);
    } catch (error) {
      // Another client has written or deleted the Lease since it was read.
      const isGone =
        error instanceof ApiError && error.reason === 'NotFound' && this.#election.lease !== null;
      if (isGone || (error instanceof ApiError && error.status === 409)) return false;
      throw error;
    }
    const until = sent + timing.renewDeadline;
    // The other thread may have noticed the end of the term already.
    this.#endIfExpired();
    this.#wasUsable = true;
    this.#holder = this.#election.holder;
    if (this.#until === undefined) listener.begun(until);
    else listener.extended(until);
    this.#until = until;
    return true;
  }

  async #write(record: LeaseRecord, signal: AbortSignal): Promise<void> {
    const { api, clock, ref } = this.#options;
    const { lease = null } = this.#election;
    const verb = lease === null ? 'create' : 'replace';
    const body = leaseBody(ref, record, lease);
    this.#election.seen(await api.write({ verb, kind: LEASES, ref, body }, signal), clock.elapsed());
  }

  #failed(error: unknown): Attempt {
    const failure = failureOf(error, 'leader election');
    if (this.#wasUsable || !isUnusable(error)) {
      this.#refusals = 0;
      // A term without the Lease does not depend on it.
      if (!this.#isFailing && !this.#isAlone) this.#options.listener.failed(failure);
      this.#isFailing = true;
      return 'failed';
    }
    this.#refusals++;
    // A server that is starting refuses everything at first.
    if (this.#refusals > 1 && this.#until === undefined) {
      if (!this.#saidAlone) this.#options.listener.alone(failure);
      this.#saidAlone = true;
      this.#until = Number.POSITIVE_INFINITY;
      this.#options.listener.begun(this.#until);
    }
    return 'unusable';
  }

  #endIfExpired(): void {
    if (this.#until !== undefined && this.#until <= this.#options.clock.elapsed()) this.#end();
  }

  #end(): void {
    if (this.#until === undefined) return;
    this.#until = undefined;
    this.#options.listener.ended();
  }

  /** Returns how long to wait after an attempt, in ms. */
  #pauseAfter(attempt: Attempt): number {
    const { clock, timing } = this.#options;
    const { retryPeriod } = timing;
    if (this.#isAlone) return CHECK_RIGHTS;
    if (this.#until !== undefined) return Math.max(0, Math.min(retryPeriod, this.#until - clock.elapsed()));
    switch (attempt) {
      case 'held':
      case 'unusable':
        return retryPeriod;
      case 'failed':
        return this.#jittered(retryPeriod);
      case 'conflict':
        return this.#jittered(retryPeriod / LOOKS);
      case 'foreign':
        return Math.min(
          this.#jittered(retryPeriod / LOOKS),
          Math.max(1, this.#election.takeableIn(clock.elapsed())),
        );
    }
  }

  #jittered(pause: number): number {
    return pause * (1 + this.#random() * JITTER);
  }

  /** Runs requests with a time limit. Throws `Unreachable` when it is reached. */
  async #limited<T>(
    limit: number,
    outer: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { api, clock } = this.#options;
    const request = new AbortController();
    const done = new AbortController();
    const abort = (): void => request.abort();
    outer?.addEventListener('abort', abort, { once: true });
    const time = { isUp: false };
    clock.sleep(limit, done.signal).then(
      () => {
        time.isUp = true;
        abort();
      },
      () => undefined,
    );
    try {
      return await run(request.signal);
    } catch (error) {
      if (!time.isUp) throw error;
      const { server } = api.transport.connection;
      throw new SealedSecretsError(kubernetesFailure({ code: 'Unreachable', server, reason: 'timed out' }));
    } finally {
      outer?.removeEventListener('abort', abort);
      done.abort();
    }
  }
}

/** Returns whether the API server has no Leases, or lets this client use none. */
function isUnusable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  // Without the API, the answer is no Status and has no reason. A missing namespace has one.
  return error.status === 403 || (error.status === 404 && error.reason !== 'NotFound');
}
