import type { Server } from 'node:http';
import https from 'node:https';
import type { Clock } from '../../shared/clock.ts';
import { networkReason } from '../../shared/kubernetes/http/network-error.ts';
import { fail, failureOf } from '../../shared/errors.ts';
import type { RunOperation } from '../../shared/seal/keyring.ts';
import type { Address } from '../flag-values.ts';
import type { SealingKeys } from '../keys/sealing-keys.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { Options } from '../options.ts';
import { ARRIVING } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { HttpCpuBudget } from './cpu-budget.ts';
import { endpointsOf } from './endpoints.ts';
import { exposing, type Exposed } from './metrics.ts';
import { ParseLanes } from './parse-lanes.ts';
import { ClientLimit } from './rate-limit.ts';
import type { Reply } from './reply.ts';
import { answer, type Observe, type RequestContext } from './routes.ts';
import { boundAddress, closeServer, serve, type ServerOptions } from './server.ts';
import { followPair, pairFilesOf, readPair } from './tls.ts';

/** What the main server needs of the rest of the controller. */
export interface ServerDependencies {
  readonly keys: SealingKeys;
  /** The namespaces that are taken care of; undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
  /** Does a private operation in the turn of all requests. */
  readonly inTurn: RunOperation;
  /** What the controller still waits for at its start, in one line; undefined: nothing. */
  readonly startingUp: () => string | undefined;
  /** Aborted when the process is about to end. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe?: Observe;
  readonly onCut?: ServerOptions['onCut'];
}

/** An address that is listened on. */
export interface Listening {
  /** `HOST:PORT` as it was bound. */
  readonly address: string;
  /** Has the running requests answered, and takes no more. */
  readonly close: () => Promise<void>;
}

/**
 * Serves verification, re-encryption, the certificate and the probes. Throws `CannotListen`, and what is wrong with the
 * files for TLS.
 */
export async function listen(options: Options, dependencies: ServerDependencies): Promise<Listening> {
  const { keys, namespaces, inTurn, startingUp, stop, clock, log, observe, onCut } = dependencies;
  const files = pairFilesOf(options);
  const pair = files && (await readPair(files));
  const cpu = new HttpCpuBudget(clock);
  const rate = { perSecond: options.rateLimit, burst: options.rateLimitBurst };
  const parser = new ParseLanes(clock, cpu);
  const endpoints = endpointsOf({
    certificate: () => keys.certificate,
    startingUp,
    stopping: () => stop.aborted,
    acceptV1Data: options.acceptDeprecatedV1Data,
    decrypterFor: (client) =>
      keys.keyring.inTurn((operation, signal) => cpu.run(client, () => inTurn(operation, signal), signal)),
    limits: { verify: new ClientLimit(clock, rate), rotate: ClientLimit.ofRotations(clock, rate) },
    arriving: new ByteBudget(ARRIVING),
    concurrency: new ConcurrencyLimit(),
    parser,
    serves: (namespace) => namespaces?.includes(namespace) ?? true,
    clock,
    log,
  });
  const serverOptions = { ...timeoutsOf(options), tls: pair, ...(onCut ? { onCut } : {}) };
  const server = await listenAt(options.listenAddr, serverOptions, clock, async (context) => {
    try {
      return await answer(endpoints, context, clock, observe);
    } catch (error) {
      // A client that is gone needs no answer.
      if (!context.signal.aborted) log.error('a request failed', failureFields(failureOf(error, 'HTTP')));
      throw error;
    }
  });
  if (files && pair && server instanceof https.Server) {
    void followPair(files, pair, server, clock, log, stop);
  }
  return {
    address: boundAddress(server),
    close: async () => {
      await closeServer(server, clock);
      parser.close();
    },
  };
}

/** A few scrapers, and no more. */
const METRICS_CONNECTIONS = { total: 64, perPeer: 16 };

/** Serves `/metrics`. Throws `CannotListen`. */
export async function listenForMetrics(
  options: Options,
  metrics: Exposed,
  clock: Clock,
  onCut: NonNullable<ServerOptions['onCut']>,
): Promise<Listening> {
  const endpoints = new Map([['/metrics', exposing(metrics, clock)]]);
  const serverOptions = { ...timeoutsOf(options), connections: METRICS_CONNECTIONS, onCut };
  const server = await listenAt(options.listenMetricsAddr, serverOptions, clock, (context) =>
    answer(endpoints, context, clock),
  );
  return { address: boundAddress(server), close: () => closeServer(server, clock) };
}

function timeoutsOf({ readTimeout, writeTimeout }: Options): ServerOptions {
  return { readTimeout, writeTimeout };
}

async function listenAt(
  address: Address,
  options: ServerOptions,
  clock: Clock,
  answerer: (context: RequestContext) => Promise<Reply>,
): Promise<Server> {
  try {
    return await serve(address, answerer, options, clock);
  } catch (error) {
    const reason = networkReason(error);
    return fail({ code: 'CannotListen', address: `${address.host ?? ''}:${address.port}`, reason });
  }
}
