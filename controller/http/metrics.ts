import type { Server, ServerResponse } from 'node:http';
import type { Address } from '../flag-values.ts';
import { listen } from './server.ts';

export interface Exposed {
  readonly contentType: string;
  exposition(): Promise<string>;
}

/** Serves `/metrics` and nothing else, until it is closed. Rejects where the address cannot be listened on. */
export function serveMetrics(address: Address, metrics: Exposed): Promise<Server> {
  return listen(address, ({ url = '', method }, response) => {
    if (url.split('?')[0] !== '/metrics') return refuse(response, 404, 'not found\n');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'method not allowed\n');
    }
    metrics.exposition().then(
      (body) => send(response, 200, metrics.contentType, body),
      () => refuse(response, 500, 'the metrics cannot be had\n'),
    );
  });
}

function refuse(response: ServerResponse, status: number, body: string): void {
  send(response, status, 'text/plain; charset=utf-8', body);
}

/** To HEAD Node sends the headers alone. */
function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
