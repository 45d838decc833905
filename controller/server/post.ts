import type { Clock } from '../../shared/clock.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import type { Log } from '../log/log.ts';
import { announcedLength, announcesTooLarge, readBody, type BodyFailure } from './body.ts';
import type { ByteBudget } from './byte-budget.ts';
import { clientOf, type Client } from './client.ts';
import type { ConcurrencyLimit, Slot } from './concurrency-limit.ts';
import type { BodyParser } from './parse-lanes.ts';
import type { PostedObject } from './posted.ts';
import { limitHeaders, type ClientLimit } from './rate-limit.ts';
import { answerLimit, answerTooLarge, empty, limitExceeded, line, noKey, type Reply } from './reply.ts';
import type { Endpoint, RequestContext } from './routes.ts';

/** The dependencies of the endpoints that take a SealedSecret. */
export interface PostDependencies {
  /** Returns the keys for a client's requests. Their private-key operations share the CPU fairly between clients. */
  readonly decrypterFor: (client: Client) => Decrypter;
  readonly limit: ClientLimit;
  /** The memory for bodies that are still arriving. */
  readonly arriving: ByteBudget;
  readonly concurrency: ConcurrencyLimit;
  readonly parser: BodyParser;
  /** Whether the controller handles SealedSecrets in the namespace. */
  readonly serves: (namespace: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** A posted SealedSecret, and the keys to open it with. */
export interface PostJob {
  readonly posted: PostedObject;
  readonly decrypter: Decrypter;
}

/** Computes the answer to a posted SealedSecret. */
export type PostJobHandler = (job: PostJob, context: RequestContext) => Promise<Reply>;

/**
 * Returns an endpoint that takes a SealedSecret. Checks the rate limit before it reads the body. A request takes its
 * concurrency slot when its body has arrived, and keeps it until the client has read the answer.
 */
export function postHandler(path: string, dependencies: PostDependencies, handler: PostJobHandler): Endpoint {
  const post = new PostEndpoint(dependencies, handler);
  return {
    method: 'POST',
    answer: async (context) => {
      const client = clientOf(context.request);
      const decision = dependencies.limit.take(client, path, announcedLength(context.request));
      const headers = decision && limitHeaders(decision);
      const allowed = decision?.allowed !== false;
      const reply = allowed ? await post.answer(client, context) : limitExceeded();
      // Nothing that the client wrote is logged, and no refusals: a line for each of them would fill the log.
      if (allowed) dependencies.log.info('request answered', { path, status: reply.status, ...client });
      return { ...reply, headers: { ...reply.headers, ...headers } };
    },
  };
}

class PostEndpoint {
  readonly #dependencies: PostDependencies;
  readonly #handler: PostJobHandler;

  constructor(dependencies: PostDependencies, handler: PostJobHandler) {
    this.#dependencies = dependencies;
    this.#handler = handler;
  }

  /** Reads the body, takes a slot for the request, and answers it. */
  async answer(client: Client, context: RequestContext): Promise<Reply> {
    const { arriving: budget, clock, concurrency, decrypterFor } = this.#dependencies;
    const { request, signal } = context;
    if (decrypterFor(client).fingerprints.length === 0) return noKey();
    if (announcesTooLarge(request)) return bodyFailed('too large');
    context.proceed();
    const body = await readBody(request, { client, budget, clock, signal });
    if (typeof body === 'string') return bodyFailed(body);
    signal.throwIfAborted();
    const evicted = new AbortController();
    let isAnswered = false;
    const slot = concurrency.acquire(client, body.length, () => {
      // The client does not read an answer that is ready already.
      if (isAnswered) request.socket.destroy();
      else evicted.abort();
    });
    if (slot === undefined) return tooMany();
    const release = (): void => {
      slot.release();
      evicted.abort();
    };
    signal.addEventListener('abort', release, { once: true });
    try {
      const reply = await this.#process({ body, client, slot }, { ...context, signal: evicted.signal });
      if (Buffer.byteLength(reply.body) > answerLimit(body.length)) return answerTooLarge();
      // From here on, the bytes count as an unread answer.
      slot.resize(0);
      return reply;
    } catch (error) {
      if (evicted.signal.aborted && !signal.aborted) return tooMany();
      throw error;
    } finally {
      isAnswered = true;
    }
  }

  async #process(
    { body, client, slot }: { body: Buffer; client: Client; slot: Slot },
    context: RequestContext,
  ): Promise<Reply> {
    const { decrypterFor, parser, serves } = this.#dependencies;
    const posted = await parser.parse(body, client, context.signal);
    if (posted === null) return line(400, 'the body must be one SealedSecret in JSON or YAML');
    if (posted === 'too large') return bodyFailed(posted);
    if (posted === 'no process') return line(503, 'cannot start a process to parse the body');
    // The body stays in memory until the request is answered.
    if (!slot.resize(body.length + posted.memory)) return tooMany();
    if (!serves(posted.sealed.metadata.namespace)) return empty(409);
    return this.#handler({ posted, decrypter: decrypterFor(client) }, context);
  }
}

function bodyFailed(failure: BodyFailure): Reply {
  switch (failure) {
    case 'too large':
      return line(413, 'the body is too large');
    case 'too slow':
    case 'too fragmented':
      return line(408, 'the body arrives too slowly');
    case 'evicted':
      return tooMany();
  }
}

function tooMany(): Reply {
  return { ...limitExceeded(), headers: { 'retry-after': '1' } };
}
