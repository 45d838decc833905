import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';
import { fail, SealedSecretsError } from '../../errors.ts';
import { poolsFor, type Pools } from './agent.ts';
import type { Access, Connection, Tls } from './connection.ts';
import { isUntrusted, NetworkError, networkReason } from './network-error.ts';
import { send, StaleConnection } from './send.ts';
import { showProxy } from './proxy.ts';
import { statusWords } from './tunnel.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, from the root of the API server. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  /** Of the body; JSON where it is not said. */
  readonly contentType?: string;
  /** How long the head of the answer may take, in milliseconds; a streamed body has no limit. */
  readonly timeout?: number;
  /** How large an answer may be, in bytes. */
  readonly maxBody?: number;
  /** Whether the answer is a watch, which lasts minutes and takes no connection away from other requests. */
  readonly watch?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

const DEFAULT_TIMEOUT = 30_000;
/** Lists and watches are streamed. No single object is larger: etcd keeps 1.5 MiB of it, and JSON makes 6 times that. */
const MAX_BODY = 16 * 1024 * 1024;

/** The connection failed because the server's certificate is not trusted. */
class UntrustedServer extends SealedSecretsError {}

/**
 * HTTP to one API server over pooled connections. Throws `Unreachable` where no answer comes; an answer of any
 * status is returned.
 */
export class Transport {
  readonly connection: Connection;
  #pools: Pools | undefined;
  #poolsFor = '';
  #tls: Tls | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends a request and reads the whole answer. */
  async request(request: Request): Promise<Answer & { readonly body: Buffer }> {
    return this.#authenticated(async (access) => {
      const deadline = this.#deadline(request);
      try {
        const message = await this.#send(request, access, deadline.signal);
        return { ...head(message), body: await readBody(message, request) };
      } catch (error) {
        return this.#unreachable(error, request, deadline);
      } finally {
        deadline.clear();
      }
    });
  }

  /** Sends a request and hands over the answer's body as it comes. The caller must read or destroy it. */
  async stream(request: Request): Promise<Answer & { readonly body: IncomingMessage }> {
    return this.#authenticated(async (access) => {
      const deadline = this.#deadline(request);
      try {
        const message = await this.#send(request, access, deadline.signal);
        deadline.lift();
        message.once('close', () => deadline.clear());
        return { ...head(message), body: message };
      } catch (error) {
        deadline.clear();
        return this.#unreachable(error, request, deadline);
      }
    });
  }

  /** Closes idle and running connections. */
  close(): void {
    this.#pools?.requests.destroy();
    this.#pools?.watches.destroy();
    this.#pools = undefined;
  }

  /**
   * Asks once more with new credentials where the old ones are refused, and with new CA certificates where the server's
   * certificate is not trusted. A login has no part in the time limit.
   */
  async #authenticated<T extends Answer & { readonly body: Buffer | IncomingMessage }>(
    ask: (access: Access) => Promise<T>,
  ): Promise<T> {
    const { access, answer } = await this.#trusting(ask);
    if (answer.status !== 401 || this.connection.renew === undefined) return answer;
    await this.connection.renew(access);
    const renewed = await this.connection.access();
    if (renewed === access) return answer;
    if (!Buffer.isBuffer(answer.body)) answer.body.destroy();
    return ask(renewed);
  }

  /** Nothing of a request is sent before the server is trusted, so that any request may be asked once more. */
  async #trusting<T>(ask: (access: Access) => Promise<T>): Promise<{ access: Access; answer: T }> {
    const access = await this.connection.access();
    try {
      return { access, answer: await ask(access) };
    } catch (error) {
      if (!(error instanceof UntrustedServer) || this.connection.renewTrust === undefined) throw error;
      await this.connection.renewTrust(access);
      const renewed = await this.connection.access();
      if (renewed === access) throw error;
      return { access: renewed, answer: await ask(renewed) };
    }
  }

  #deadline(request: Request): Deadline {
    const limit = this.connection.timeout ?? request.timeout ?? DEFAULT_TIMEOUT;
    return new Deadline(limit, request.signal);
  }

  async #send(request: Request, { tls, headers }: Access, signal: AbortSignal): Promise<IncomingMessage> {
    const { server, proxy } = this.connection;
    const pools = this.#poolsWith(tls);
    const agent = request.watch ? pools.watches : pools.requests;
    const outgoing = {
      method: request.method,
      url: new URL(server + request.path),
      headers: { ...usualHeaders(request), ...headers },
      body: request.body,
    };
    const answer = await send(outgoing, agent, proxy, signal).catch((error: unknown) => {
      // Reading once more does no harm.
      if (request.method !== 'GET' || !(error instanceof StaleConnection)) throw error;
      return send(outgoing, agent, proxy, signal);
    });
    if (answer.statusCode === 407 && proxy) {
      answer.destroy();
      throw new NetworkError(`the proxy ${showProxy(proxy)}: ${statusWords(407)}`);
    }
    return answer;
  }

  /** Returns the same pools for as long as the TLS material stays the same. */
  #poolsWith(tls: Tls): Pools {
    if (this.#pools && tls === this.#tls) return this.#pools;
    const digest = createHash('sha256').update(JSON.stringify(tls)).digest('hex');
    if (this.#pools === undefined || digest !== this.#poolsFor) {
      this.close();
      const { server, proxy, roots } = this.connection;
      this.#pools = poolsFor({ secure: server.startsWith('https:'), tls, proxy, roots });
      this.#poolsFor = digest;
    }
    this.#tls = tls;
    return this.#pools;
  }

  #unreachable(error: unknown, request: Request, deadline: Deadline): never {
    if (error instanceof SealedSecretsError || request.signal?.aborted) throw error;
    const reason = deadline.expired ? 'timed out' : networkReason(error);
    const failure = { code: 'Unreachable', server: this.connection.server, reason } as const;
    throw isUntrusted(error) ? new UntrustedServer(failure) : new SealedSecretsError(failure);
  }
}

function usualHeaders({ accept, body, contentType }: Request): Record<string, string> {
  return {
    accept: accept ?? 'application/json',
    'user-agent': 'sealed-secrets',
    ...(body === undefined
      ? {}
      : {
          'content-type': contentType ?? 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        }),
  };
}

function head(message: IncomingMessage): Answer {
  return { status: message.statusCode ?? 0, headers: message.headers };
}

async function readBody(message: IncomingMessage, request: Request): Promise<Buffer> {
  const limit = request.maxBody ?? MAX_BODY;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      message.destroy();
      const at = `the answer to ${request.path.split('?')[0] ?? ''}`;
      fail({ code: 'TooLarge', at, limit: `${limit / 2 ** 20} MiB` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
