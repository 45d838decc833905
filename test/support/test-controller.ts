import { Registry } from 'prom-client';
import { SealedSecretSink } from '../../controller/informer/sealed-secrets.ts';
import { SecretSink } from '../../controller/informer/secrets.ts';
import { KeyUses } from '../../controller/keys/key-uses.ts';
import { DedupLogger } from '../../controller/log/dedup-logger.ts';
import { createLog } from '../../controller/log/log.ts';
import { OutageLog } from '../../controller/log/outage-log.ts';
import { SealedSecretMetrics } from '../../controller/metrics/sealed-secrets.ts';
import { reconcile, type ReconcileContext } from '../../controller/reconciler/reconcile.ts';
import { EventRecorder } from '../../controller/status/event-recorder.ts';
import { LastReportedStatus } from '../../controller/status/last-reported-status.ts';
import { PendingChanges } from '../../controller/status/pending-changes.ts';
import { RepairBackoff } from '../../controller/workqueue/repair-backoff.ts';
import type { Result, Signals } from '../../controller/workqueue/result.ts';
import { WorkQueue } from '../../controller/workqueue/work-queue.ts';
import { parseServerMetadata } from '../../shared/api/metadata.ts';
import { Reader } from '../../shared/api/reader.ts';
import { parseStoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { renderTemplates } from '../../shared/seal/templates.ts';
import { toldBy, type Told } from './cluster.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { FakeClock } from './fake-clock.ts';

/** More reconciles than any object needs to settle. */
const MAX_RECONCILES = 50;

/** The controller's flags that a test can set. */
export interface TestFlags {
  readonly repair: boolean;
  readonly allowPrivilegedSecretTypes: boolean;
  readonly acceptV1Data: boolean;
  readonly showApiMessages: boolean;
  readonly updateStatus: boolean;
  readonly strictTemplates: boolean;
  readonly oldGcBehavior: boolean;
  readonly watchesSecrets: boolean;
  /** Whether reconciles work from what the watches have delivered. If not, they read all objects. */
  readonly watches: boolean;
}

const FLAGS: TestFlags = {
  repair: true,
  allowPrivilegedSecretTypes: false,
  acceptV1Data: true,
  showApiMessages: false,
  updateStatus: true,
  strictTemplates: false,
  oldGcBehavior: false,
  watchesSecrets: true,
  watches: false,
};

/** A line of the controller's log, in the JSON format. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  /** The whole line. */
  readonly line: string;
}

/**
 * A controller without watches: before each reconcile it learns of the SealedSecrets that the server has, and the test
 * triggers each reconcile.
 */
export class TestController {
  readonly clock: FakeClock;
  readonly registry = new Registry();
  readonly #server: FakeApiServer;
  readonly #decrypter: Decrypter;
  readonly #lines: LogLine[] = [];
  #flags: TestFlags = FLAGS;
  #sink: SealedSecretSink;
  #secrets: SecretSink;
  #context: ReconcileContext;

