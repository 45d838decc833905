import http from 'node:http';
import https from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Deadline } from '../../clock.ts';
import { networkReason, NetworkError } from './network-error.ts';
import { proxyLogin, showProxy, type Proxy } from './proxy.ts';
import { socksHandshake } from './socks.ts';

/** How long a proxy may take to make a connection, in milliseconds. */
const TIME_LIMIT = 30_000;

/**
 * Opens a connection to a host through a proxy, which then only passes bytes on. The TLS options are for an https proxy.
 * Throws `NetworkError` with what the proxy answered.
 */
export async function openTunnel(
  proxy: Proxy,
  { host, port }: { readonly host: string; readonly port: number },
  tls: ConnectionOptions,
  closing: AbortSignal,
): Promise<Socket> {
  const deadline = new Deadline(TIME_LIMIT, closing);
  try {
    return proxy.protocol === 'socks5:'
      ? await throughSocks(proxy, host, port, deadline.signal)
      : await throughHttp(proxy, host, port, tls, deadline.signal);
  } catch (error) {
    if (error instanceof NetworkError) throw error;
    const reason = deadline.expired ? 'timed out' : networkReason(error);
    throw new NetworkError(`the proxy ${showProxy(proxy)}: ${reason}`, { cause: error });
  } finally {
    deadline.clear();
  }
}

/** RFC 9110, section 9.3.6: CONNECT. */
function throughHttp(
  proxy: Proxy,
  host: string,
  port: number,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options = {
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    // Else Node would take the name from the Host header.
    servername: isIP(proxy.host) === 0 ? proxy.host : '',
    headers: { host: authority, ...proxyLogin(proxy) },
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const asked = proxy.protocol === 'https:' ? https.request({ ...options, ...tls }) : http.request(options);
    asked.on('connect', (answer, socket, head) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status <= 299 && head.length === 0) return resolve(socket);
      socket.destroy();
      const early = 'it speaks before it is asked';
      reject(refusal(proxy, status >= 200 && status <= 299 ? early : statusWords(status)));
    });
    // A server that takes CONNECT for any other request.
    asked.on('response', (answer) => {
      answer.destroy();
      reject(refusal(proxy, statusWords(answer.statusCode ?? 0)));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function throughSocks(proxy: Proxy, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: proxy.host, port: proxy.port });
    const stop = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', () => stop(new Error('aborted')), { once: true });
    socket.once('error', stop);
    socket.once('connect', () => {
      socksHandshake(socket, proxy, host, port).then(
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

/** In words, what a proxy means by its status. */
export function statusWords(status: number): string {
  if (status === 407) return 'it wants a login (407): put it into the URL, as http://NAME:PASSWORD@…';
  if (status === 403) return 'it does not let us through (403)';
  if (status === 502 || status === 503 || status === 504) return `it does not reach the server (${status})`;
  return `it answered ${status}, as if it were no proxy`;
}

function refusal(proxy: Proxy, problem: string): NetworkError {
  return new NetworkError(`the proxy ${showProxy(proxy)}: ${problem}`);
}
