import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { after, before } from 'node:test';
import type { ApiServerKeys } from '../control-plane/certificates.ts';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A web server for the tests of one file: answers by path, and 404 with a canary to everything else. */
export class FakeServer {
  readonly answers = new Map<string, Answer>();
  /** `METHOD PATH`, and the Authorization header, of each request since the last `forget`. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[] = [];
  readonly #secure: boolean;
  #port = 0;

  constructor(canary: string, keys?: ApiServerKeys) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const { method = '', url = '', headers } = request;
      this.requests.push({ line: `${method} ${url}`, authorization: headers.authorization });
      const answer = this.answers.get(url);
      if (answer) answer(response, request);
      else json(404, { kind: 'Status', reason: 'NotFound', message: canary })(response, request);
    };
    this.#secure = keys !== undefined;
    const server = keys
      ? createTlsServer({ cert: keys.servingCertificate, key: keys.key }, listener)
      : createServer(listener);
    before(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (typeof address === 'object' && address) this.#port = address.port;
    });
    after(() => {
      server.close();
      server.closeAllConnections();
    });
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  forget(): void {
    this.answers.clear();
    this.requests.length = 0;
  }
}

export function json(status: number, body: object): Answer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function text(body: string | Buffer, status = 200): Answer {
  return (response) => response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

export function redirect(location: string): Answer {
  return (response) => response.writeHead(302, { location }).end();
}

/** The connection is cut in the middle of the answer. */
export const cut: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('-----BEGIN CERTIFICATE-----\n', () => {
    response.destroy();
  });
};
