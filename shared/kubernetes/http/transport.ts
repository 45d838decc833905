import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';
import { SealedSecretsError } from '../../errors.ts';
import { fail } from '../../file-errors.ts';
import { kubernetesFailure } from '../errors.ts';
import { poolsFor, type Pools } from './agent.ts';
import type { Access, Connection, Tls } from './connection.ts';
import { isUntrusted, NetworkError, networkReason } from './network-error.ts';
import { wholeBody } from './response-body.ts';
import { send, StaleConnection } from './send.ts';
import { showProxy } from './proxy.ts';
import { describeStatus } from './tunnel.ts';
import { NotLeader, type WriteGuard } from './write-guard.ts';

/** One request to the API server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, from the root of the API server. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  /** The type of `body`. Defaults to JSON. */
  readonly contentType?: string;
  /** The time limit of the response, in ms; of its head only if the body is streamed. Defaults to 30 s. */
  readonly timeout?: number;
  /** The largest accepted body of `request`, in bytes. Defaults to 16 MiB. */
  readonly maxBody?: number;
  /** Whether this is a watch. A watch lasts minutes and uses a pool of its own. */
  readonly watch?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The head of a response, of any status. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

const DEFAULT_TIMEOUT = 30_000;
/** Lists and watches are streamed. A single object fits: etcd stores up to 1.5 MiB, and JSON escapes at most sixfold. */
const MAX_BODY = 16 * 1024 * 1024;

/** The connection failed because the server's certificate is not trusted. */
class UntrustedServer extends SealedSecretsError {}

/**
 * Sends HTTP requests to one API server over pooled connections. Returns responses of any status; throws `Unreachable`
 * if no response arrives.
 */
export class Transport {
  readonly connection: Connection;
  #pools: Pools | undefined;
  /** The digest of the TLS options that the pools were made for. */
  #tlsDigest = '';
  #tls: Tls | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends a request and reads the whole response. Throws `Unreachable`, and `TooLarge` beyond `maxBody`. */
  async request(request: Request): Promise<ResponseHead & { readonly body: Buffer }> {
    return this.#authenticated(async (access) => {
      const deadline = this.#deadline(request);
      try {
        const message = await this.#send(request, access, deadline);
        return { ...head(message), body: await readBody(message, request) };
      } catch (error) {
        return this.#unreachable(error, request, deadline);
      } finally {
        deadline.clear();
      }
    });
  }

  /** Sends a request and returns the response's body as a stream, which the caller must read or destroy. */
  async stream(request: Request): Promise<ResponseHead & { readonly body: IncomingMessage }> {
    return this.#authenticated(async (access) => {
      const deadline = this.#deadline(request);
      try {
        const message = await this.#send(request, access, deadline);
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
   * Retries once with new credentials if the server refuses the old ones, and once with new CA certificates if it is not
   * trusted. The time that a login takes does not count towards the request's limit.
   */
  async #authenticated<T extends ResponseHead & { readonly body: Buffer | IncomingMessage }>(
    attempt: (access: Access) => Promise<T>,
  ): Promise<T> {
    const { access, response } = await this.#trusting(attempt);
    if (response.status !== 401 || this.connection.renew === undefined) return response;
    await this.connection.renew(access);
    const renewed = await this.connection.access();
    if (renewed === access) return response;
    if (!Buffer.isBuffer(response.body)) response.body.destroy();
    return attempt(renewed);
  }

  /** Retries a request of any method: none of it is sent before the server is trusted. */
  async #trusting<T>(attempt: (access: Access) => Promise<T>): Promise<{ access: Access; response: T }> {
    const access = await this.connection.access();
    try {
      return { access, response: await attempt(access) };
    } catch (error) {
      if (!(error instanceof UntrustedServer) || this.connection.renewTrust === undefined) throw error;
      await this.connection.renewTrust(access);
      const renewed = await this.connection.access();
      if (renewed === access) throw error;
      return { access: renewed, response: await attempt(renewed) };
    }
  }

  #deadline(request: Request): Deadline {
    const limit = this.connection.timeout ?? request.timeout ?? DEFAULT_TIMEOUT;
    const remaining = this.#guardOf(request)?.remaining() ?? limit;
    return new Deadline(Math.max(0, Math.min(limit, remaining)), request.signal);
  }

  #guardOf({ method }: Request): WriteGuard | undefined {
    return method === 'GET' ? undefined : this.connection.writeGuard;
  }

  async #send(request: Request, { tls, headers }: Access, deadline: Deadline): Promise<IncomingMessage> {
    const { server, proxy } = this.connection;
    const pools = this.#poolsWith(tls);
    const agent = request.watch ? pools.watches : pools.requests;
    const outgoing = {
      method: request.method,
      url: new URL(server + request.path),
      headers: { ...defaultHeaders(request), ...headers },
      body: request.body,
    };
    const guard = this.#guardOf(request);
    // The write may have waited since it was made: for the rate limit, credentials, a connection, a stopped process.
    const beforeSending = guard && (() => checkGuard(guard));
    const response = await send(outgoing, { agent, proxy, deadline, beforeSending }).catch(
      (error: unknown) => {
        // A GET is safe to repeat.
        if (request.method !== 'GET' || !(error instanceof StaleConnection)) throw error;
        return send(outgoing, { agent, proxy, deadline });
      },
    );
    if (response.statusCode === 407 && proxy) {
      response.destroy();
      throw new NetworkError(`the proxy ${showProxy(proxy)}: ${describeStatus(407)}`);
    }
    return response;
  }

  /** Returns the same pools as long as the TLS options stay the same. */
  #poolsWith(tls: Tls): Pools {
    if (this.#pools && tls === this.#tls) return this.#pools;
    const digest = createHash('sha256').update(JSON.stringify(tls)).digest('hex');
    if (this.#pools === undefined || digest !== this.#tlsDigest) {
      this.close();
      const { server, proxy, roots } = this.connection;
      this.#pools = poolsFor({ secure: server.startsWith('https:'), tls, proxy, roots });
      this.#tlsDigest = digest;
    }
    this.#tls = tls;
    return this.#pools;
  }

  #unreachable(error: unknown, request: Request, deadline: Deadline): never {
    if (error instanceof SealedSecretsError || request.signal?.aborted) throw error;
    if (deadline.expired) checkGuard(this.#guardOf(request));
    const reason = deadline.expired ? 'timed out' : networkReason(error);
    const failure = kubernetesFailure({ code: 'Unreachable', server: this.connection.server, reason });
    throw isUntrusted(error) ? new UntrustedServer(failure) : new SealedSecretsError(failure);
  }
}

/** Throws `NotLeader` if the guard does not let the process write any more. */
function checkGuard(guard: WriteGuard | undefined): void {
  if (guard && guard.remaining() <= 0) throw new NotLeader();
}

function defaultHeaders({ accept, body, contentType }: Request): Record<string, string> {
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

function head(message: IncomingMessage): ResponseHead {
  return { status: message.statusCode ?? 0, headers: message.headers };
}

async function readBody(message: IncomingMessage, request: Request): Promise<Buffer> {
  const limit = request.maxBody ?? MAX_BODY;
  const bytes = await wholeBody(message, limit);
  if (bytes !== undefined) return bytes;
  const at = `the answer to ${request.path.split('?')[0] ?? ''}`;
  return fail({ code: 'TooLarge', at, limit: `${limit / 2 ** 20} MiB` });
}
