import type { Clock } from '../../shared/clock.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import type { Log } from '../log/log.ts';
import { announcedLength, readBody, saysTooLarge, type Unread } from './body.ts';
import type { ByteBudget } from './byte-budget.ts';
import { clientOf, type Client } from './client.ts';
import type { ConcurrencyLimit, Place } from './concurrency-limit.ts';
import type { BodyParser } from './parse-lanes.ts';
import type { Posted } from './posted.ts';
import { limitHeaders, type ClientLimit } from './rate-limit.ts';
import { answerLimit, answerTooLarge, empty, line, type Reply } from './reply.ts';
import type { Endpoint, RequestContext } from './routes.ts';

/** What the endpoints need that a SealedSecret is posted to. */
export interface PostDependencies {
  /** The keys; their private operations share the CPU fairly between clients. */
  readonly decrypterFor: (client: Client) => Decrypter;
  readonly limit: ClientLimit;
  /** The bodies that are still arriving. */
  readonly arriving: ByteBudget;
  readonly concurrency: ConcurrencyLimit;
  readonly parser: BodyParser;
  /** Whether the controller takes care of SealedSecrets of the namespace. */
  readonly serves: (namespace: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** A posted SealedSecret, and what it takes to work on it. */
export interface Job {
  readonly posted: Posted;
  readonly decrypter: Decrypter;
}

type Work = (job: Job, context: RequestContext) => Promise<Reply>;

/**
 * Returns an endpoint that a SealedSecret is posted to. Checks the rate before the body is read. A request takes its
 * place when its body has arrived, and keeps it until its answer has been read.
 */
export function postHandler(path: string, dependencies: PostDependencies, work: Work): Endpoint {
  return {
    method: 'POST',
    answer: async (context) => {
      const client = clientOf(context.request);
      const verdict = dependencies.limit.ask(client, path, announcedLength(context.request));
      const headers = verdict && limitHeaders(verdict);
      const allowed = verdict?.allowed !== false;
      const reply = allowed ? await answered(dependencies, client, context, work) : limitExceeded();
      // Nothing that the client wrote is logged; a line for each refusal would fill the log.
      if (allowed) dependencies.log.info('request answered', { path, status: reply.status, ...client });
      return { ...reply, headers: { ...reply.headers, ...headers } };
    },
  };
}

async function answered(
  dependencies: PostDependencies,
  client: Client,
  context: RequestContext,
  work: Work,
): Promise<Reply> {
  const { arriving: budget, clock, concurrency, decrypterFor } = dependencies;
  const { request, signal } = context;
  if (decrypterFor(client).fingerprints.length === 0) return noKey();
  if (saysTooLarge(request)) return unread('too large');
  context.proceed();
  const body = await readBody(request, { client, budget, clock, signal });
  if (typeof body === 'string') return unread(body);
  signal.throwIfAborted();
  const cut = new AbortController();
  let made = false;
  const place = concurrency.take(client, body.length, () => {
    // An answer that is made already is not being read.
    if (made) request.socket.destroy();
    else cut.abort();
  });
  if (place === undefined) return tooMany();
  const leave = (): void => {
    place.leave();
    cut.abort();
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    const reply = await placed(
      dependencies,
      { body, client, place },
      { ...context, signal: cut.signal },
      work,
    );
    if (Buffer.byteLength(reply.body) > answerLimit(body.length)) return answerTooLarge();
    // The answer counts as unread from here on.
    place.resize(0);
    return reply;
  } catch (error) {
    if (cut.signal.aborted && !signal.aborted) return tooMany();
    throw error;
  } finally {
    made = true;
  }
}

async function placed(
  { decrypterFor, parser, serves }: PostDependencies,
  { body, client, place }: { body: Buffer; client: Client; place: Place },
  context: RequestContext,
  work: Work,
): Promise<Reply> {
  const posted = await parser.parse(body, client, context.signal);
  if (posted === null) return line(400, 'the body is not one SealedSecret, in JSON or YAML');
  if (posted === 'too large') return unread(posted);
  if (posted === 'no process') return line(503, 'no process can be started that parses the body');
  // The body is in memory until its request is answered.
  if (!place.resize(body.length + posted.memory)) return tooMany();
  if (!serves(posted.sealed.metadata.namespace)) return empty(409);
  return work({ posted, decrypter: decrypterFor(client) }, context);
}

export function noKey(): Reply {
  return line(503, 'there is no sealing key yet');
}

function unread(why: Unread): Reply {
  switch (why) {
    case 'too large':
      return line(413, 'the body is too large');
    case 'too slow':
    case 'in crumbs':
      return line(408, 'the body arrives too slowly');
    case 'crowded out':
      return tooMany();
  }
}

function tooMany(): Reply {
  return { ...limitExceeded(), headers: { 'retry-after': '1' } };
}

function limitExceeded(): Reply {
  return line(429, 'limit exceeded');
}
