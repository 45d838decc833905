import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Deadline } from '../../clock.ts';
import { networkCode } from './network-error.ts';
import { proxyLogin, type Proxy } from './proxy.ts';

/** One HTTP request. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
}

/** How to send a request. */
export interface SendOptions {
  /** An agent that `agentFor` made for the same proxy. */
  readonly agent: http.Agent;
  readonly proxy: Proxy | undefined;
  /** Its end aborts the request, and the response while its body arrives. */
  readonly deadline: Deadline;
  /** Called once the request has a connection, right before anything is sent. Throws to prevent that. */
  readonly beforeSending?: (() => void) | undefined;
}

/** The server closed a pooled connection just as it was reused. The server has not seen the request. */
export class StaleConnection extends Error {}

/**
 * Sends one request. Resolves with the response once its head has arrived. Rejects with `StaleConnection`, with Node's
 * error if the connection fails, and when the deadline ends.
 */
export function send(
  { method, url, headers, body }: OutgoingRequest,
  { agent, proxy, deadline, beforeSending }: SendOptions,
): Promise<IncomingMessage> {
  const relay = proxy && url.protocol === 'http:' && proxy.protocol !== 'socks5:' ? proxy : undefined;
  const secure = (relay ?? url).protocol === 'https:';
  const lines = Object.entries(headers).map(([name, value]): [string, string | string[]] => [
    name,
    typeof value === 'string' ? value : [...value],
  ]);
  const options = {
    ...(relay ? { host: relay.host, port: relay.port, path: absolute(url) } : urlOptions(url)),
    method,
    agent,
    headers: {
      ...Object.fromEntries(lines),
      ...(relay ? { host: url.host, ...proxyLogin(relay) } : {}),
    },
  };
  return new Promise((resolve, reject) => {
    const request = secure ? https.request(options, resolve) : http.request(options, resolve);
    deadline.onEnd(() => {
      const error = new Error('aborted');
      request.destroy(error);
      // A request that waits for a connection emits no error.
      reject(error);
    });
    request.on('error', (error) => {
      const stale = request.reusedSocket && networkCode(error) === 'ECONNRESET';
      reject(stale ? new StaleConnection('', { cause: error }) : error);
    });
    // As bytes: Node prepends the headers to a string body and then encodes them as UTF-8 instead of Latin-1.
    const end = (): void => void request.end(body === undefined ? undefined : Buffer.from(body));
    if (beforeSending === undefined) return end();
    request.once('socket', (socket) =>
      onceReady(socket, () => {
        try {
          beforeSending();
        } catch (error) {
          reject(asError(error));
          request.destroy();
          return;
        }
        if (!request.destroyed) end();
      }),
    );
  });
}

/** Calls back once bytes that are written to a socket of an agent are sent at once. */
function onceReady(socket: Socket, callback: () => void): void {
  // `secureConnecting` is how Node's own agents see that a TLS handshake has not ended.
  const isSecuring = Reflect.get(socket, 'secureConnecting') === true;
  if (isSecuring) socket.once('secureConnect', callback);
  else if (socket.connecting) socket.once('connect', callback);
  else callback();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('refused');
}

/** Returns the absolute-form that a proxy expects as the request target (RFC 9112, section 3.2.2). */
function absolute({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search}`;
}

function urlOptions({ hostname, port, pathname, search }: URL): http.RequestOptions {
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port }),
    path: pathname + search,
  };
}
