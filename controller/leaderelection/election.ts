import { isDeepStrictEqual } from 'node:util';
import { microTime, type Lease, type LeaseRecord } from './lease.ts';

/** A moment, by both clocks. */
export interface Moment {
  /** The wall clock, for the times in the record. They inform people and decide nothing. */
  readonly now: Date;
  /** The monotonic clock, in ms. */
  readonly elapsed: number;
}

/**
 * What one candidate knows about the Lease, and what may follow from it. Pure: it sends no request.
 *
 * As in client-go, whether a foreign record has expired depends only on the candidate's own monotonic clock: the record
 * must not have changed for the duration that is written in it. The times in it come from a clock that may be wrong.
 */
export class Election {
  readonly #identity: string;
  readonly #leaseDuration: number;
  #lease: Lease | null | undefined;
  /** When the record was last seen to change, in ms of the monotonic clock. */
  #changedAt = 0;

  /** @param leaseDuration the duration to write in the record, in ms */
  constructor(identity: string, leaseDuration: number) {
    this.#identity = identity;
    this.#leaseDuration = leaseDuration;
  }

  /** The Lease as last seen; null if it does not exist, undefined if it was not seen yet. */
  get lease(): Lease | null | undefined {
    return this.#lease;
  }

  /** The identity in the record as last seen; empty if the Lease is free. */
  get holder(): string {
    return this.#lease?.record.holderIdentity ?? '';
  }

  /** Whether the record as last seen names this candidate. */
  get isHolder(): boolean {
    return this.holder === this.#identity;
  }

  /** Records the Lease as the API server returned it. */
  seen(lease: Lease | null, elapsed: number): void {
    const isFirst = this.#lease === undefined;
    // Labels and other metadata may change without any sign of life of the holder.
    if (isFirst || !isDeepStrictEqual(this.#lease?.record, lease?.record)) this.#changedAt = elapsed;
    this.#lease = lease;
  }

  /** Returns how long the record must stay unchanged until this candidate may take it, in ms; 0 if it may now. */
  takeableIn(elapsed: number): number {
    if (!this.#lease || this.holder === '' || this.isHolder) return 0;
    const { leaseDurationSeconds } = this.#lease.record;
    const duration = leaseDurationSeconds === undefined ? this.#leaseDuration : leaseDurationSeconds * 1000;
    return Math.max(0, this.#changedAt + duration - elapsed);
  }

  /** Returns the record with which this candidate takes or renews the Lease. */
  claim({ now }: Pick<Moment, 'now'>): LeaseRecord {
    const time = microTime(now);
    const before = this.#lease?.record;
    const { acquireTime = '', leaseTransitions = 0 } = before ?? {};
    return {
      holderIdentity: this.#identity,
      // A record with a shorter duration than this candidate's own would expire too early.
      leaseDurationSeconds: Math.ceil(this.#leaseDuration / 1000),
      acquireTime: this.isHolder && acquireTime !== '' ? acquireTime : time,
      renewTime: time,
      leaseTransitions: before === undefined || this.isHolder ? leaseTransitions : leaseTransitions + 1,
    };
  }

  /** Returns the record with which the holder gives up the Lease. As in client-go, its duration is one second. */
  release({ now }: Pick<Moment, 'now'>): LeaseRecord {
    const time = microTime(now);
    const leaseTransitions = this.#lease?.record.leaseTransitions ?? 0;
    return {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: time,
      renewTime: time,
      leaseTransitions,
    };
  }
}
