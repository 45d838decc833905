import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { CommanderError } from 'commander';
import type { Metadata } from '../shared/api/metadata.ts';
import { Api } from '../shared/kubernetes/api/api.ts';
import type { Connection } from '../shared/kubernetes/http/connection.ts';
import { inClusterConnection, serviceAccountNamespace } from '../shared/kubernetes/auth/in-cluster.ts';
import { Deadline, systemClock } from '../shared/clock.ts';
import { fail, failureOf, SealedSecretsError } from '../shared/errors.ts';
import { version } from '../shared/version.ts';
import { listen, listenForMetrics } from './server/listen.ts';
import { runKeys } from './keys/run-keys.ts';
import type { KeyOptions } from './keys/key-options.ts';
import type { KeyListener } from './keys/key-event-logger.ts';
import { KeyUses } from './keys/key-uses.ts';
import { SealingKeys } from './keys/sealing-keys.ts';
import { WaitingForKeys } from './workqueue/waiting-for-keys.ts';
import { Metrics } from './metrics/metrics.ts';
import { createLog, failureFields, processStreams, type Fields, type Log } from './log/log.ts';
import { DedupLogger } from './log/dedup-logger.ts';
import { OutageLog } from './log/outage-log.ts';
import { parseOptions, type Options } from './options.ts';
import { WorkQueue } from './workqueue/work-queue.ts';
import { TokenBucket } from './workqueue/token-bucket.ts';
import { LimitedTransport } from './workqueue/limited-transport.ts';
import { RepairBackoff } from './workqueue/repair-backoff.ts';
import { PendingChanges } from './status/pending-changes.ts';
import { LastReportedStatus } from './status/last-reported-status.ts';
import { reconcile, type ReconcileContext } from './reconciler/reconcile.ts';
import { Recovery } from './workqueue/recovery.ts';
import { onRenewalSignal } from './sigusr1.ts';
import { FairSemaphore } from './workqueue/fair-semaphore.ts';
import { watchedNamespaces, logMissingNamespaces } from './informer/namespaces.ts';
import { InitialSync } from './informer/initial-sync.ts';
import type { WatchObserver } from './informer/watch-observer.ts';
import { Informers } from './informer/informers.ts';
import { MAX_PER_NAMESPACE, WorkerPool } from './workqueue/worker-pool.ts';
import { TemplateProcesses } from './workers/templates.ts';

/** After a signal to stop, everything has so long to end, in milliseconds. */
const GRACE = 10_000;

/** What waits to be unsealed has so long to be done, in milliseconds; what is left is found at the next start. */
const DRAIN = 2_000;

/**
 * So many private operations at once: one for each core, and no more than there are threads for them in Node. What
 * else these threads do, such as reading files, waits for one operation and not for all that are wanted.
 */
const PRIVATE_OPERATIONS = Math.min(availableParallelism(), 4);

/** Whose turn it is at a private operation that is done for a request: that of a namespace that there is not. */
const REQUESTS = { namespace: '', name: 'http' };

/**
 * Starts in the order in which one part needs the other, runs until the signal, and stops in the reverse order: it is
 * not ready any more, hears of nothing new, does for a while what waits to be done, and answers the last requests.
 */
async function run(options: Options, log: Log, signal: AbortSignal): Promise<void> {
  const metrics = new Metrics(options, systemClock);
  const keys = new SealingKeys(options.keyOrderPriority, systemClock, metrics.decryption.tried);
  const operations = new FairSemaphore(PRIVATE_OPERATIONS);
  const namespace =
    process.env['POD_NAMESPACE'] || (await serviceAccountNamespace(options.serviceAccountDir)) || 'default';
  const namespaces = watchedNamespaces(options, namespace);
  const initialSync = new InitialSync(namespaces);
  const http = await listen(options, {
    keys,
    namespaces,
    startingUp: () => initialSync.missing,
    runOperation: (operation, signal) => operations.run(REQUESTS, operation, signal),
    stop: signal,
    clock: systemClock,
    observe: metrics.requests.observe,
    onCut: metrics.requests.cut,
    log,
  });
  try {
    const exposed = await listenForMetrics(options, {
      metrics,
      clock: systemClock,
      onCut: metrics.requests.cut,
    });
    try {
      const addresses = { listening: http.address, metrics: exposed.address };
      const begun = { options, namespace, namespaces, initialSync, keys, operations, metrics, addresses };
      await reconcileAll(begun, log, signal);
    } finally {
      await exposed.close();
    }
  } finally {
    await http.close();
  }
}

