import { setMaxListeners } from 'node:events';
import http, { type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import {
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls';
import type { Tls } from './connection.ts';
import type { Proxy } from './proxy.ts';
import type { Roots } from './system-roots.ts';
import { proxyTrust, serverTrust } from './trust.ts';
import { openTunnel, type TunnelTarget } from './tunnel.ts';

/** The most connections that the pool for requests opens at once. */
export const MAX_REQUESTS = 64;
/** The most idle connections that each pool keeps. */
const MAX_IDLE = 16;

/** The most connections that a pool opens at once. */
type Limit = Pick<http.AgentOptions, 'maxSockets'>;

/** How to reach a server. */
export interface Route {
  readonly secure: boolean;
  readonly tls: Tls;
  readonly proxy: Proxy | undefined;
  /** The roots to trust if `tls` names no CA. Defaults to the roots that are built into Node. */
  readonly roots?: Roots | undefined;
}

/** The connections to one API server. */
export interface Pools {
  /** For requests whose response ends soon. */
  readonly requests: http.Agent;
  /** For watches, which hold their connections for minutes. Unbounded, so that watches never delay a request. */
  readonly watches: http.Agent;
}

/**
 * Returns the connection pools for a route, direct or through a proxy. An http or https proxy forwards plain-http
 * requests itself (see `send`); every other route goes through a tunnel. Throws the errors of `route.roots`.
 */
export function poolsFor(route: Route): Pools {
  return {
    requests: agentFor(route),
    watches: agentFor(route, { maxSockets: Number.POSITIVE_INFINITY }),
  };
}

/** Returns one connection pool for a route, as `poolsFor` does for two. */
export function agentFor(
  { secure, tls, proxy, roots = () => undefined }: Route,
  limit: Limit = { maxSockets: MAX_REQUESTS },
): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: MAX_IDLE, ...limit };
  if (proxy === undefined) {
    return secure ? new SecureAgent(serverTrust(tls, roots), options) : new http.Agent(options);
  }
  if (secure) {
    const toProxy = proxy.protocol === 'https:' ? proxyTrust(tls, roots) : {};
    return new SecureTunnels(proxy, { toProxy, toServer: serverTrust(tls, roots) }, options);
  }
  if (proxy.protocol === 'socks5:') return new PlainTunnels(proxy, options);
  return proxy.protocol === 'https:'
    ? new SecureAgent(proxyTrust(tls, roots), options)
    : new http.Agent(options);
}

/**
 * Opens TLS connections to one server. Makes the TLS context once, and names the connections in the pool without the
 * trust: Node would make a context for each connection, and hash the CA certificates with each request.
 */
class SecureAgent extends https.Agent {
  readonly #trust: ConnectionOptions;
  #context: SecureContext | undefined;

  constructor(trust: ConnectionOptions, options: https.AgentOptions) {
    super({ ...options, ...trust });
    this.#trust = trust;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: ConnectCallback,
  ): Duplex | null | undefined {
    this.#context ??= createSecureContext(this.#trust);
    const secured = { ...options, secureContext: this.#context };
    return super.createConnection(secured, callback);
  }

  override getName({ host = '', port = '' }: https.RequestOptions = {}): string {
    return `${host}:${port}`;
  }
}

type ConnectCallback = (error: Error | null, socket: Duplex) => void;

/** Opens plain-http connections through a SOCKS proxy. */
class PlainTunnels extends http.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();

  constructor(proxy: Proxy, options: http.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, callback?: ConnectCallback): undefined {
    const target = targetOf(options, 80);
    deliver(openTunnel({ proxy: this.#proxy, target, signal: this.#closing.signal }), callback);
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

/** Opens TLS connections to the server through a proxy of any kind. */
class SecureTunnels extends https.Agent {
  readonly #proxy: Proxy;
  readonly #closing = closing();
  readonly #trust: TunnelTrust;

  constructor(proxy: Proxy, trust: TunnelTrust, options: http.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#trust = trust;
  }

  override createConnection(options: ClientRequestArgs, callback?: ConnectCallback): undefined {
    deliver(this.#connect(options), callback);
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }

  async #connect(options: ClientRequestArgs): Promise<Duplex> {
    const target = targetOf(options, 443);
    const { host } = target;
    const socket = await openTunnel({
      proxy: this.#proxy,
      target,
      tls: this.#trust.toProxy,
      signal: this.#closing.signal,
    });
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

/** Returns a controller that aborts the tunnels that are being opened when the pool closes. */
function closing(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

function targetOf({ host, port }: ClientRequestArgs, defaultPort: number): TunnelTarget {
  return { host: (host ?? '').replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) };
}

/** Passes the connection, or the error, to the agent, which owns the connection from then on. */
function deliver(connection: Promise<Duplex>, callback: ConnectCallback | undefined): void {
  connection.then(
    (socket) => callback?.(null, socket),
    (error: unknown) =>
      callback?.(error instanceof Error ? error : new Error('no connection'), new Duplex().destroy()),
  );
}
