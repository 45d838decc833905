import type { IncomingMessage, ServerResponse } from 'node:http';
import { Deadline, type Clock } from '../../shared/clock.ts';
import { drainBody, hasBody } from './body.ts';
import type { Hold } from './byte-budget.ts';
import type { Reply } from './reply.ts';

/** The size of the pieces that answers are written in, in bytes. Smaller pieces make progress visible. */
const PIECE = 64 * 1024;
/** How long the client may take to read a piece, in ms. */
const STALL = 5_000;
/** How long the client may take to read the answer: this many ms, plus 1 ms per `MIN_SPEED` bytes. */
const ALLOWANCE = 10_000;
const MIN_SPEED = 64;

/** The most memory for answers that are not read yet, in bytes; for each of the two servers. */
export const UNREAD_ANSWERS = { total: 24 * 1024 * 1024, perPeer: 12 * 1024 * 1024 };

/** The memory of an answer without its body, that is of its headers and Node's objects, in bytes. */
export const ANSWER_OVERHEAD = 4096;

/** A request and the response to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the exchange is over. */
  readonly signal: AbortSignal;
}

/** Options of `send`. */
export interface SendOptions {
  /** The body of the reply, as bytes. */
  readonly body: Buffer;
  readonly clock: Clock;
  /** Whether to close the connection after this answer. */
  readonly last: boolean;
  /** Opens a hold for the body that the client still sends after the answer. */
  readonly holdBody: () => Hold;
}

/** Writes an answer. Resolves with false if the client reads it too slowly; the caller then closes the connection. */
export async function send(
  { request, response, signal }: Exchange,
  { status, headers, type }: Reply,
  { body, clock, last, holdBody }: SendOptions,
): Promise<boolean> {
  const hasUnreadBody = hasBody(request) && !request.readableEnded;
  response.writeHead(status, {
    ...headers,
    ...(type === undefined ? {} : { 'content-type': type }),
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    // The bytes after an unread body must not be taken for a request.
    ...(hasUnreadBody || last ? { connection: 'close' } : {}),
  });
  const end = clock.elapsed() + ALLOWANCE + body.length / MIN_SPEED;
  const timeLeft = (): number => Math.min(STALL, end - clock.elapsed());
  const content = request.method === 'HEAD' ? Buffer.alloc(0) : body;
  let offset = 0;
  for (; offset + PIECE < content.length; offset += PIECE) {
    if (response.write(content.subarray(offset, offset + PIECE))) continue;
    if (!(await waitFor('drain', response, { ms: timeLeft(), signal }))) return signal.aborted;
  }
  if (hasUnreadBody) {
    response.flushHeaders();
    if (offset < content.length) response.write(content.subarray(offset));
    // Node closes the connection when its last answer ends, even while data still arrives.
    drainBody(request, { hold: holdBody(), clock, onEnd: () => response.end() });
    return true;
  }
  response.end(content.subarray(offset));
  return (await waitFor('finish', response, { ms: timeLeft(), signal })) || signal.aborted;
}

/** Waits for an event of the response. Resolves with false after `ms`, or when the signal aborts. */
function waitFor(
  event: 'drain' | 'finish',
  response: ServerResponse,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = new Deadline(Math.max(ms, 0), signal);
    const finish = (occurred: boolean): void => {
      response.off(event, onEvent);
      deadline.clear();
      resolve(occurred);
    };
    const onEvent = (): void => finish(true);
    response.once(event, onEvent);
    if (deadline.signal.aborted) finish(false);
    else deadline.signal.addEventListener('abort', () => finish(false), { once: true });
  });
}
