import { createHash } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Deadline } from '../clock.ts';
import { fail, SealedSecretsError } from '../errors.ts';
import type { Connection, Tls } from './connection.ts';
import { networkCode, networkReason } from './network-error.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path and query, from the root of the API server. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  /** How long the head of the answer may take, in milliseconds; a streamed body has no limit. */
  readonly timeout?: number;
  /** How large an answer may be, in bytes. */
  readonly maxBody?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
}

const DEFAULT_TIMEOUT = 30_000;
/** A LIST page of 500 objects near etcd's limit would be larger; no single object is. */
const MAX_BODY = 64 * 1024 * 1024;
const AGENT_OPTIONS = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 64, maxFreeSockets: 16 };

/**
 * HTTP to one API server over pooled connections. Throws `Unreachable` where no answer comes; an answer of any
 * status is returned.
 */
export class Transport {
  readonly connection: Connection;
  #agent: http.Agent | undefined;
  #agentFor = '';

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends a request and reads the whole answer. */
  async request(request: Request): Promise<Answer & { readonly body: Buffer }> {
    const deadline = new Deadline(request.timeout ?? DEFAULT_TIMEOUT, request.signal);
    try {
      const message = await this.#send(request, deadline.signal);
      return { ...head(message), body: await readBody(message, request) };
    } catch (error) {
      return this.#unreachable(error, request, deadline);
    } finally {
      deadline.clear();
    }
  }

  /** Sends a request and hands over the answer's body as it comes. The caller must read or destroy it. */
  async stream(request: Request): Promise<Answer & { readonly body: IncomingMessage }> {
    const deadline = new Deadline(request.timeout ?? DEFAULT_TIMEOUT, request.signal);
    try {
      const message = await this.#send(request, deadline.signal);
      deadline.lift();
      message.once('close', () => deadline.clear());
      return { ...head(message), body: message };
    } catch (error) {
      deadline.clear();
      return this.#unreachable(error, request, deadline);
    }
  }

  /** Closes idle and running connections. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #send(request: Request, signal: AbortSignal): Promise<IncomingMessage> {
    const { tls, headers } = await this.connection.access();
    const agent = this.#agentWith(tls);
    const send = (): Promise<IncomingMessage> =>
      sendOnce(new URL(this.connection.server + request.path), request, headers, agent, signal);
    try {
      return await send();
    } catch (error) {
      // The server may close a pooled connection just as it is used again; reading once more does no harm.
      if (request.method !== 'GET' || !(error instanceof StaleConnection)) throw error;
      return send();
    }
  }

  /** One pool for as long as the TLS material stays the same. */
  #agentWith(tls: Tls): http.Agent {
    const digest = createHash('sha256').update(JSON.stringify(tls)).digest('hex');
    if (this.#agent === undefined || digest !== this.#agentFor) {
      this.close();
      const secure = this.connection.server.startsWith('https:');
      this.#agent = secure ? new https.Agent({ ...AGENT_OPTIONS, ...tls }) : new http.Agent(AGENT_OPTIONS);
      this.#agentFor = digest;
    }
    return this.#agent;
  }

  #unreachable(error: unknown, request: Request, deadline: Deadline): never {
    if (error instanceof SealedSecretsError || request.signal?.aborted) throw error;
    const reason = deadline.expired ? 'timed out' : networkReason(error);
    return fail({ code: 'Unreachable', server: this.connection.server, reason });
  }
}

class StaleConnection extends Error {}

function sendOnce(
  url: URL,
  request: Request,
  headers: Readonly<Record<string, string>>,
  agent: http.Agent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const client = url.protocol === 'http:' ? http : https;
    const sent = client.request(
      url,
      {
        method: request.method,
        agent,
        signal,
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': 'sealed-secrets',
          ...(request.body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(request.body) }),
          ...headers,
        },
      },
      resolve,
    );
    sent.on('error', (error) => {
      if (sent.reusedSocket && networkCode(error) === 'ECONNRESET')
        reject(new StaleConnection('', { cause: error }));
      else reject(error);
    });
    sent.end(request.body);
  });
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
