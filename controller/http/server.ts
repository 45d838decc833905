import http, {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Deadline, type Clock } from '../../shared/clock.ts';
import type { Address } from '../flag-values.ts';
import { Tally } from '../tally.ts';
import { hasBody, linger } from './body.ts';
import { line, type Reply } from './reply.ts';
import type { Asked } from './routes.ts';
import type { Pair } from './tls.ts';

export interface ServerOptions {
  /** How long a request may take to arrive, its body included, in milliseconds; not positive: any time. */
  readonly readTimeout: number;
  /** How long an answer may take to be made and fetched, in milliseconds; not positive: any time. */
  readonly writeTimeout: number;
  /** Absent: plain HTTP. */
  readonly tls?: Pair | undefined;
}

/** Headers come at once, or not at all, in milliseconds. */
const HEADERS = 10_000;
const SERVER_OPTIONS = {
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
  /** How often the timeouts are looked at: Node's own 30 s would make 40 s of the 10 s. */
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 1_000;
/** Of one address: who takes all that it can leaves some to others, to the probes of the kubelet among them. */
const MAX_OF_ONE_PEER = 250;

/** Serves until it is closed. Rejects where the address cannot be listened on. */
export async function serve(
  address: Address,
  answer: (asked: Asked) => Promise<Reply>,
  options: ServerOptions,
): Promise<Server | https.Server> {
  const requestTimeout = options.readTimeout > 0 ? Math.ceil(options.readTimeout) : 0;
  const headersTimeout = requestTimeout > 0 ? Math.min(HEADERS, requestTimeout) : HEADERS;
  const all = { ...SERVER_OPTIONS, requestTimeout, headersTimeout };
  const { tls, writeTimeout } = options;
  const server = tls
    ? https.createServer({ ...all, ...tls, handshakeTimeout: HEADERS })
    : http.createServer(all);
  const listener: RequestListener = (request, response) =>
    void exchange(server, request, response, answer, writeTimeout);
  // A client that asks before it sends its body is told to go on once the body is wanted.
  server.on('request', listener).on('checkContinue', listener);
  server.maxConnections = MAX_CONNECTIONS;
  boundPeers(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** How long running requests may take to end, in milliseconds. */
const CLOSING = 2_000;

/** Takes no more requests, lets the running ones end, and cuts those that do not. */
export async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const done = new AbortController();
  await Promise.race([closed, clock.sleep(CLOSING, done.signal)]);
  done.abort();
  server.closeAllConnections();
  await closed;
}

/** `HOST:PORT` as it was bound. */
export function boundAddress(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function boundPeers(server: Server): void {
  const connections = new Tally();
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    if (connections.of(peer) >= MAX_OF_ONE_PEER) {
      socket.destroy();
      return;
    }
    connections.add(peer, 1);
    socket.once('close', () => connections.add(peer, -1));
  });
}

/** One request and its answer. */
async function exchange(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  answer: (asked: Asked) => Promise<Reply>,
  writeTimeout: number,
): Promise<void> {
  const gone = new AbortController();
  const deadline = new Deadline(writeTimeout > 0 ? writeTimeout : Number.POSITIVE_INFINITY, gone.signal);
  deadline.signal.addEventListener('abort', () => {
    if (deadline.expired) request.socket.destroy();
  });
  const { socket } = request;
  const over = (): void => {
    gone.abort();
    deadline.clear();
    socket.off('close', over);
  };
  // Of an answer that waits behind another one Node does not say that its connection was closed; many may wait.
  socket.setMaxListeners(0).once('close', over);
  response.once('close', over);
  // What a client sends after its connection was cut is nobody's.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const proceed = (): void => {
    if (request.headers.expect !== undefined) response.writeContinue();
  };
  const reply = await answer({ request, signal: deadline.signal, proceed }).catch(() =>
    line(500, 'internal error'),
  );
  if (!response.destroyed) send(server, request, response, reply);
}

function send(server: Server, request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const unread = hasBody(request) && !request.readableEnded;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(reply.type === undefined ? {} : { 'content-type': reply.type }),
    'content-length': Buffer.byteLength(reply.body),
    'x-content-type-options': 'nosniff',
    // What follows a body that nobody reads is no request; and a server that stops takes no other one.
    ...(unread || !server.listening ? { connection: 'close' } : {}),
  });
  const body = request.method === 'HEAD' ? '' : reply.body;
  if (!unread) {
    response.end(body);
    return;
  }
  // Node closes a connection with the end of its last answer, whatever still comes in.
  response.flushHeaders();
  if (body !== '') response.write(body);
  linger(request, () => response.end());
}
