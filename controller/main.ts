import { CommanderError } from 'commander';
import { Api } from '../shared/kubernetes/api/api.ts';
import { serviceAccountNamespace } from '../shared/kubernetes/auth/in-cluster.ts';
import { systemClock } from '../shared/clock.ts';
import { SealedSecretsError } from '../shared/errors.ts';
import { version } from '../shared/version.ts';
import { aborted } from './aborted.ts';
import { connect } from './connection.ts';
import { runUntilDrained } from './drain.ts';
import { listen, listenForMetrics } from './server/listen.ts';
import { ServerRunnable } from './server/server-runnable.ts';
import { KeyManager } from './keys/key-manager.ts';
import type { KeyOptions } from './keys/key-options.ts';
import type { KeyListener } from './keys/key-event-logger.ts';
import { KeyUses } from './keys/key-uses.ts';
import { KeyRecordWatch } from './keys/key-record.ts';
import { KeyRecordWriter } from './keys/key-record-writer.ts';
import { keyWatches } from './keys/key-watches.ts';
import { PRIVATE_OPERATIONS } from './keys/private-operations.ts';
import { SealingKeys } from './keys/sealing-keys.ts';
import { WaitingForKeys } from './workqueue/waiting-for-keys.ts';
import { Metrics } from './metrics/metrics.ts';
import { createLog, failureFields, processStreams, type Fields, type Log } from './log/log.ts';
import { DedupLogger } from './log/dedup-logger.ts';
import { OutageLog } from './log/outage-log.ts';
import { ThrottleLog } from './log/throttle-log.ts';
import { chooseLeader, type ElectionOptions } from './leaderelection/choose-leader.ts';
import type { LeaderSignals } from './leaderelection/leadership.ts';
import { electionTiming, parseOptions, type Options } from './options.ts';
import { crash, crashOnUncaughtErrors, stopSignal } from './process.ts';
import { runAll, type Runnable } from './runnables.ts';
import { WorkQueue } from './workqueue/work-queue.ts';
import { TokenBucket } from './workqueue/token-bucket.ts';
import { LimitedTransport } from './workqueue/limited-transport.ts';
import { RepairBackoff } from './workqueue/repair-backoff.ts';
import { PendingChanges } from './status/pending-changes.ts';
import { EventRecorder } from './status/event-recorder.ts';
import { LastReportedStatus } from './status/last-reported-status.ts';
import { forget, reconcile, type ReconcileContext } from './reconciler/reconcile.ts';
import { takeOver } from './reconciler/take-over.ts';
import { Recovery } from './workqueue/recovery.ts';
import { onRenewalSignal } from './sigusr1.ts';
import { FairSemaphore } from './workqueue/fair-semaphore.ts';
import { watchedNamespaces, logMissingNamespaces } from './informer/namespaces.ts';
import { InitialSync } from './informer/initial-sync.ts';
import { Informers } from './informer/informers.ts';
import { MAX_PER_NAMESPACE, WorkerPool } from './workqueue/worker-pool.ts';
import { TemplateProcesses } from './workers/templates.ts';

/** The share of private key operations that HTTP requests take, as that of a namespace that cannot exist. */
const REQUESTS = { namespace: '', name: 'http' };

/**
 * Runs the controller until the signal aborts. On a stop the controller reports not ready and ends its watches, works
 * on the queue for a while, and answers the requests that have arrived. Throws why it cannot start.
 */
async function run(options: Options, log: Log, signal: AbortSignal): Promise<void> {
  const metrics = new Metrics(options, systemClock);
  const keys = new SealingKeys(options.keyOrderPriority, systemClock, metrics.decryption.tried);
  const operations = new FairSemaphore(PRIVATE_OPERATIONS);
  const namespace =
    process.env['POD_NAMESPACE'] || (await serviceAccountNamespace(options.serviceAccountDir)) || 'default';
  const namespaces = watchedNamespaces(options, namespace);
  const initialSync = new InitialSync(namespaces);
  const http = new ServerRunnable(() =>
    listen(options, {
      keys,
      namespaces,
      startingUp: () => initialSync.missing,
      runOperation: (operation, signal) => operations.run(REQUESTS, operation, signal),
      stop: signal,
      clock: systemClock,
      observe: metrics.requests.observe,
      onCut: metrics.requests.cut,
      log,
    }),
  );
  const exposed = new ServerRunnable(() =>
    listenForMetrics(options, { metrics, clock: systemClock, onCut: metrics.requests.cut }),
  );
  const inCluster = async (): Promise<void> => {
    const addresses = { listening: http.address, metrics: exposed.address };
    const parts = { options, namespace, namespaces, initialSync, keys, operations, metrics, addresses };
    await runAll(await clusterRunnables(parts, log, signal), signal);
  };
  await runAll([http, exposed, { run: inCluster }], signal);
}

