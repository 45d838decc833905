import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { Authority, Pair } from './authority.ts';

/** A request and the identities that it presents. */
export interface Observed {
  readonly line: string;
  readonly authorization: string | undefined;
  /** The impersonation headers; names in lower case. */
  readonly impersonate: readonly string[];
  /** The subject of the client certificate. */
  readonly certificate: string | undefined;
  /** The server name in the TLS handshake, if any. */
  readonly sni: string | undefined;
  readonly acceptEncoding: string | undefined;
}

/** A server for tests that records requests and their clients, and answers `{}` or a scripted answer. */
export class ObservingServer {
  readonly seen: Observed[] = [];
  /** How many connections were opened. */
  connections = 0;
  answer: RequestListener = (_, response) => response.end('{}');
  readonly #server: Server;
  readonly #secure: boolean;
  readonly #sockets = new Set<Socket>();

  /** Serves plain http without an authority. The authority is the clients' CA, independent of the pair's issuer. */
  constructor(authority?: Authority, pair?: Pair) {
    const listener: RequestListener = (request, response) => {
      this.seen.push(observe(request));
      this.answer(request, response);
    };
    this.#secure = pair !== undefined;
    this.#server =
      pair && authority
        ? createTlsServer(
            {
              cert: pair.certificate,
              key: pair.key,
              ca: authority.certificate,
              requestCert: true,
              rejectUnauthorized: false,
            },
            listener,
          )
        : createServer(listener);
    // A connection must not be closed just when the client uses it again.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function observe(request: IncomingMessage): Observed {
  const { method = '', url = '', headers, rawHeaders, socket } = request;
  const impersonate = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && /^impersonate-/i.test(name) ? [`${name.toLowerCase()}: ${rawHeaders[i + 1] ?? ''}`] : [],
  );
  const secure = isTls(socket) ? socket : undefined;
  // Node returns an empty object if there is no certificate.
  const peer: Partial<PeerCertificate> = secure?.getPeerCertificate() ?? {};
  const sni = secure && 'servername' in secure ? secure.servername : undefined;
  return {
    line: `${method} ${url}`,
    authorization: headers.authorization,
    impersonate: impersonate.sort(),
    certificate: [peer.subject?.CN].flat()[0],
    sni: typeof sni === 'string' ? sni : undefined,
    acceptEncoding: headers['accept-encoding'],
  };
}

/** Tests for TLS by property, because Bun's class is a different one. */
function isTls(socket: Socket): socket is TLSSocket {
  return 'getPeerCertificate' in socket;
}
