import http from 'node:http';
import https from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Deadline } from '../../clock.ts';
import { networkReason, NetworkError } from './network-error.ts';
import { proxyLogin, showProxy, type Proxy } from './proxy.ts';
import { socksHandshake } from './socks.ts';

/** The time limit for opening a tunnel, in ms. */
const TIME_LIMIT = 30_000;

/** The host that a tunnel leads to. An IPv6 address has no brackets. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

/** How to open a tunnel. */
export interface TunnelOptions {
  readonly proxy: Proxy;
  readonly target: TunnelTarget;
  /** TLS options for an https proxy. */
  readonly tls?: ConnectionOptions;
  /** Aborts while the tunnel is being opened. */
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to a host through a proxy, which then only forwards bytes. Throws `NetworkError` if the proxy
 * cannot be reached or refuses.
 */
export async function openTunnel({ proxy, target, tls = {}, signal }: TunnelOptions): Promise<Socket> {
  const deadline = new Deadline(TIME_LIMIT, signal);
  try {
    return proxy.protocol === 'socks5:'
      ? await throughSocks(proxy, target, deadline.signal)
      : await throughHttp({ proxy, target, tls, signal: deadline.signal });
  } catch (error) {
    if (error instanceof NetworkError) throw error;
    const reason = deadline.expired ? 'timed out' : networkReason(error);
    throw new NetworkError(`the proxy ${showProxy(proxy)}: ${reason}`, { cause: error });
  } finally {
    deadline.clear();
  }
}

/** Sends CONNECT (RFC 9110, section 9.3.6). */
function throughHttp({ proxy, target, tls, signal }: Required<TunnelOptions>): Promise<Socket> {
  const { host, port } = target;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options = {
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    // By default, Node takes the name from the Host header.
    servername: isIP(proxy.host) === 0 ? proxy.host : '',
    headers: { host: authority, ...proxyLogin(proxy) },
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request =
      proxy.protocol === 'https:' ? https.request({ ...options, ...tls }) : http.request(options);
    request.on('connect', (response, socket, head) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status <= 299 && head.length === 0) return resolve(socket);
      socket.destroy();
      const early = 'it sends data before the request';
      reject(refusal(proxy, status >= 200 && status <= 299 ? early : describeStatus(status)));
    });
    // A server that treats CONNECT like any other request.
    request.on('response', (response) => {
      response.destroy();
      reject(refusal(proxy, describeStatus(response.statusCode ?? 0)));
    });
    request.on('error', reject);
    request.end();
  });
}

function throughSocks(proxy: Proxy, target: TunnelTarget, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: proxy.host, port: proxy.port });
    const stop = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', () => stop(new Error('aborted')), { once: true });
    socket.once('error', stop);
    socket.once('connect', () => {
      socksHandshake(socket, proxy, target).then(
        () => {
          socket.off('error', stop);
          resolve(socket);
        },
        (error: unknown) =>
          stop(refusal(proxy, error instanceof NetworkError ? error.message : networkReason(error))),
      );
    });
  });
}

/** Returns what a proxy's error status means. */
export function describeStatus(status: number): string {
  if (status === 407)
    return 'authentication required (407); put the credentials in the URL: http://NAME:PASSWORD@…';
  if (status === 403) return 'forbidden (403)';
  if (status === 502 || status === 503 || status === 504) return `it cannot reach the server (${status})`;
  return `it answered ${status}, which is not what a proxy answers`;
}

function refusal(proxy: Proxy, problem: string): NetworkError {
  return new NetworkError(`the proxy ${showProxy(proxy)}: ${problem}`);
}
