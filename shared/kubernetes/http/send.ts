import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
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
}

/** The server closed a pooled connection just as it was reused. The server has not seen the request. */
export class StaleConnection extends Error {}

/**
 * Sends one request. Resolves with the response once its head has arrived. Rejects with `StaleConnection`, with Node's
 * error if the connection fails, and when the deadline ends.
 */
export function send(
  { method, url, headers, body }: OutgoingRequest,
  { agent, proxy, deadline }: SendOptions,
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
    request.end(body === undefined ? undefined : Buffer.from(body));
  });
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
