import type { Server } from 'node:http';
import https from 'node:https';
import type { Clock } from '../../shared/clock.ts';
import { networkReason } from '../../shared/cluster/network-error.ts';
import { fail, failureOf } from '../../shared/errors.ts';
import type { Turn } from '../../shared/seal/keyring.ts';
import type { Address } from '../flag-values.ts';
import type { SealingKeys } from '../keys/sealing-keys.ts';
import { failureFields, type Log } from '../observe/log.ts';
import type { Options } from '../options.ts';
import { endpointsOf } from './endpoints.ts';
import { exposing, type Exposed } from './metrics.ts';
import { Places } from './places.ts';
import { Reader } from './reader.ts';
import { ClientLimit } from './rate-limit.ts';
import type { Reply } from './reply.ts';
import { answer, type Asked, type Observe } from './routes.ts';
import { boundAddress, closeServer, serve, type ServerOptions } from './server.ts';
import { Share } from './share.ts';
import { followPair, pairFilesOf, readPair } from './tls.ts';

/** What the endpoints stand on. */
export interface Behind {
  readonly keys: SealingKeys;
  /** The namespaces that are taken care of; undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
  /** Does a private operation in the turn of all requests. */
  readonly inTurn: Turn;
  /** What the controller still waits for at its start, in one line; undefined: nothing. */
  readonly startingUp: () => string | undefined;
  /** Aborted when the process is about to end. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe?: Observe;
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
export async function listen(options: Options, behind: Behind): Promise<Listening> {
  const { keys, namespaces, inTurn, startingUp, stop, clock, log, observe } = behind;
  const files = pairFilesOf(options);
  const pair = files && (await readPair(files));
  const share = new Share(clock);
  const reader = new Reader();
  const endpoints = endpointsOf({
    certificate: () => keys.certificate,
    startingUp,
    stopping: () => stop.aborted,
    acceptV1Data: options.acceptDeprecatedV1Data,
    decrypter: keys.keyring.inTurn((operation) => share.turn(() => inTurn(operation))),
    limit: new ClientLimit(clock, options.rateLimit, options.rateLimitBurst),
    places: new Places(),
    share,
    reader,
    serves: (namespace) => namespaces?.includes(namespace) ?? true,
    log,
  });
  const server = await listenAt(options.listenAddr, { ...options, tls: pair }, async (asked) => {
    try {
      return await answer(endpoints, asked, clock, observe);
    } catch (error) {
      // Where nobody waits any more, that is all there is to it.
      if (!asked.signal.aborted) log.error('a request failed', failureFields(failureOf(error, 'HTTP')));
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
      await reader.close();
    },
  };
}

/** Serves `/metrics`. Throws `CannotListen`. */
export async function listenForMetrics(options: Options, metrics: Exposed, clock: Clock): Promise<Listening> {
  const endpoints = new Map([['/metrics', exposing(metrics)]]);
  const server = await listenAt(options.listenMetricsAddr, options, (asked) =>
    answer(endpoints, asked, clock),
  );
  return { address: boundAddress(server), close: () => closeServer(server, clock) };
}

async function listenAt(
  address: Address,
  { readTimeout, writeTimeout, tls }: ServerOptions,
  answerer: (asked: Asked) => Promise<Reply>,
): Promise<Server> {
  try {
    return await serve(address, answerer, { readTimeout, writeTimeout, tls });
  } catch (error) {
    const reason = networkReason(error);
    return fail({ code: 'CannotListen', address: `${address.host ?? ''}:${address.port}`, reason });
  }
}
