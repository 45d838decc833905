import { setMaxListeners } from 'node:events';
import http, { type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Tls } from './connection.ts';
import type { Proxy } from './proxy.ts';
import { proxyTrust, serverTrust } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** How many requests are under way at once. */
const MAX_REQUESTS = 64;
/** How many idle connections of each pool are kept. */
const MAX_IDLE = 16;

/** How many connections a pool opens at once. */
type Limit = Pick<http.AgentOptions, 'maxSockets'>;

/** The connections to one API server. */
export interface Pools {
  /** For requests whose answer ends soon. */
  readonly requests: http.Agent;
  /** For watches, which hold their connections for minutes: no number of them makes a request wait. */
  readonly watches: http.Agent;
}

/**
 * Returns pools of connections, directly or through a proxy. An http proxy gets requests to plain http itself, see
 * `send`; to all else it makes a tunnel.
 */
export function poolsFor(secure: boolean, tls: Tls, proxy: Proxy | undefined): Pools {
  return {
    requests: agentFor(secure, tls, proxy),
    watches: agentFor(secure, tls, proxy, { maxSockets: Number.POSITIVE_INFINITY }),
  };
}

/** Returns one such pool. */
export function agentFor(
  secure: boolean,
  tls: Tls,
  proxy: Proxy | undefined,
  limit: Limit = { maxSockets: MAX_REQUESTS },
): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: MAX_IDLE, ...limit };
  if (proxy === undefined) {
    return secure ? new https.Agent({ ...options, ...serverTrust(tls) }) : new http.Agent(options);
  }
  if (secure) return new SecureTunnels(proxy, tls, options);
  if (proxy.protocol === 'socks5:') return new PlainTunnels(proxy, options);
  return proxy.protocol === 'https:'
    ? new https.Agent({ ...options, ...proxyTrust(tls) })
    : new http.Agent(options);
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Connections to plain http through SOCKS. */
class PlainTunnels extends http.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();

  constructor(proxy: Proxy, options: http.AgentOptions) {
    super(options);
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

  constructor(proxy: Proxy, tls: Tls, options: http.AgentOptions) {
    super(options);
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
      const secured = connectTls({ host, ...servername, ...serverTrust(this.#tls), socket });
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
