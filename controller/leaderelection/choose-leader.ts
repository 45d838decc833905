import { systemClock } from '../../shared/clock.ts';
import type { Ref } from '../../shared/kubernetes/api/ref.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { Log } from '../log/log.ts';
import type { Runnable } from '../runnables.ts';
import { ElectionRunnable } from './election-runnable.ts';
import { identityOf } from './identity.ts';
import { Leadership } from './leadership.ts';
import type { ElectionTiming } from './settings.ts';
import { SharedTerm } from './term.ts';

/** How to find out who leads. */
export interface ElectionOptions {
  /** Whether there may be other replicas. */
  readonly leaderElect: boolean;
  readonly connection: ConnectionOptions;
  /** The Lease. */
  readonly ref: Ref;
  readonly timing: ElectionTiming;
}

/** Returns whether this process leads, and the part that finds it out. Without election it leads for ever. */
export function chooseLeader(
  { leaderElect, connection, ref, timing }: ElectionOptions,
  log: Log,
): { readonly leadership: Leadership; readonly runnable: Runnable } {
  const term = new SharedTerm();
  if (!leaderElect) {
    term.begin(1, Number.POSITIVE_INFINITY);
    const leadership = new Leadership(term, systemClock);
    return { leadership, runnable: { start: () => leadership.begun(1) } };
  }
  const leadership = new Leadership(term, systemClock, (number) => election.expired(number));
  const data = { connection, ref, timing, identity: identityOf(process.env), term: term.buffer };
  const election = new ElectionRunnable({ data, leadership, log, clock: systemClock });
  return { leadership, runnable: election };
}
