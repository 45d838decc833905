import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { networkCode } from './network-error.ts';
import { proxyLogin, type Proxy } from './proxy.ts';

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
}

/** The server closed a pooled connection just as it was used again: it has not seen the request. */
export class StaleConnection extends Error {}

/** Sends one request over an agent that `agentFor` has made for the same proxy, and gives the head of the answer. */
export function send(
  { method, url, headers, body }: Outgoing,
  agent: http.Agent,
  proxy: Proxy | undefined,
  signal: AbortSignal,
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
    signal,
    headers: {
      ...Object.fromEntries(lines),
      ...(relay ? { host: url.host, ...proxyLogin(relay) } : {}),
    },
  };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Node tells a request of it only once there is a connection, for which it may be waiting.
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    const sent = secure ? https.request(options, resolve) : http.request(options, resolve);
    sent.on('error', (error) => {
      const stale = sent.reusedSocket && networkCode(error) === 'ECONNRESET';
      reject(stale ? new StaleConnection('', { cause: error }) : error);
    });
    // As bytes: to a text Node joins the headers, and writes these in UTF-8 instead of Latin-1 then.
    sent.end(body === undefined ? undefined : Buffer.from(body));
  });
}

/** What a proxy is asked for (RFC 9112, section 3.2.2). */
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
