import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { Deadline, type Clock } from '../../shared/clock.ts';
import type { Address } from '../flag-values.ts';
import { STALLED_BODIES } from './body.ts';
import { ByteBudget, type Hold } from './byte-budget.ts';
import { clientOf } from './client.ts';
import {
  closeUnparsed,
  destroyConnections,
  limitConnections,
  Pipelines,
  type ConnectionLimits,
} from './connections.ts';
import { line, type Reply } from './reply.ts';
import type { RequestContext } from './routes.ts';
import { ANSWER_OVERHEAD, send, UNREAD_ANSWERS, type Exchange } from './send.ts';
import type { TlsPair } from './tls.ts';

/** Why the server closed a connection before the client had read its answer or sent its body. */
export type CutReason = 'connections' | 'pipelined' | 'refused_bodies' | 'slow_reader' | 'unread_answers';

/** Options of `serve`. */
export interface ServerOptions {
  readonly clock: Clock;
  /** How long a request may take to arrive, including its body, in ms; not positive: no limit. */
  readonly readTimeout: number;
  /** How long computing and reading an answer may take, in ms; not positive: no limit. */
  readonly writeTimeout: number;
  /** The certificate and its key; absent: plain HTTP. */
  readonly tls?: TlsPair | undefined;
  readonly connections?: ConnectionLimits;
  /** Called for each connection that is closed because it exceeds a bound. */
  readonly onCut?: (reason: CutReason) => void;
}

/** How long the headers of a request may take, in ms. */
const HEADERS = 10_000;
const SERVER_OPTIONS = {
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
  /** How often to check the timeouts, in ms. Node's default of 30 s would turn 10 s into 40 s. */
  connectionsCheckingInterval: 1_000,
};
const CONNECTIONS: ConnectionLimits = { total: 1_000, perPeer: 250 };

/** Computes the answer to a request. */
export type RequestHandler = (context: RequestContext) => Promise<Reply>;

/** Starts a server. Rejects if it cannot listen on the address. */
export async function serve(
  address: Address,
  handler: RequestHandler,
  options: ServerOptions,
): Promise<Server | https.Server> {
  const requestTimeout = options.readTimeout > 0 ? Math.ceil(options.readTimeout) : 0;
  const headersTimeout = requestTimeout > 0 ? Math.min(HEADERS, requestTimeout) : HEADERS;
  const httpOptions = { ...SERVER_OPTIONS, requestTimeout, headersTimeout };
  const { tls, connections = CONNECTIONS, onCut = () => undefined } = options;
  const server = tls
    ? https.createServer({ ...httpOptions, ...tls, handshakeTimeout: HEADERS })
    : http.createServer(httpOptions);
  const { clock, writeTimeout } = options;
  const exchanges = new Exchanges(server, handler, { clock, writeTimeout, onCut });
  const listener: RequestListener = (request, response) => exchanges.start({ request, response });
  // The endpoint decides when a client with `Expect: 100-continue` may send its body. For other expectations Node would
  // write answers by itself, without a bound on the answers that wait.
  server.on('request', listener).on('checkContinue', listener).on('checkExpectation', listener);
  limitConnections(server, connections, () => onCut('connections'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** How long requests in flight may take to finish when the server closes, in ms. */
const CLOSE_TIMEOUT = 2_000;

/** Stops accepting requests, waits for those in flight, and closes the connections of those that take too long. */
export async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const done = new AbortController();
  await Promise.race([closed, clock.sleep(CLOSE_TIMEOUT, done.signal)]);
  done.abort();
  destroyConnections(server);
  await closed;
}

/** Returns `HOST:PORT` as the server is bound. */
export function boundAddress(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

type ExchangeOptions = Pick<ServerOptions, 'clock' | 'writeTimeout'> & Required<Pick<ServerOptions, 'onCut'>>;

/** Handles the requests of a server. */
class Exchanges {
  readonly #server: Server;
  readonly #handler: RequestHandler;
  readonly #options: ExchangeOptions;
  readonly #pipelines = new Pipelines();
  readonly #unreadAnswers = new ByteBudget(UNREAD_ANSWERS);
  readonly #stalledBodies = new ByteBudget(STALLED_BODIES);

  constructor(server: Server, handler: RequestHandler, options: ExchangeOptions) {
    this.#server = server;
    this.#handler = handler;
    this.#options = options;
  }

  /** Handles a request, in the background. */
  start({ request, response }: Omit<Exchange, 'signal'>): void {
    const { socket } = request;
    if (socket.destroyed) {
      closeUnparsed(socket);
      return;
    }
    // Errors of a closed connection need no handling.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (!this.#pipelines.add(socket)) {
      this.#options.onCut('pipelined');
      closeUnparsed(socket);
      return;
    }
    const { writeTimeout } = this.#options;
    const over = new AbortController();
    const deadline = new Deadline(writeTimeout > 0 ? writeTimeout : Number.POSITIVE_INFINITY, over.signal);
    deadline.signal.addEventListener('abort', () => {
      if (deadline.expired) socket.destroy();
    });
    const onClose = (): void => {
      socket.off('close', onClose);
      response.off('close', onClose);
      this.#pipelines.remove(socket);
      over.abort();
      deadline.clear();
    };
    // When a connection closes, Node does not emit `close` on a response that is queued behind another.
    socket.setMaxListeners(0).once('close', onClose);
    response.once('close', onClose);
    void this.#handle({ request, response, signal: deadline.signal });
  }

  async #handle({ request, response, signal }: Exchange): Promise<void> {
    const { socket } = request;
    const { clock, onCut } = this.#options;
    const proceed = (): void => {
      if (request.headers.expect !== undefined) response.writeContinue();
    };
    const reply = await this.#handler({ request, signal, proceed }).catch(() => line(500, 'internal error'));
    if (signal.aborted || response.destroyed) return;
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    const closeFor = (reason: CutReason): void => {
      onCut(reason);
      socket.destroy();
    };
    const hold = this.#unreadAnswers.hold(clientOf(request), () => closeFor('unread_answers'));
    signal.addEventListener('abort', () => hold.release(), { once: true });
    hold.grow(ANSWER_OVERHEAD + body.length);
    if (socket.destroyed) return;
    const holdBody = (): Hold =>
      this.#stalledBodies.hold(clientOf(request), () => closeFor('refused_bodies'));
    const options = { body, clock, last: !this.#server.listening, holdBody };
    if (!(await send({ request, response, signal }, reply, options))) closeFor('slow_reader');
  }
}
