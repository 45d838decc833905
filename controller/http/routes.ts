import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { line, type Reply } from './reply.ts';

/** A request, and what goes with it. */
export interface Asked {
  readonly request: IncomingMessage;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Tells a client that waits for it that its body is wanted (`Expect: 100-continue`). */
  readonly proceed: () => void;
}

export interface Endpoint {
  /** GET stands for HEAD too. */
  readonly method: 'GET' | 'POST';
  readonly answer: (asked: Asked) => Reply | Promise<Reply>;
}

/** What is known at which path. */
export type Endpoints = ReadonlyMap<string, Endpoint>;

/** Hears of each answer of a known path; how long it took is in seconds. */
export type Observe = (path: string, method: string, code: number, seconds: number) => void;

/** Finds the endpoint of a request, and has it answer. */
export async function answer(
  endpoints: Endpoints,
  asked: Asked,
  clock: Clock,
  observe: Observe = () => undefined,
): Promise<Reply> {
  const { method = '', url = '' } = asked.request;
  const path = url.split('?')[0] ?? '';
  const endpoint = endpoints.get(path);
  if (endpoint === undefined) return line(404, 'not found');
  const started = clock.elapsed();
  const reply = await answerAt(endpoint, method, asked);
  observe(path, method, reply.status, (clock.elapsed() - started) / 1000);
  return reply;
}

function answerAt(endpoint: Endpoint, method: string, asked: Asked): Reply | Promise<Reply> {
  const methods = endpoint.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  if (methods.includes(method)) return endpoint.answer(asked);
  return line(405, 'method not allowed', { allow: methods.join(', ') });
}