/** What is there before there is a cluster. */
interface Begun {
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

async function reconcileAll(begun: Begun, log: Log, signal: AbortSignal): Promise<void> {
  const { options, namespace, namespaces, initialSync, keys, operations, metrics } = begun;
  const clock = systemClock;
  const limit = new TokenBucket(clock, options.kubeclientQps, options.kubeclientBurst);
  const transport = new LimitedTransport(await connection(options), limit, metrics.requests.sent);
  log.info('starting', { version: version(), namespace, ...begun.addresses });
  const api = new Api(transport);
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const templates = new TemplateProcesses({ strict: options.strictTemplates });
  const keyOptions = keyOptionsOf(options, namespace);
  const waitingForKeys = new WaitingForKeys((ref) => queue.add(ref, 'retry'));
  const started = new AbortController();
  const keyUses = new KeyUses(
    (key) => keys.keyring.has(key),
    (ref) => queue.add(ref, 'backlog'),
  );
  const keyListener: KeyListener = {
    onKeysAdded: () => {
      started.abort();
      waitingForKeys.onKeysAdded();
    },
    onKeysRemoved: () => keyUses.onKeysRemoved(),
  };
  const keyWatch = (): WatchObserver => metrics.watches.observer('keys');
  const { renew, done: keysDone } = runKeys(
    { api, keys, options: keyOptions, clock, log, listener: keyListener, observer: keyWatch },
    signal,
  );
  onRenewalSignal(() => {
    log.info('renewal of the sealing key was asked for');
    renew();
  });

  const recovery = new Recovery(clock, (ref) => {
    if (queue.bringForward(ref)) metrics.sealedSecrets.broughtForward();
  });
  const workers = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const repairBackoff = new RepairBackoff(clock);
  const pendingChanges = new PendingChanges(clock);
  const informers = new Informers(queue, {
    namespaces,
    labelSelector: options.labelSelector,
    watchSecrets: !options.skipRecreate,
    keepDeletedUids: options.oldGcBehavior,
    onChange: (ref) => workers.abortStale(ref),
    onUpdate: (ref) => pendingChanges.add(ref),
    repairPause: (ref) => repairBackoff.pause(ref),
    watchObserver: (watched) => metrics.watches.observer(watched),
    initialSync,
  });
  metrics.keep({ queue, keys });
  const context: ReconcileContext = {
    api,
    rules: {
      keys: { namespace, prefix: keyOptions.prefix },
      repair: options.repair,
      allowPrivilegedSecretTypes: options.allowPrivilegedSecretTypes,
    },
    noteSecret: (secret: Metadata) => informers.recordSecret(secret),
    informers,
    pendingChanges,
    keyUses,
    repairBackoff,
    lastReported: new LastReportedStatus(),
    metrics: metrics.sealedSecrets,
    dedupLogger: new DedupLogger(),
    outages: new OutageLog(log, clock),
    decrypterFor: (ref) =>
      keys.keyring.scheduledBy((operation, signal) => operations.run(ref, operation, signal)),
    rendererFor: (ref) => templates.rendererFor(ref),
    acceptV1Data: options.acceptDeprecatedV1Data,
    showApiMessages: options.showApiMessages,
    updateStatus: options.updateStatus,
    clock,
    log,
  };
  const reconcileOnceThereAreKeys = async (): Promise<void> => {
    await Promise.race([aborted(started.signal), aborted(signal)]);
    const others = (namespaces ?? []).filter((each) => each !== namespace);
    await Promise.all([
      logMissingNamespaces({ api, namespaces: others, log, signal }),
      informers.run({ api, clock, log }, signal),
      pendingChanges.run(context, signal),
      recovery.run(signal),
      workers.run(
        (ref, signals) => reconcile(ref, context, signals),
        (seconds, result) => metrics.sealedSecrets.observeReconcile(seconds, result),
        cut.signal,
      ),
      drain(),
    ]);
  };
  const cut = new AbortController();
  setMaxListeners(0, cut.signal);
  const drain = async (): Promise<void> => {
    await aborted(signal);
    const deadline = new Deadline(DRAIN);
    await workers.drained(deadline.signal).catch(() => undefined);
    deadline.clear();
    cut.abort();
  };

  try {
    await Promise.all([keysDone, reconcileOnceThereAreKeys()]);
  } finally {
    queue.close();
    templates.close();
    transport.close();
  }
}

/** Inside a cluster no kubeconfig code is loaded. */
async function connection(options: Options): Promise<Connection> {
  const inCluster =
    options.kubeconfig === undefined && options.context === undefined
      ? await inClusterConnection(process.env, systemClock, { dir: options.serviceAccountDir })
      : null;
  if (inCluster) return inCluster;
  const { connectionFromKubeconfig } = await import('../shared/kubernetes/auth/load-connection.ts');
  const { kubeconfig, context } = options;
  const outside = await connectionFromKubeconfig({ kubeconfig, context }, process.env, systemClock);
  if (!('nothing' in outside)) return outside;
  return fail({ code: 'NoCluster', reason: `this is no pod, and ${outside.nothing}` });
}

function keyOptionsOf(options: Options, namespace: string): KeyOptions {
  return {
    namespace,
    prefix: options.keyPrefix,
    order: options.keyOrderPriority,
    generation: options.keyGeneration,
    renewPeriod: options.keyRenewPeriod,
    cutoff: options.keyCutoffTime,
    made: {
      bits: options.keySize,
      commonName: options.myCn,
      validity: options.keyTtl,
      labels: options.privatekeyLabels,
      annotations: options.privatekeyAnnotations,
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A crash leaves its class and place, not its message, which may quote what it failed on. */
function crash(log: Log, error: unknown): never {
  const place =
    error instanceof Error ? (error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '') : '';
  log.error('crashed', { place: place.trim(), ...failureFields(failureOf(error, 'controller')) });
  process.exit(1);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.version) {
    process.stdout.write(`controller version: ${version()}\n`);
    return;
  }
  const log = createLog(options, systemClock, processStreams);
  process.on('uncaughtException', (error) => crash(log, error));
  process.on('unhandledRejection', (error) => crash(log, error));

  const stop = new AbortController();
  // Each worker, watch and request follows it.
  setMaxListeners(0, stop.signal);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info('stopping', { signal: name });
      stop.abort();
      setTimeout(() => crash(log, new Error('stopping took too long')), GRACE).unref();
    });
  }
  try {
    await run(options, log, stop.signal);
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
  // Commander has printed what is wrong.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
