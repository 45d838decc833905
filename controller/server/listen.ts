import type { Server } from 'node:http';
import https from 'node:https';
import type { Clock } from '../../shared/clock.ts';
import { networkReason } from '../../shared/kubernetes/http/network-error.ts';
import { failureOf } from '../../shared/errors.ts';
import { fail } from './errors.ts';
import type { RunOperation } from '../../shared/seal/keyring.ts';
import type { Address } from '../flag-values.ts';
import type { SealingKeys } from '../keys/sealing-keys.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { Options } from '../options.ts';
import { ARRIVING_BODIES } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { HttpCpuBudget } from './cpu-budget.ts';
import { endpointsOf } from './endpoints.ts';
import { metricsEndpoint, type MetricsSource } from './metrics.ts';
import { ParseLanes } from './parse-lanes.ts';
import { ClientLimit } from './rate-limit.ts';
import { route, type RequestObserver } from './routes.ts';
import { boundAddress, closeServer, serve, type RequestHandler, type ServerOptions } from './server.ts';
import { watchTlsFiles, tlsFilesOf, readTlsPair } from './tls.ts';

/** The dependencies of the main server on the rest of the controller. */
export interface ServerDependencies {
  readonly keys: SealingKeys;
  /** The namespaces that the controller handles; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Runs a private-key operation; all HTTP requests together have one turn among the reconciles. */
  readonly runOperation: RunOperation;
  /** Returns what the controller waits for during start-up, in one line; undefined once it has started. */
  readonly startingUp: () => string | undefined;
  /** Aborts when the controller shuts down. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe?: RequestObserver;
  readonly onCut?: ServerOptions['onCut'];
}

/** A running server. */
export interface ListeningServer {
  /** `HOST:PORT` as the server is bound. */
  readonly address: string;
  /** Stops accepting requests, and waits for those in flight. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the main server: verification, re-encryption, the certificate, the page and the probes. Throws `CannotListen`, or
 * `Usage`, `UnreadableFile` or `BadTlsPair` for the TLS files.
 */
export async function listen(options: Options, dependencies: ServerDependencies): Promise<ListeningServer> {
  const { keys, namespaces, runOperation, startingUp, stop, clock, log, observe, onCut } = dependencies;
  const files = tlsFilesOf(options);
  const pair = files && (await readTlsPair(files));
  const cpu = new HttpCpuBudget(clock);
  const rate = { perSecond: options.rateLimit, burst: options.rateLimitBurst };
  const parser = new ParseLanes(clock, cpu);
  const endpoints = endpointsOf({
    certificate: () => keys.certificate,
    startingUp,
    stopping: () => stop.aborted,
    acceptV1Data: options.acceptDeprecatedV1Data,
    decrypterFor: (client) =>
      keys.keyring.scheduledBy((operation, signal) =>
        cpu.run(client, () => runOperation(operation, signal), signal),
      ),
    limits: { verify: new ClientLimit(clock, rate), rotate: ClientLimit.ofRotations(clock, rate) },
    arriving: new ByteBudget(ARRIVING_BODIES),
    concurrency: new ConcurrencyLimit(),
    parser,
    page: options.webUi ? { template: await pageTemplate(), limit: new ClientLimit(clock, rate) } : undefined,
    serves: (namespace) => namespaces?.includes(namespace) ?? true,
    clock,
    log,
  });
  const serverOptions = { ...timeoutsOf(options), clock, tls: pair, ...(onCut ? { onCut } : {}) };
  const server = await listenAt(options.listenAddr, serverOptions, async (context) => {
    try {
      return await route(endpoints, context, { clock, observe });
    } catch (error) {
      // A client that has disconnected needs no answer.
      if (!context.signal.aborted)
        log.error('failed to handle HTTP request', failureFields(failureOf(error, 'HTTP')));
      throw error;
    }
  });
  if (files && pair && server instanceof https.Server) {
    void watchTlsFiles({ files, current: pair, server, clock, log, signal: stop });
  }
  return {
    address: boundAddress(server),
    close: async () => {
      await closeServer(server, clock);
      parser.close();
    },
  };
}

/** Loads the page only for a controller that serves it. */
async function pageTemplate(): Promise<string> {
  const { readTemplate } = await import('../../shared/web-page/template.ts');
  return readTemplate();
}

/** Enough for a few scrapers. */
const METRICS_CONNECTIONS = { total: 64, perPeer: 16 };

/** The dependencies of the metrics server. */
export interface MetricsServerDependencies {
  readonly metrics: MetricsSource;
  readonly clock: Clock;
  readonly onCut: NonNullable<ServerOptions['onCut']>;
}

/** Starts the server of `/metrics`. Throws `CannotListen`. */
export async function listenForMetrics(
  options: Options,
  { metrics, clock, onCut }: MetricsServerDependencies,
): Promise<ListeningServer> {
  const endpoints = new Map([['/metrics', metricsEndpoint(metrics, clock)]]);
  const serverOptions = { ...timeoutsOf(options), clock, connections: METRICS_CONNECTIONS, onCut };
  const server = await listenAt(options.listenMetricsAddr, serverOptions, (context) =>
    route(endpoints, context, { clock }),
  );
  return { address: boundAddress(server), close: () => closeServer(server, clock) };
}

function timeoutsOf({
  readTimeout,
  writeTimeout,
}: Options): Pick<ServerOptions, 'readTimeout' | 'writeTimeout'> {
  return { readTimeout, writeTimeout };
}

async function listenAt(address: Address, options: ServerOptions, handler: RequestHandler): Promise<Server> {
  try {
    return await serve(address, handler, options);
  } catch (error) {
    const reason = networkReason(error);
    return fail({ code: 'CannotListen', address: `${address.host ?? ''}:${address.port}`, reason });
  }
}