/** What the metrics show without a key record. */
const NO_RECORD = { backups: undefined };

/** The parts that exist before there is a connection to the cluster. */
interface LocalParts {
  readonly options: Options;
  readonly namespace: string;
  /** The namespaces to watch; undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
  readonly initialSync: InitialSync;
  readonly keys: SealingKeys;
  readonly operations: FairSemaphore;
  readonly metrics: Metrics;
  readonly addresses: Fields;
}

/** Connects to the cluster, and returns the parts that use the connection, in the order of their start. */
async function clusterRunnables(
  local: LocalParts,
  log: Log,
  signal: AbortSignal,
): Promise<readonly Runnable[]> {
  const { options, namespace, namespaces, initialSync, keys, operations, metrics } = local;
  const clock = systemClock;
  const { kubeclientQps: perSecond, kubeclientBurst: capacity } = options;
  const rate = new TokenBucket(clock, { perSecond, capacity });
  const { leadership, runnable: election } = chooseLeader(electionOptionsOf(options, namespace), log);
  metrics.exposeLeader(leadership);
  const connection = { ...(await connect(options, log)), writeGuard: leadership };
  const throttling = new ThrottleLog(log, clock);
  const observe = metrics.requests.sent;
  const transport = new LimitedTransport(connection, { clock, rate, observe, throttling });
  log.info('starting', { version: version(), namespace, ...local.addresses });
  const api = new Api(transport);
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE, metrics.queue.taken);
  const templates = new TemplateProcesses({ strict: options.strictTemplates });
  const keyOptions = keyOptionsOf(options, namespace);
  const waitingForKeys = new WaitingForKeys((ref) => queue.add(ref, 'retry'));
  const firstKey = new AbortController();
  const keyUses = new KeyUses(
    (key) => keys.keyring.has(key),
    (ref) => queue.add(ref, 'low'),
  );
  const keyListener: KeyListener = {
    onKeysAdded: () => {
      firstKey.abort();
      waitingForKeys.onKeysAdded();
    },
    onKeysRemoved: () => keyUses.onKeysRemoved(),
    onKeysLoaded: () => recordWriter?.keysLoaded(),
    onKeyKept: (replaced, kept) => {
      const { key, ...server } = replaced;
      const message = `sealing key ${key.key.fingerprint} was replaced; it is kept in the Secret ${kept}`;
      const about = { apiVersion: 'v1', kind: 'Secret' };
      events.record(
        { namespace, name: key.secretName, server },
        { type: 'Normal', reason: 'KeyKept', message, about },
      );
    },
  };
  const keyContext = { api, options: keyOptions, clock, log };
  const record =
    options.keyRecord === ''
      ? undefined
      : new KeyRecordWatch({
          ref: { namespace, name: options.keyRecord },
          log,
          onChange: () => {
            keyManager.recordChanged();
            recordWriter?.recordChanged();
          },
        });
  const recordWriter =
    record &&
    new KeyRecordWriter({
      ...keyContext,
      keys,
      record,
      counts: () => (initialSync.missing === undefined ? metrics.sealedSecrets.objectsByKey() : undefined),
    });
  const keyManager = new KeyManager({
    ...keyContext,
    keys,
    listener: keyListener,
    leader: leadership,
    renewRequestedAt: () => record?.renewRequestedAt,
  });
  leadership.onChange(() => keyManager.leaderChanged());
  const watches = keyWatches({
    ...keyContext,
    observer: () => metrics.watches.observer('keys'),
    onChange: () => keyManager.changed(),
  });
  const renewKey = (): void => {
    if (leadership.isLeader) log.info('sealing key renewal requested');
    else log.warn('sealing key renewal requested of a replica that is not the leader; it waits until it is');
    keyManager.renew();
  };