  constructor(
    server: FakeApiServer,
    decrypter: Decrypter,
    { clock = new FakeClock(), ...flags }: Partial<TestFlags> & { readonly clock?: FakeClock } = {},
  ) {
    this.clock = clock;
    this.#server = server;
    this.#decrypter = decrypter;
    this.#flags = { ...FLAGS, ...flags };
    [this.#sink, this.#secrets] = this.#newSinks();
    this.#context = this.#newContext();
  }

  /** The dependencies of `reconcile`, for the functions that it calls. */
  get context(): ReconcileContext {
    return this.#context;
  }

  /** The lines logged so far. */
  get log(): readonly LogLine[] {
    return this.#lines;
  }

  /** Replaces the controller by a new one without state, with other flags if given. */
  restart(flags: Partial<TestFlags> = {}): void {
    this.#flags = { ...this.#flags, ...flags };
    [this.#sink, this.#secrets] = this.#newSinks();
    this.registry.clear();
    this.#context = this.#newContext();
  }

  /** Learns of the objects that exist, as the informer does. */
  observe(): void {
    for (const object of this.#server.store.list('secrets')) {
      this.#secrets.seen(parseServerMetadata(new Reader(object['metadata'], { source: 'metadata' })));
    }
    this.#secrets.caughtUp();
    const existing = new Set<string>();
    for (const object of this.#server.store.list('sealedsecrets')) {
      const stored = parseStoredSealedSecret(object, { source: 'object' });
      const { metadata } = stored;
      this.#sink.seen(stored, 0);
      existing.add(`${metadata.namespace}/${metadata.name}`);
    }
    for (const [key, ref] of [...this.#sink.known()]) if (!existing.has(key)) this.#sink.gone(ref);
  }

  /** Reconciles an object once, and waits until its events are recorded. */
  async reconcile(ref: Ref, signals: Partial<Signals> = {}): Promise<Result> {
    this.observe();
    const { signal: never } = new AbortController();
    const result = await reconcile(ref, this.#context, { stop: never, stale: never, ...signals });
    await this.recordEvents();
    return result;
  }

  /** Resolves once all events are recorded, or have failed to be. */
  recordEvents(): Promise<void> {
    return this.#context.events.drained(new AbortController().signal);
  }

  /**
   * Reconciles an object until it needs no further reconcile, and lets the requested time pass in between. Returns its
   * last result.
   *
   * @throws Error if the object does not settle
   */
  async rest(ref: Ref): Promise<Result> {
    for (let count = 0; count < MAX_RECONCILES; count++) {
      const result = await this.reconcile(ref);
      if (result === 'synced' || result === 'never' || result === 'onNewKey') return result;
      await this.clock.pass(typeof result === 'object' && 'after' in result ? result.after : 60_000);
    }
    throw new Error(`not settled after ${MAX_RECONCILES} reconciles`);
  }

  /** Does the same as `rest`, and returns what the status of the object reports about its current generation. */
  async settle(ref: Ref): Promise<Told> {
    await this.rest(ref);
    return this.told(ref);
  }

  /**
   * Returns what the status of an object reports.
   *
   * @throws Error if it is not about the current generation
   */
  told(ref: Ref): Told {
    const told = toldBy(this.#server.get('sealedsecrets', ref));
    if (told === undefined) throw new Error(`${ref.name} has no condition Synced`);
    const { generation } = parseServerMetadata(
      new Reader((told.object as { metadata: unknown }).metadata, { source: 'metadata' }),
    ).server;
    if (told.observedGeneration !== generation) throw new Error(`${ref.name} has an outdated status`);
    return told;
  }

  #newSinks(): [SealedSecretSink, SecretSink] {
    // Nothing is taken from this queue: the test triggers each reconcile.
    const queue = new WorkQueue(this.clock);
    const secrets = new SecretSink({ queue, hasSealedSecret: () => true, dropIfUpToDate: () => false });
    const sealedSecrets = new SealedSecretSink(
      { queue, isSecretAt: (ref, version) => secrets.isAt(ref, version) },
      {
        keepDeletedUids: this.#flags.oldGcBehavior,
        onUpdate: (ref) => this.#context.pendingChanges.add(ref),
      },
    );
    return [sealedSecrets, secrets];
  }

  #newContext(): ReconcileContext {
    const { clock } = this;
    const flags = this.#flags;
    const sink = this.#sink;
    const secrets = this.#secrets;
    const write = (line: string): void => {
      this.#lines.push({ ...(JSON.parse(line) as LogLine), line });
    };
    const options = { logLevel: 'INFO', logFormat: 'json', logInfoStdout: false } as const;
    const log = createLog(options, clock, { stdout: write, stderr: write });
    const { api } = this.#server;
    const outages = new OutageLog(log, clock);
    const events = new EventRecorder({ api, clock, log, outages, onDropped: () => undefined });
    void events.run(new AbortController().signal);
    return {
      api,
      clock,
      log,
      dedupLogger: new DedupLogger(),
      outages,
      events,
      repairBackoff: new RepairBackoff(clock),
      lastReported: new LastReportedStatus(),
      metrics: new SealedSecretMetrics(this.registry, false),
      updateStatus: flags.updateStatus,
      rules: {
        keys: { namespace: 'kube-system', prefix: 'sealed-secrets-key' },
        repair: flags.repair,
        allowPrivilegedSecretTypes: flags.allowPrivilegedSecretTypes,
      },
      decrypterFor: () => this.#decrypter,
      // The controller renders in child processes, which test/controller/workers covers.
      rendererFor: () => ({
        render: (templates, items) =>
          Promise.resolve(
            renderTemplates(templates, items, { errorDetail: 'withheld', strict: flags.strictTemplates }),
          ),
      }),
      acceptV1Data: flags.acceptV1Data,
      showApiMessages: flags.showApiMessages,
      informers: {
        has: (ref) => sink.has(ref),
        deletedUid: (ref) => sink.deletedUid(ref),
        markCleanedUp: (ref, uid) => sink.markCleanedUp(ref, uid),
        watchesSecrets: flags.watchesSecrets,
        take: (ref) => (flags.watches ? sink.take(ref) : undefined),
        isMissing: (ref) => flags.watches && secrets.isMissing(ref),
        record: (secret) => secrets.record(secret),
        settle: (ref) => secrets.settle(ref),
      },
      pendingChanges: new PendingChanges(clock),
      keyUses: new KeyUses(
        () => true,
        () => undefined,
      ),
    };
  }
}
