import { Registry } from 'prom-client';
import { KeyUses } from '../../controller/keys/key-uses.ts';
import { SealedSecretMetrics } from '../../controller/metrics/sealed-secrets.ts';
import type { Log } from '../../controller/log/log.ts';
import { DedupLogger } from '../../controller/log/dedup-logger.ts';
import { OutageLog } from '../../controller/log/outage-log.ts';
import { RepairBackoff } from '../../controller/workqueue/repair-backoff.ts';
import { PendingChanges } from '../../controller/status/pending-changes.ts';
import { LastReportedStatus } from '../../controller/status/last-reported-status.ts';
import { reconcile, type ReconcileContext } from '../../controller/reconciler/reconcile.ts';
import type { Result } from '../../controller/workqueue/result.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import type { FakeClock } from './fake-clock.ts';
import type { ObjectServer } from './object-server.ts';

const LOG: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** More reconciles than any object needs to settle. */
const MAX_RECONCILES = 50;

/** A controller for one SealedSecret without informers: the test triggers each reconcile. */
export class TestReconciler {
  readonly #server: ObjectServer;
  readonly #ref: Ref;
  readonly #clock: FakeClock;
  readonly #decrypter: Decrypter;
  #context: ReconcileContext;

  constructor(server: ObjectServer, ref: Ref, clock: FakeClock, decrypter: Decrypter) {
    this.#server = server;
    this.#ref = ref;
    this.#clock = clock;
    this.#decrypter = decrypter;
    this.#context = this.#start();
  }

  /** Replaces the controller by a new one without state. */
  restart(): void {
    this.#context = this.#start();
  }

  /** Reconciles once. */
  reconcile(): Promise<Result> {
    const { signal } = new AbortController();
    return reconcile(this.#ref, this.#context, { stop: signal, stale: signal });
  }

  /**
   * Reconciles until the object needs no further reconcile, and lets the requested time pass in between.
   *
   * @throws Error if the object does not settle
   */
  async settle(): Promise<void> {
    for (let count = 0; count < MAX_RECONCILES; count++) {
      const result = await this.reconcile();
      if (result === 'synced' || result === 'never' || result === 'onNewKey') return;
      await this.#clock.pass(typeof result === 'object' && 'after' in result ? result.after : 60_000);
    }
    throw new Error(`not settled after ${MAX_RECONCILES} reconciles`);
  }

  #start(): ReconcileContext {
    const clock = this.#clock;
    return {
      api: this.#server.scripted.api,
      clock,
      log: LOG,
      dedupLogger: new DedupLogger(),
      outages: new OutageLog(LOG, clock),
      repairBackoff: new RepairBackoff(clock),
      lastReported: new LastReportedStatus(),
      metrics: new SealedSecretMetrics(new Registry(), true),
      updateStatus: true,
      rules: {
        keys: { namespace: 'kube-system', prefix: 'sealed-secrets-key' },
        repair: true,
        allowPrivilegedSecretTypes: false,
      },
      noteSecret: () => undefined,
      decrypterFor: () => this.#decrypter,
      rendererFor: () => ({ render: () => Promise.reject(new Error('no templates here')) }),
      acceptV1Data: true,
      showApiMessages: false,
      informers: {
        has: () => true,
        deletedUid: () => undefined,
        markCleanedUp: () => undefined,
        watchesSecrets: true,
      },
      pendingChanges: new PendingChanges(clock),
      keyUses: new KeyUses(
        () => true,
        () => undefined,
      ),
    };
  }
}
