import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Address } from '../flag-values.ts';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Endpoints {
  /** The certificate to seal with, or undefined as long as there is none. */
  readonly certificate: () => Certificate | undefined;
}

const TEXT = 'text/plain; charset=utf-8';
const SERVER_OPTIONS = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
};
const MAX_CONNECTIONS = 1_000;

export function serve(address: Address, endpoints: Endpoints): Promise<http.Server> {
  return listen(address, (request, response) => answer(request, response, endpoints));
}

/** Serves until it is closed, within bounds. Rejects where the address cannot be listened on. */
export async function listen(address: Address, answerer: RequestListener): Promise<http.Server> {
  const server = http.createServer(SERVER_OPTIONS, answerer);
  server.maxConnections = MAX_CONNECTIONS;
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
export async function closeServer(server: http.Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const done = new AbortController();
  await Promise.race([closed, clock.sleep(CLOSING, done.signal)]);
  done.abort();
  server.closeAllConnections();
  await closed;
}

/** `HOST:PORT` as it was bound. */
export function boundAddress(server: http.Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function answer(request: IncomingMessage, response: ServerResponse, endpoints: Endpoints): void {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const get = GET.get(path);
  if (get === undefined) return send(request, response, { status: 404, type: TEXT, body: 'not found\n' });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(request, response, { status: 405, type: TEXT, body: 'method not allowed\n' });
  }
  send(request, response, get(endpoints));
}

const GET = new Map<string, (endpoints: Endpoints) => Reply>([
  ['/healthz', () => ({ status: 200, type: TEXT, body: 'ok\n' })],
  ['/v1/cert.pem', ({ certificate }) => certificateReply(certificate())],
]);

function certificateReply(certificate: Certificate | undefined): Reply {
  return certificate
    ? { status: 200, type: 'application/x-pem-file', body: certificate.pem }
    : { status: 503, type: TEXT, body: 'there is no sealing key yet\n' };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': Buffer.byteLength(reply.body),
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}
