import { setMaxListeners } from 'node:events';
import http, { type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Tls } from './connection.ts';
import type { Proxy } from './proxy.ts';
import type { Roots } from './system-roots.ts';
import { proxyTrust, serverTrust } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** How many requests are under way at once. */
const MAX_REQUESTS = 64;
/** How many idle connections of each pool are kept. */
const MAX_IDLE = 16;

/** How many connections a pool opens at once. */
type Limit = Pick<http.AgentOptions, 'maxSockets'>;

/** How to get to a server. */
export interface Route {
  readonly secure: boolean;
  readonly tls: Tls;
  readonly proxy: Proxy | undefined;
  /** What is trusted where `tls` names no CA; the roots that are built into Node by default. */
  readonly roots?: Roots | undefined;
}

/** The connections to one API server. */
export interface Pools {
  /** For requests whose answer ends soon. */
  readonly requests: http.Agent;
  /** For watches, which hold their connections for minutes: no number of them makes a request wait. */
  readonly watches: http.Agent;
}

/**
 * Returns pools of connections, directly or through a proxy. An http proxy gets requests to plain http itself, see
 * `send`; to all else it makes a tunnel. Throws as the roots of the route do.
 */
export function poolsFor(route: Route): Pools {
  return {
    requests: agentFor(route),
    watches: agentFor(route, { maxSockets: Number.POSITIVE_INFINITY }),
  };
}

/** Returns one such pool. */
export function agentFor(
  { secure, tls, proxy, roots = () => undefined }: Route,
  limit: Limit = { maxSockets: MAX_REQUESTS },
): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: MAX_IDLE, ...limit };
  if (proxy === undefined) {
    return secure ? new https.Agent({ ...options, ...serverTrust(tls, roots) }) : new http.Agent(options);
  }
  if (secure) {
    const toProxy = proxy.protocol === 'https:' ? proxyTrust(tls, roots) : {};
    return new SecureTunnels(proxy, { toProxy, toServer: serverTrust(tls, roots) }, options);
  }
  if (proxy.protocol === 'socks5:') return new PlainTunnels(proxy, options);
  return proxy.protocol === 'https:'
    ? new https.Agent({ ...options, ...proxyTrust(tls, roots) })
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

/** TLS options for both ends of a tunnel. */
interface TunnelTrust {
  readonly toProxy: ConnectionOptions;
  readonly toServer: ConnectionOptions;
}

/** TLS from us to the server, through whatever the proxy is. */
class SecureTunnels extends https.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();
  readonly #trust: TunnelTrust;

  constructor(proxy: Proxy, trust: TunnelTrust, options: http.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#trust = trust;
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
    const socket = await openTunnel(this.#proxy, to, this.#trust.toProxy, this.#closing.signal);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return new Promise((resolve, reject) => {
      const secured = connectTls({ host, ...servername, ...this.#trust.toServer, socket });
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
