import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { Deadline, type Clock } from '../../shared/clock.ts';
import type { Address } from '../flag-values.ts';
import { ByteBudget } from './byte-budget.ts';
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
import { OVERHEAD, send, UNREAD, type Exchange } from './send.ts';
import type { Pair } from './tls.ts';

/** Why a connection was closed before its answer was read. */
export type CutReason = 'connections' | 'pipelined' | 'slow_reader' | 'unread_answers';

export interface ServerOptions {
  /** How long a request may take to arrive, its body included, in ms; not positive: no limit. */
  readonly readTimeout: number;
  /** How long an answer may take to be made and fetched, in ms; not positive: no limit. */
  readonly writeTimeout: number;
  /** Absent: plain HTTP. */
  readonly tls?: Pair | undefined;
  readonly connections?: ConnectionLimits;
  /** Called for each connection that a bound closes. */
  readonly onCut?: (reason: CutReason) => void;
}

/** How long the headers of a request may take, in ms. */
const HEADERS = 10_000;
const SERVER_OPTIONS = {
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
  /** How often timeouts are checked: Node's own 30 s would make 40 s of the 10 s. */
  connectionsCheckingInterval: 1_000,
};
const CONNECTIONS: ConnectionLimits = { total: 1_000, perPeer: 250 };

type Answer = (context: RequestContext) => Promise<Reply>;

/** Serves until it is closed. Rejects where the address cannot be listened on. */
export async function serve(
  address: Address,
  answer: Answer,
  options: ServerOptions,
  clock: Clock,
): Promise<Server | https.Server> {
  const requestTimeout = options.readTimeout > 0 ? Math.ceil(options.readTimeout) : 0;
  const headersTimeout = requestTimeout > 0 ? Math.min(HEADERS, requestTimeout) : HEADERS;
  const all = { ...SERVER_OPTIONS, requestTimeout, headersTimeout };
  const { tls, connections = CONNECTIONS, onCut = () => undefined } = options;
  const server = tls
    ? https.createServer({ ...all, ...tls, handshakeTimeout: HEADERS })
    : http.createServer(all);
  const exchanges = new Exchanges(server, answer, { writeTimeout: options.writeTimeout, onCut }, clock);
  const listener: RequestListener = (request, response) => exchanges.start({ request, response });
  // A client that asks before it sends its body is told to go on once the body is wanted. Node answers other
  // expectations by itself, without a bound on the answers that wait.
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

/** How long running requests may take to end, in ms. */
const CLOSING = 2_000;

/** Takes no more requests, lets the running ones end, and cuts those that do not. */
export async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const done = new AbortController();
  await Promise.race([closed, clock.sleep(CLOSING, done.signal)]);
  done.abort();
  destroyConnections(server);
  await closed;
}

/** `HOST:PORT` as it was bound. */
export function boundAddress(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

type ExchangeOptions = Pick<ServerOptions, 'writeTimeout'> & Required<Pick<ServerOptions, 'onCut'>>;

/** The requests of a server and their answers. */
class Exchanges {
  readonly #server: Server;
  readonly #answer: Answer;
  readonly #options: ExchangeOptions;
  readonly #clock: Clock;
  readonly #pipelines = new Pipelines();
  readonly #unread = new ByteBudget(UNREAD);

  constructor(server: Server, answer: Answer, options: ExchangeOptions, clock: Clock) {
    this.#server = server;
    this.#answer = answer;
    this.#options = options;
    this.#clock = clock;
  }

  start({ request, response }: Omit<Exchange, 'signal'>): void {
    const { socket } = request;
    if (socket.destroyed) {
      closeUnparsed(socket);
      return;
    }
    // A client that is cut off may go on sending.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (!this.#pipelines.add(socket)) {
      this.#options.onCut('pipelined');
      closeUnparsed(socket);
      return;
    }
    const { writeTimeout } = this.#options;
    const gone = new AbortController();
    const deadline = new Deadline(writeTimeout > 0 ? writeTimeout : Number.POSITIVE_INFINITY, gone.signal);
    deadline.signal.addEventListener('abort', () => {
      if (deadline.expired) socket.destroy();
    });
    const over = (): void => {
      socket.off('close', over);
      response.off('close', over);
      this.#pipelines.remove(socket);
      gone.abort();
      deadline.clear();
    };
    // Node does not emit `close` on an answer that waits behind another one when its connection closes.
    socket.setMaxListeners(0).once('close', over);
    response.once('close', over);
    void this.#exchange({ request, response, signal: deadline.signal });
  }

  async #exchange({ request, response, signal }: Exchange): Promise<void> {
    const { socket } = request;
    const { onCut } = this.#options;
    const proceed = (): void => {
      if (request.headers.expect !== undefined) response.writeContinue();
    };
    const reply = await this.#answer({ request, signal, proceed }).catch(() => line(500, 'internal error'));
    if (signal.aborted || response.destroyed) return;
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    const cut = (reason: CutReason): void => {
      onCut(reason);
      socket.destroy();
    };
    const hold = this.#unread.hold(clientOf(request), () => cut('unread_answers'));
    signal.addEventListener('abort', () => hold.release(), { once: true });
    hold.grow(OVERHEAD + body.length);
    if (socket.destroyed) return;
    const options = { clock: this.#clock, last: !this.#server.listening };
    if (!(await send({ request, response, signal }, reply, body, options))) cut('slow_reader');
  }
}
