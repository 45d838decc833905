/** The answer to a request. */
export interface Reply {
  readonly status: number;
  /** The content type; absent without a body. */
  readonly type?: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns an answer with one line of plain text. */
export function line(status: number, text: string, headers: Reply['headers'] = {}): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

/** Returns an answer without a body. */
export function empty(status: number): Reply {
  return { status, body: '' };
}

/** Returns the answer of a controller that has no sealing key yet. */
export function noKey(): Reply {
  return line(503, 'there is no sealing key yet');
}

/** Returns the answer to a client that asks too often or for too much. */
export function limitExceeded(): Reply {
  return line(429, 'limit exceeded');
}

/** The largest answer to a posted SealedSecret, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;
/** Re-encryption from the smallest key (2048 bits) to the largest (16384 bits) grows an empty item 7.5 times. */
const MAX_GROWTH = 8;
/** The answer to the smallest request may have this size, in bytes. */
const MIN_ANSWER = 4096;

/** Returns the largest answer to a body, in bytes: 8 times the body plus 4 KiB, and at most 4 MiB. */
export function answerLimit(bodySize: number): number {
  return Math.min(MAX_GROWTH * bodySize + MIN_ANSWER, MAX_ANSWER);
}

/** Returns the answer that replaces one larger than `answerLimit`. */
export function answerTooLarge(): Reply {
  return line(413, 'the response would be too large');
}
