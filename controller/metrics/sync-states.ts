import { Gauge, type Registry } from 'prom-client';
import { REASONS, type Condition } from '../../shared/api/status.ts';
import { escaped } from '../../shared/text.ts';
import { PREFIX } from './prefix.ts';

/** What the gauges show of the `Synced` condition of one SealedSecret. */
export interface SyncState {
  readonly status: string;
  readonly reason: string;
  /** When the condition got this status, in Unix time; undefined if the cluster has no valid time. */
  readonly since: number | undefined;
}

const KNOWN_REASONS: ReadonlySet<string> = new Set(REASONS);
/** The label value of a reason that others have written, so that they cannot add series. */
const OTHER = 'other';

/** Returns the state that a condition reports. */
export function syncStateOf({ status, reason, lastTransitionTime }: Condition): SyncState {
  const time = Date.parse(lastTransitionTime);
  return {
    status,
    reason: KNOWN_REASONS.has(reason) ? reason : OTHER,
    since: Number.isNaN(time) ? undefined : time / 1000,
  };
}

/**
 * Registers gauges that count SealedSecrets and name none.
 *
 * @param states returns the states of all SealedSecrets, by their namespaces
 */
export function registerSyncStates(
  registry: Registry,
  states: () => Iterable<readonly [namespace: string, states: readonly SyncState[]]>,
): void {
  new Gauge({
    name: `${PREFIX}sealed_secrets`,
    help: 'SealedSecrets by namespace, and by status and reason of their condition Synced.',
    labelNames: ['namespace', 'status', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [namespace, all] of states()) {
        for (const { status, reason } of all) this.inc({ namespace: escaped(namespace), status, reason });
      }
    },
  });
  new Gauge({
    name: `${PREFIX}unsynced_since_timestamp_seconds`,
    help: 'Since when the SealedSecret that has been unsynced longest is, by namespace, in Unix time.',
    labelNames: ['namespace'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [namespace, all] of states()) {
        const since = earliest(all);
        if (since !== undefined) this.set({ namespace: escaped(namespace) }, since);
      }
    },
  });
}

/** Returns the earliest time since which one of them is not synced; undefined if all are. */
function earliest(states: readonly SyncState[]): number | undefined {
  const times = states.flatMap(({ status, since }) =>
    status === 'True' || since === undefined ? [] : [since],
  );
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}
