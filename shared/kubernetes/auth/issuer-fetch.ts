import type { IncomingMessage } from 'node:http';
import type { CustomFetch } from 'openid-client';
import type { Deadline } from '../../clock.ts';
import { agentFor } from '../http/agent.ts';
import type { Tls } from '../http/connection.ts';
import { NetworkError, networkReason } from '../http/network-error.ts';
import { environmentProxy, showProxy } from '../http/proxy.ts';
import { bytesUpTo } from '../http/response-body.ts';
import { send } from '../http/send.ts';
import { systemRoots } from '../http/system-roots.ts';
import { describeStatus } from '../http/tunnel.ts';

/** The largest accepted body, in bytes. A discovery document and tokens have some KiB. */
const MAX_BODY = 1024 * 1024;

/** How to reach an issuer. */
export interface IssuerFetchOptions {
  readonly tls: Tls;
  readonly environment: NodeJS.ProcessEnv;
  /** The time limit of all requests together. */
  readonly deadline: Deadline;
}

/**
 * Returns the function that openid-client sends its requests with. Unlike the global `fetch`, it trusts the configured
 * CA, connects through the proxies that the environment names, and bounds the size of a body. It follows no redirect.
 * The function throws `NetworkError`.
 */
export function issuerFetch({ tls, environment, deadline }: IssuerFetchOptions): CustomFetch {
  const roots = systemRoots(environment);
  return async (address, { method, headers, body }) => {
    const url = new URL(address);
    try {
      const proxy = environmentProxy(url, environment);
      const agent = agentFor({ secure: url.protocol === 'https:', tls, proxy, roots });
      try {
        const text = body instanceof URLSearchParams ? body.toString() : undefined;
        const lengths = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
        const response = await send(
          { method, url, headers: { ...headers, ...lengths }, body: text },
          { agent, proxy, deadline },
        );
        if (response.statusCode === 407 && proxy) {
          throw new NetworkError(`the proxy ${showProxy(proxy)}: ${describeStatus(407)}`);
        }
        return new Response(await bodyOf(response), {
          status: response.statusCode ?? 500,
          headers: { 'content-type': response.headers['content-type'] ?? '' },
        });
      } finally {
        agent.destroy();
      }
    } catch (error) {
      const reason = deadline.expired ? 'timed out' : networkReason(error);
      throw new NetworkError(`${url.host}: ${reason}`, { cause: error });
    }
  };
}

/** Reads a body. Returns null for a status that has none. */
async function bodyOf(response: IncomingMessage): Promise<Buffer | null> {
  const bytes = await bytesUpTo(MAX_BODY, response);
  if (bytes === undefined) throw new NetworkError('its answer is larger than 1 MiB');
  return [204, 205, 304].includes(response.statusCode ?? 0) ? null : bytes;
}
