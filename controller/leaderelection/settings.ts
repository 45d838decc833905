/** The timing of a leader election, in ms; see the flags `--leader-elect-…`. */
export interface ElectionTiming {
  /** How long the others wait after the last renewal that they saw before they take the Lease. */
  readonly leaseDuration: number;
  /** How long the leader may write after its last successful renewal. */
  readonly renewDeadline: number;
  /** How long the leader waits between two renewals. */
  readonly retryPeriod: number;
}

/** How much longer than the base a random pause may be, as a factor of the base. As in client-go. */
export const JITTER = 1.2;

/**
 * Returns why an election with this timing would be unsafe, or undefined. The leader must stop to write before another
 * one may start, and must be able to try again before it has to stop.
 */
export function timingProblem({
  leaseDuration,
  renewDeadline,
  retryPeriod,
}: ElectionTiming): string | undefined {
  if (retryPeriod <= 0) return '--leader-elect-retry-period must be more than 0';
  if (renewDeadline <= JITTER * retryPeriod)
    return `--leader-elect-renew-deadline must be more than ${JITTER} times --leader-elect-retry-period`;
  if (leaseDuration <= renewDeadline)
    return '--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline';
  return undefined;
}
