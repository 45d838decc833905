import type { IncomingMessage } from 'node:http';
import { Deadline, type Clock } from '../../shared/clock.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Client } from './client.ts';

/** The largest body, in bytes: etcd stores no object of more than 1.5 MiB. */
export const MAX_BODY = 2 * 1024 * 1024;

/** A body has 5 windows of 2 s, and has to bring 8 KiB in each that it does not end in. */
const WINDOW = 2_000;
const MAX_WINDOWS = 5;
const MIN_PER_WINDOW = 8 * 1024;

/** The most pieces a body may come in: 64, and one for each 64 bytes. Each costs as much as kilobytes in one piece. */
const MIN_PIECES = 64;
const PIECE = 64;

/** What bodies that are still arriving may hold, in bytes. */
export const ARRIVING = { total: 24 * 1024 * 1024, perPeer: 12 * 1024 * 1024 };

/** Why a body was not read to its end. `in crumbs`: in too many pieces; `crowded out`: the budget of arriving bodies is used up. */
export type Unread = 'too large' | 'too slow' | 'in crumbs' | 'crowded out';

export interface BodyOptions {
  readonly client: Client;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whether the request says that it has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Returns how many bytes the body is announced to have; infinity where it comes in chunks. */
export function announcedLength({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers['content-length'] ?? 0);
}

/** Whether the announced length exceeds the bound, so that nothing of the body need be read. */
export function saysTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY;
}

/** Returns the whole body, or why it was given up; what still arrives of it is not kept. Rejects when aborted. */
export function readBody(
  request: IncomingMessage,
  { client, budget, clock, signal }: BodyOptions,
): Promise<Buffer | Unread> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const body = new GrowingBuffer();
    const done = (): void => {
      request.off('data', take).off('end', end).pause();
      signal.removeEventListener('abort', abort);
      hold.release();
      over.abort();
    };
    const giveUp = (why: Unread): void => {
      done();
      resolve(why);
    };
    let pieces = 0;
    const take = (chunk: Buffer): void => {
      if (++pieces > MIN_PIECES + body.length / PIECE) {
        // Not even to drop them: the pieces cost more than their bytes.
        giveUp('in crumbs');
        request.socket.destroy();
      } else if (body.length + chunk.length > MAX_BODY) giveUp('too large');
      else hold.grow(body.append(chunk));
    };
    const end = (): void => {
      done();
      resolve(body.bytes);
    };
    const abort = (): void => {
      done();
      reject(new Error('the request was cut'));
    };
    const hold = budget.hold(client, () => giveUp('crowded out'));
    signal.addEventListener('abort', abort, { once: true });
    request.on('data', take).once('end', end);
    if (signal.aborted) abort();
    else void isSlow(() => body.length, clock, over.signal).then((slow) => slow && giveUp('too slow'));
  });
}

/** Resolves with true when the length grows too slowly, and with false when aborted. */
async function isSlow(length: () => number, clock: Clock, over: AbortSignal): Promise<boolean> {
  for (let window = 0; window < MAX_WINDOWS; window++) {
    const before = length();
    try {
      await clock.sleep(WINDOW, over);
    } catch {
      return false;
    }
    if (length() - before < MIN_PER_WINDOW) return true;
  }
  return true;
}

/** Bytes in one piece. A list of chunks would cost hundreds of bytes for each, and a client may send single bytes. */
class GrowingBuffer {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Returns by how many bytes the memory has grown. */
  append(chunk: Buffer): number {
    const before = this.#buffer.length;
    const length = this.#length + chunk.length;
    if (length > before) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(length, 2 * before, 4096), MAX_BODY));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
    return this.#buffer.length - before;
  }
}

/** How much of an unwanted body is read and dropped, in bytes, and for how long, in ms. */
const MAX_LINGER = 4 * 1024 * 1024;
const LINGER_TIME = 5_000;

/**
 * Reads and drops a little of what arrives after the answer: most clients read the answer only when they have sent
 * their body, and may lose it when they are cut off before. Beyond the bounds the connection is closed.
 */
export function linger(request: IncomingMessage, ended: () => void): void {
  const deadline = new Deadline(LINGER_TIME);
  deadline.signal.addEventListener('abort', () => request.socket.destroy());
  request.once('close', () => deadline.clear());
  let size = 0;
  let pieces = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_LINGER || ++pieces > MIN_PIECES + size / PIECE) request.socket.destroy();
  });
  request.once('end', ended).resume();
}
