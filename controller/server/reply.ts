/** The answer to a request. */
export interface Reply {
  readonly status: number;
  /** Absent where there is no body. */
  readonly type?: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns an answer of one line of text. */
export function line(status: number, words: string, headers: Reply['headers'] = {}): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n`, headers };
}

/** Returns an answer without a body. */
export function empty(status: number): Reply {
  return { status, body: '' };
}

/** The largest answer to a posted SealedSecret, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;
/** Re-encryption from the smallest key (2048 bits) to the largest (16384 bits) grows an empty item 7.5 times. */
const MAX_GROWTH = 8;
/** What the smallest request may be answered, in bytes. */
const MIN_ANSWER = 4096;

/** Returns how large the answer to a body may be: 8 times the body and 4 KiB, and at most 4 MiB. In bytes. */
export function answerLimit(bodySize: number): number {
  return Math.min(MAX_GROWTH * bodySize + MIN_ANSWER, MAX_ANSWER);
}

/** The answer in place of one that exceeds its limit. */
export function answerTooLarge(): Reply {
  return line(413, 'the answer would be too large');
}