  const recovery = new Recovery(clock, (ref) => {
    if (queue.bringForward(ref)) metrics.sealedSecrets.broughtForward();
  });
  const workers = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const repairBackoff = new RepairBackoff(clock);
  const pendingChanges = new PendingChanges(clock);
  const lastReported = new LastReportedStatus();
  leadership.onChange(() => {
    lastReported.clear();
    queue.restartAges();
  });
  const informers = new Informers(queue, {
    namespaces,
    labelSelector: options.labelSelector,
    watchSecrets: !options.skipRecreate,
    keepDeletedUids: options.oldGcBehavior,
    onChange: (ref) => workers.abortStale(ref),
    onUpdate: (ref) => {
      // The leader reports them.
      if (leadership.isLeader) pendingChanges.add(ref);
    },
    onSeen: (object, openedBy) => takeOver(object, openedBy, context),
    onGone: (ref) => forget(ref, context),
    isKeyInUse: (key) => keys.keyring.has(key),
    repairPause: (ref) => repairBackoff.pause(ref),
    watchObserver: (watched) => metrics.watches.observer(watched),
    initialSync,
  });
  metrics.exposeState({ queue, keys, renewal: keyManager, record: record ?? NO_RECORD });
  const outages = new OutageLog(log, clock);
  const events = new EventRecorder({ api, clock, log, outages, onDropped: metrics.events.dropped });
  const context: ReconcileContext = {
    api,
    rules: {
      keys: { namespace, prefix: keyOptions.prefix },
      repair: options.repair,
      allowPrivilegedSecretTypes: options.allowPrivilegedSecretTypes,
    },
    informers,
    pendingChanges,
    keyUses,
    repairBackoff,
    lastReported,
    metrics: metrics.sealedSecrets,
    dedupLogger: new DedupLogger(),
    outages,
    events,
    decrypterFor: (ref) =>
      keys.keyring.scheduledBy((operation, signal) => operations.run(ref, operation, signal)),
    rendererFor: (ref) => templates.rendererFor(ref),
    acceptV1Data: options.acceptDeprecatedV1Data,
    showApiMessages: options.showApiMessages,
    updateStatus: options.updateStatus,
    clock,
    log,
  };
  const others = (namespaces ?? []).filter((each) => each !== namespace);
  const runWorkers = (cut: AbortSignal): Promise<unknown> =>
    Promise.all([
      workers.run(
        (ref, signals) => reconcile(ref, context, signals),
        (seconds, result) => metrics.sealedSecrets.observeReconcile(seconds, result),
        cut,
      ),
      events.run(cut),
    ]);

  const leading = (work: (signals: LeaderSignals) => Promise<unknown>): Runnable => ({
    run: (stop) => leadership.whileLeading(work, stop),
  });

  // Each part stops after those below it. The parts that only stop are still used by the work of the others.
  return [
    // Stops last: another replica may write as soon as the Lease is released.
    election,
    { stop: () => transport.close() },
    { stop: () => templates.close() },
    { stop: () => queue.close() },
    keyManager,
    ...watches,
    { run: async (stop) => record?.watch({ api, clock }, stop) },
    { start: () => onRenewalSignal(renewKey) },
    // Without keys every SealedSecret would fail.
    { start: () => Promise.race([aborted(firstKey.signal), aborted(signal)]) },
    { run: (stop) => logMissingNamespaces({ api, namespaces: others, log, signal: stop }) },
    { run: (stop) => informers.run({ api, clock, log }, stop) },
    leading(({ stop }) => pendingChanges.run(context, stop)),
    leading(({ stop }) => recovery.run(stop)),
    leading(async ({ stop }) => recordWriter?.run(stop)),
    leading((signals) => runUntilDrained([workers, events], runWorkers, signals)),
  ];
}

function electionOptionsOf(options: Options, namespace: string): ElectionOptions {
  const { leaderElect, kubeconfig, context, serviceAccountDir } = options;
  return {
    leaderElect,
    connection: { kubeconfig, context, serviceAccountDir },
    ref: {
      namespace: options.leaderElectResourceNamespace || namespace,
      name: options.leaderElectResourceName,
    },
    timing: electionTiming(options),
  };
}

function keyOptionsOf(options: Options, namespace: string): KeyOptions {
  return {
    namespace,
    prefix: options.keyPrefix,
    order: options.keyOrderPriority,
    generation: options.keyGeneration,
    renewPeriod: options.keyRenewPeriod,
    cutoff: options.keyCutoffTime,
    keepReplaced: options.keepReplacedKeys,
    made: {
      bits: options.keySize,
      commonName: options.myCn,
      validity: options.keyTtl,
      labels: options.privatekeyLabels,
      annotations: options.privatekeyAnnotations,
    },
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.version) {
    process.stdout.write(`controller version: ${version()}\n`);
    return;
  }
  const log = createLog(options, systemClock, processStreams);
  crashOnUncaughtErrors(log);
  try {
    await run(options, log, stopSignal(log));
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) crash(log, error);
    log.error('cannot start', failureFields(error.failure));
    process.exitCode = 1;
    return;
  }
  log.info('stopped');
}

try {
  await main();
} catch (error) {
  // Commander has printed the error.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
