import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { ByteBudget, Hold } from './byte-budget.ts';
import type { Client } from './client.ts';

/** The largest body, in bytes: etcd stores no object of more than 1.5 MiB. */
export const MAX_BODY = 2 * 1024 * 1024;

/** A body may take 5 windows of 2 s. At least 8 KiB must arrive in each window that it does not end in. In ms and bytes. */
const WINDOW = 2_000;
const MAX_WINDOWS = 5;
const MIN_PER_WINDOW = 8 * 1024;

/** The most chunks of a body: 64, plus one per 64 bytes. Handling a tiny chunk costs as much as kilobytes in one piece. */
const MIN_CHUNKS = 64;
const BYTES_PER_CHUNK = 64;

/** The most memory for bodies that are still arriving, in bytes. */
export const ARRIVING_BODIES = { total: 24 * 1024 * 1024, perPeer: 12 * 1024 * 1024 };

/**
 * Why a body was not read to its end. `too fragmented`: it came in too many chunks; `evicted`: the budget for arriving
 * bodies was used up.
 */
export type BodyFailure = 'too large' | 'too slow' | 'too fragmented' | 'evicted';

/** Options of `readBody`. */
export interface ReadBodyOptions {
  readonly client: Client;
  /** The memory for arriving bodies, which `client` shares with others. */
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whether the headers announce a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Returns the announced length of the body in bytes; infinity for a chunked body. */
export function announcedLength({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers['content-length'] ?? 0);
}

/** Whether the announced length exceeds `MAX_BODY`, so that the body need not be read at all. */
export function announcesTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY;
}

/** Reads the whole body, or returns why it gave up; the rest of the body is not kept then. Rejects when aborted. */
export function readBody(
  request: IncomingMessage,
  { client, budget, clock, signal }: ReadBodyOptions,
): Promise<Buffer | BodyFailure> {
  return new Promise((resolve, reject) => {
    const finished = new AbortController();
    const body = new GrowingBuffer();
    const done = (): void => {
      request.off('data', onData).off('end', onEnd).pause();
      signal.removeEventListener('abort', onAbort);
      hold.release();
      finished.abort();
    };
    const giveUp = (failure: BodyFailure): void => {
      done();
      resolve(failure);
    };
    let chunks = 0;
    const onData = (chunk: Buffer): void => {
      if (++chunks > MIN_CHUNKS + body.length / BYTES_PER_CHUNK) {
        // Even reading and dropping such chunks costs too much, so close the connection.
        giveUp('too fragmented');
        request.socket.destroy();
      } else if (body.length + chunk.length > MAX_BODY) giveUp('too large');
      else hold.grow(body.append(chunk));
    };
    const onEnd = (): void => {
      done();
      resolve(body.bytes);
    };
    const onAbort = (): void => {
      done();
      reject(new Error('the request was aborted'));
    };
    const hold = budget.hold(client, () => giveUp('evicted'));
    signal.addEventListener('abort', onAbort, { once: true });
    request.on('data', onData).once('end', onEnd);
    if (signal.aborted) onAbort();
    else void isSlow(() => body.length, clock, finished.signal).then((slow) => slow && giveUp('too slow'));
  });
}

/** Resolves with true when the length grows too slowly or for too long, and with false when aborted. */
async function isSlow(length: () => number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  for (let window = 0; window < MAX_WINDOWS; window++) {
    const before = length();
    try {
      await clock.sleep(WINDOW, signal);
    } catch {
      return false;
    }
    if (length() - before < MIN_PER_WINDOW) return true;
  }
  return true;
}

/** Collects bytes in one buffer. A list of chunks would cost hundreds of bytes per chunk, and a client may send single bytes. */
class GrowingBuffer {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Appends a chunk, and returns how many bytes of memory that added. */
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

/** How much of an unwanted body to read and drop, in bytes, and how long to keep its connection, in ms. */
const MAX_DRAINED = 4 * 1024 * 1024;
const DRAIN_TIME = 5_000;

/** The most kernel memory for unwanted bodies of more than `MAX_DRAINED`, in bytes; for each of the two servers. */
export const STALLED_BODIES = { total: 48 * 1024 * 1024, perPeer: 24 * 1024 * 1024 };

/** The kernel's usual limit of a receive buffer, in bytes: the default of `net.ipv4.tcp_rmem`. */
const RECEIVE_BUFFER = 6 * 1024 * 1024;

/** Options of `drainBody`. */
export interface DrainBodyOptions {
  /** Counts the rest of the body in the kernel's buffers. Its eviction closes the connection. */
  readonly hold: Hold;
  readonly clock: Clock;
  /** Called at the end of the body. */
  readonly onEnd: () => void;
}

/**
 * Reads and drops the rest of a body after the answer was written: most clients read the answer only after sending
 * their body, and may lose it if the connection closes earlier. Beyond `MAX_DRAINED` stops reading, which stops the
 * client from writing, so that a client that writes and reads at the same time, such as the API server's proxy, finds
 * the answer before the connection closes.
 */
export function drainBody(request: IncomingMessage, { hold, clock, onEnd }: DrainBodyOptions): void {
  const close = (): void => void request.socket.destroy();
  const closed = new AbortController();
  clock.sleep(DRAIN_TIME, closed.signal).then(close, () => undefined);
  request.once('close', () => {
    closed.abort();
    hold.release();
  });
  let size = 0;
  let chunks = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (++chunks > MIN_CHUNKS + size / BYTES_PER_CHUNK) close();
    else if (size > MAX_DRAINED) {
      request.off('data', onData).pause();
      hold.grow(RECEIVE_BUFFER);
    }
  };
  request.on('data', onData).once('end', onEnd).resume();
}
