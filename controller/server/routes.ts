import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { line, type Reply } from './reply.ts';

/** A request, and what belongs to it. */
export interface RequestContext {
  readonly request: IncomingMessage;
  /** Aborts when the answer has been taken, when the client is gone, or when its time is up. */
  readonly signal: AbortSignal;
  /** Tells a client that waits for it that its body is wanted (`Expect: 100-continue`). */
  readonly proceed: () => void;
}

export interface Endpoint {
  /** GET stands for HEAD too. */
  readonly method: 'GET' | 'POST';
  readonly answer: (context: RequestContext) => Reply | Promise<Reply>;
}

/** What is known at which path. */
export type Endpoints = ReadonlyMap<string, Endpoint>;

/** Hears of each answer of a known path; how long it took is in seconds. */
export type Observe = (path: string, method: string, code: number, seconds: number) => void;

/** Finds the endpoint of a request, and has it answer. */
export async function answer(
  endpoints: Endpoints,
  context: RequestContext,
  clock: Clock,
  observe: Observe = () => undefined,
): Promise<Reply> {
  const { method = '', url = '' } = context.request;
  const path = url.split('?')[0] ?? '';
  const endpoint = endpoints.get(path);
  if (endpoint === undefined) return line(404, 'not found');
  const started = clock.elapsed();
  const reply = await answerAt(endpoint, method, context);
  observe(path, method, reply.status, (clock.elapsed() - started) / 1000);
  return reply;
}

function answerAt(endpoint: Endpoint, method: string, context: RequestContext): Reply | Promise<Reply> {
  const methods = endpoint.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  if (methods.includes(method)) return endpoint.answer(context);
  return line(405, 'method not allowed', { allow: methods.join(', ') });
}
