import {
  createServer,
  request as send,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The network of a browser: an HTTP proxy that answers for a few sites, and records whatever the browser asks for. It is
 * the browser's only way out, so that its record is complete, whatever part of the page or the browser asked.
 */
export class TestNetwork {
  /** Every request so far, as `METHOD URL`. */
  readonly requests: string[] = [];
  /** The sites, by host (and port, unless it is 80). */
  readonly sites = new Map<string, RequestListener>();
  readonly #server: Server = createServer();

  constructor() {
    this.#server.on('request', (request, response) => {
      this.#record(request);
      const site = this.sites.get(hostOf(request.url ?? ''));
      if (site) {
        request.url = pathOf(request.url ?? '');
        site(request, response);
      } else {
        response.writeHead(502).end();
      }
    });
    for (const event of ['connect', 'upgrade']) {
      this.#server.on(event, (request: IncomingMessage, socket: Duplex) => {
        this.#record(request);
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      });
    }
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** The URL of the proxy. */
  get proxy(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #record({ method = '', url = '' }: IncomingMessage): void {
    this.requests.push(`${method} ${url}`);
  }
}

/** Returns a site that passes everything on to the server at a URL. */
export function forwardTo(server: string): RequestListener {
  return ({ method, url = '', headers }, response) => {
    const onward = send(new URL(url, server), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end();
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
