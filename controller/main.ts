import { setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import { CommanderError } from 'commander';
import { Api } from '../shared/cluster/api.ts';
import type { Connection } from '../shared/cluster/connection.ts';
import { inClusterConnection, serviceAccountNamespace } from '../shared/cluster/in-cluster.ts';
import { SEALED_SECRET_METADATA, SECRET_METADATA } from '../shared/cluster/kinds.ts';
import { networkReason } from '../shared/cluster/network-error.ts';
import { Transport } from '../shared/cluster/transport.ts';
import { openGate } from '../shared/cluster/write-gate.ts';
import { systemClock } from '../shared/clock.ts';
import { fail, failureOf, SealedSecretsError } from '../shared/errors.ts';
import { noTemplates } from '../shared/seal/unseal.ts';
import { version } from '../shared/version.ts';
import { Backoff } from './backoff.ts';
import { boundAddress, closeServer, serve } from './http/server.ts';
import { loadOrMakeKeys, newKeyDraft, type KeyOptions } from './keys/load.ts';
import { SealingKeys } from './keys/sealing-keys.ts';
import { createLog, failureFields, type Log } from './observe/log.ts';
import { parseOptions, type Options } from './options.ts';
import { Queue } from './queue.ts';
import { onRenewalSignal } from './sigusr1.ts';
import { Reflector } from './watch/reflector.ts';
import { SealedSecretSink } from './watch/sealed-secrets.ts';
import { SecretSink } from './watch/secrets.ts';
import { work } from './work.ts';

/** After a signal to stop, everything has so long to end, in milliseconds. */
const GRACE = 10_000;

/**
 * Starts in the order in which one part needs the other, runs until the signal, and stops in the reverse order. What
 * is under way is cut off at the signal: the next start finds and ends it.
 */
async function run(options: Options, log: Log, signal: AbortSignal): Promise<void> {
  const keys = new SealingKeys();
  const server = await listen(options, keys);
  try {
    await reconcileAll(options, keys, server, log, signal);
  } finally {
    await closeServer(server, systemClock);
  }
}

async function reconcileAll(
  options: Options,
  keys: SealingKeys,
  server: Server,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const clock = systemClock;
  const transport = new Transport(await connection(options));
  const api = new Api(transport);
  const queue = new Queue(clock);
  const namespace =
    process.env['POD_NAMESPACE'] || (await serviceAccountNamespace(options.serviceAccountDir)) || 'default';
  log.info('starting', { version: version(), namespace, listening: boundAddress(server) });
  try {
    const { keyPrefix: prefix, keySize: bits } = options;
    await useKeys(keys, api, { namespace, prefix, bits }, log, signal);

    const sealedSecrets = new SealedSecretSink(queue);
    const secrets = new SecretSink(queue, (ref) => sealedSecrets.has(ref));
    const context = {
      api,
      gate: openGate,
      keys: { namespace, legacyName: prefix },
      noted: secrets.note.bind(secrets),
      decrypter: keys.keyring,
      renderer: noTemplates,
      clock,
      log,
    };
    await Promise.all([
      new Reflector(api, SEALED_SECRET_METADATA, {}, sealedSecrets, clock, log).run(signal),
      new Reflector(api, SECRET_METADATA, {}, secrets, clock, log).run(signal),
      work(queue, context, signal),
    ]);
  } finally {
    queue.close();
    transport.close();
  }
}

async function listen({ listenAddr }: Options, keys: SealingKeys): Promise<Server> {
  try {
    return await serve(listenAddr, { certificate: () => keys.certificate });
  } catch (error) {
    const address = `${listenAddr.host ?? ''}:${listenAddr.port}`;
    return fail({ code: 'CannotListen', address, reason: networkReason(error) });
  }
}

/** Inside a cluster no kubeconfig code is loaded: it takes 100 MB of memory. */
async function connection(options: Options): Promise<Connection> {
  const inCluster =
    options.kubeconfig === undefined && options.context === undefined
      ? await inClusterConnection(process.env, systemClock, options.serviceAccountDir)
      : null;
  if (inCluster) return inCluster;
  const { kubeconfigConnection } = await import('../shared/cluster/kubeconfig.ts');
  const outside = await kubeconfigConnection(
    { file: options.kubeconfig, context: options.context },
    process.env,
  );
  return outside ?? fail({ code: 'NoCluster', reason: 'this is no pod, and there is no kubeconfig' });
}

/** Tries until there are keys: an API server that does not answer yet is no reason to give up. */
async function useKeys(
  keys: SealingKeys,
  api: Api,
  options: KeyOptions,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(500, 10_000);
  const draft = newKeyDraft(options, systemClock);
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      keys.use(
        await loadOrMakeKeys(api, openGate, options, draft, systemClock, log, signal),
        systemClock.now(),
      );
      log.info('sealing keys loaded', {
        keys: keys.keyring.size,
        fingerprint: keys.certificate?.fingerprint,
      });
      return;
    } catch (error) {
      if (stopped()) return;
      log.error('sealing keys cannot be had yet', failureFields(failureOf(error, 'loading keys')));
      await systemClock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }
}

/** A crash leaves its class and place, not its message, which may quote what it failed on. */
function crash(log: Log, error: unknown): never {
  const place =
    error instanceof Error ? (error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '') : '';
  log.error('crashed', { place: place.trim(), ...failureFields(failureOf(error, 'controller')) });
  process.exit(1);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.version) {
    process.stdout.write(`controller version: ${version()}\n`);
    return;
  }
  const log = createLog();
  process.on('uncaughtException', (error) => crash(log, error));
  process.on('unhandledRejection', (error) => crash(log, error));
  onRenewalSignal(() =>
    log.warn('renewal of the sealing key was asked for; this version does not renew keys yet'),
  );

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
