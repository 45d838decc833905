import { setMaxListeners } from 'node:events';
import http, { type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Tls } from './connection.ts';
import type { Proxy } from './proxy.ts';
import { openTunnel, proxyTrust } from './tunnel.ts';

const OPTIONS = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 64, maxFreeSockets: 16 };

/**
 * A pool of connections, directly or through a proxy. An http proxy gets requests to plain http itself, see `send`;
 * to all else it makes a tunnel.
 */
export function agentFor(secure: boolean, tls: Tls, proxy: Proxy | undefined): http.Agent {
  if (proxy === undefined) {
    return secure ? new https.Agent({ ...OPTIONS, ...tls }) : new http.Agent(OPTIONS);
  }
  if (secure) return new SecureTunnels(proxy, tls);
  if (proxy.protocol === 'socks5:') return new PlainTunnels(proxy);
  return proxy.protocol === 'https:'
    ? new https.Agent({ ...OPTIONS, ...proxyTrust(tls) })
    : new http.Agent(OPTIONS);
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Connections to plain http through SOCKS. */
class PlainTunnels extends http.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();

  constructor(proxy: Proxy) {
    super(OPTIONS);
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): undefined {
    hand(openTunnel(this.#proxy, target(options, 80), {}, this.#closing.signal), connected);
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }
}

/** TLS from us to the server, through whatever the proxy is. */
class SecureTunnels extends https.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();
  readonly #tls: Tls;

  constructor(proxy: Proxy, tls: Tls) {
    super(OPTIONS);
    this.#proxy = proxy;
    this.#tls = tls;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): undefined {
    hand(this.#connect(options), connected);
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }

  async #connect(options: ClientRequestArgs): Promise<Duplex> {
    const to = target(options, 443);
    const { host } = to;
    const socket = await openTunnel(this.#proxy, to, this.#tls, this.#closing.signal);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return new Promise((resolve, reject) => {
      const secured = connectTls({ host, ...servername, ...this.#tls, socket });
      secured.once('error', reject);
      secured.once('secureConnect', () => {
        secured.off('error', reject);
        resolve(secured);
      });
    });
  }
}

/** Aborts the tunnels that are being made, when the pool is closed. */
function closing(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

function target({ host, port }: ClientRequestArgs, usual: number): { host: string; port: number } {
  return { host: (host ?? '').replace(/^\[|\]$/g, ''), port: Number(port ?? usual) };
}

/** Gives the connection to the agent that waits for it, which takes care of it from then on. */
function hand(connection: Promise<Duplex>, connected: Connected | undefined): void {
  connection.then(
    (socket) => connected?.(null, socket),
    (error: unknown) =>
      connected?.(error instanceof Error ? error : new Error('no connection'), new Duplex().destroy()),
  );
}
