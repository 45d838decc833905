import type { IncomingMessage, ServerResponse } from 'node:http';
import { Deadline, type Clock } from '../../shared/clock.ts';
import { hasBody, linger } from './body.ts';
import type { Reply } from './reply.ts';

/** Answers are written in pieces of this size, so that progress can be seen. In bytes. */
const PIECE = 64 * 1024;
/** How long a piece may take to be read, in ms. */
const STALL = 5_000;
/** How long an answer may take to be read, in ms, and how many more bytes each further ms has to bring. */
const ALLOWANCE = 10_000;
const MIN_SPEED = 64;

/** What the answers that are not yet read may hold, in bytes; for each of the two servers. */
export const UNREAD = { total: 24 * 1024 * 1024, perPeer: 12 * 1024 * 1024 };

/** What an answer without a body holds: its headers, and the objects of Node. In bytes. */
export const OVERHEAD = 4096;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the exchange is over. */
  readonly signal: AbortSignal;
}

/** Writes an answer. Resolves with false when the client reads it too slowly; the connection is to be closed then. */
export async function send(
  { request, response, signal }: Exchange,
  { status, headers, type }: Reply,
  body: Buffer,
  { clock, last }: { clock: Clock; last: boolean },
): Promise<boolean> {
  const unread = hasBody(request) && !request.readableEnded;
  response.writeHead(status, {
    ...headers,
    ...(type === undefined ? {} : { 'content-type': type }),
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    // What follows a body that is not read is no request.
    ...(unread || last ? { connection: 'close' } : {}),
  });
  const end = clock.elapsed() + ALLOWANCE + body.length / MIN_SPEED;
  const left = (): number => Math.min(STALL, end - clock.elapsed());
  const rest = request.method === 'HEAD' ? Buffer.alloc(0) : body;
  let at = 0;
  for (; at + PIECE < rest.length; at += PIECE) {
    if (response.write(rest.subarray(at, at + PIECE))) continue;
    if (!(await comes(response, 'drain', left(), signal))) return signal.aborted;
  }
  if (unread) {
    response.flushHeaders();
    if (at < rest.length) response.write(rest.subarray(at));
    // Node closes a connection with the end of its last answer, whatever still arrives.
    linger(request, () => response.end());
    return true;
  }
  response.end(rest.subarray(at));
  return (await comes(response, 'finish', left(), signal)) || signal.aborted;
}

/** Waits for an event of the response. Resolves with false when its time is up or the exchange is over. */
function comes(
  response: ServerResponse,
  event: 'drain' | 'finish',
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = new Deadline(Math.max(ms, 0), signal);
    const finish = (came: boolean): void => {
      response.off(event, onEvent);
      deadline.clear();
      resolve(came);
    };
    const onEvent = (): void => finish(true);
    response.once(event, onEvent);
    if (deadline.signal.aborted) finish(false);
    else deadline.signal.addEventListener('abort', () => finish(false), { once: true });
  });
}
