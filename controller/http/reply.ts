/** What is answered to a request. */
export interface Reply {
  readonly status: number;
  /** Absent where there is no body. */
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One line of text. */
export function line(status: number, words: string, headers: Reply['headers'] = {}): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n`, headers };
}

export function empty(status: number): Reply {
  return { status, body: '' };
}
