import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { line, type Reply } from './reply.ts';

/** A request, and how to follow and continue it. */
export interface RequestContext {
  readonly request: IncomingMessage;
  /** Aborts when the client has read the answer, disconnects, or runs out of time. */
  readonly signal: AbortSignal;
  /** Asks the client to send its body, if it waits for that (`Expect: 100-continue`). */
  readonly proceed: () => void;
}

/** Answers the requests of one path. */
export interface Endpoint {
  /** `GET` includes HEAD. */
  readonly method: 'GET' | 'POST';
  readonly answer: (context: RequestContext) => Reply | Promise<Reply>;
}

/** The endpoints by path. */
export type Endpoints = ReadonlyMap<string, Endpoint>;

/** An answer on a known path. */
export interface AnsweredRequest {
  /** The path without the query. */
  readonly path: string;
  readonly method: string;
  /** The status code. */
  readonly code: number;
  /** How long the answer took, in seconds. */
  readonly seconds: number;
}

/** Called after each answer on a known path. */
export type RequestObserver = (answered: AnsweredRequest) => void;

/** Options of `route`. */
export interface RouteOptions {
  readonly clock: Clock;
  readonly observe?: RequestObserver | undefined;
}

/** Answers a request at its endpoint: 404 for an unknown path, 405 for a method that the endpoint does not have. */
export async function route(
  endpoints: Endpoints,
  context: RequestContext,
  { clock, observe }: RouteOptions,
): Promise<Reply> {
  const { method = '', url = '' } = context.request;
  const path = url.split('?')[0] ?? '';
  const endpoint = endpoints.get(path);
  if (endpoint === undefined) return line(404, 'not found');
  const started = clock.elapsed();
  const reply = await answerAt(endpoint, method, context);
  observe?.({ path, method, code: reply.status, seconds: (clock.elapsed() - started) / 1000 });
  return reply;
}

function answerAt(endpoint: Endpoint, method: string, context: RequestContext): Reply | Promise<Reply> {
  const methods = endpoint.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  if (methods.includes(method)) return endpoint.answer(context);
  return line(405, 'method not allowed', { allow: methods.join(', ') });
}
