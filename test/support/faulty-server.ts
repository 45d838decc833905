import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the API server received. */
export interface Seen {
  readonly watch: boolean;
  /** Whether the request checks that a version has been reached. */
  readonly check: boolean;
  readonly at: number;
  readonly query: URLSearchParams;
}

/** Writes the answer to a request. */
export type Answer = (response: ServerResponse, seen: Seen) => void;

/** Answers with a list, in the form of the API server. */
export function list(objects: readonly object[], resourceVersion: string, next = ''): Answer {
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ kind: 'List', metadata: { resourceVersion, continue: next }, items: objects }),
    );
  };
}

/** Answers with an error status, in the form of the API server. */
export function refusal(code: number, reason: string, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ kind: 'Status', code, reason, message: 'hunter2-canary' }));
  };
}

/** Answers with lines of a watch, then ends the stream, cuts it, or leaves it open. */
export function stream(lines: readonly (object | string)[], then: 'end' | 'cut' | 'stay' = 'end'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const line of lines) response.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
    if (then === 'end') response.end();
    // Let the lines be sent before the connection is cut.
    if (then === 'cut') setTimeout(() => response.destroy(), 50);
  };
}

/** Returns an object with metadata in the API's JSON form. */
export function item(name: string, uid: string, resourceVersion = '1', more: object = {}): object {
  return { metadata: { name, namespace: 'ns', uid, resourceVersion, generation: 1, ...more } };
}

/**
 * An API server that misbehaves in ways that a real one cannot be made to. It answers lists and watches with the
 * given answers in order; the last answer of each repeats.
 */
export class FaultyServer {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #lists: Answer[];
  readonly #watches: Answer[];
  readonly #checks: Answer[];

  /** @param checks answers to the checks whether a version has been reached; by default every version has */
  constructor(
    lists: readonly Answer[],
    watches: readonly Answer[],
    checks: readonly Answer[] = [list([], '1')],
  ) {
    this.#lists = [...lists];
    this.#watches = [...watches];
    this.#checks = [...checks];
    this.#server = createServer((request, response) => this.#answer(request, response));
    // A connection must not be closed just when the client uses it again.
    this.#server.keepAliveTimeout = 0;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Returns the requests of one kind, in order. */
  of(sort: 'list' | 'watch' | 'check'): readonly Seen[] {
    return this.seen.filter((seen) => sort === (seen.watch ? 'watch' : seen.check ? 'check' : 'list'));
  }

  count(sort: 'list' | 'watch' | 'check'): number {
    return this.of(sort).length;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    const check = query.has('resourceVersionMatch');
    const seen = { watch: query.has('watch'), check, at: Date.now(), query };
    this.seen.push(seen);
    const answers = seen.watch ? this.#watches : check ? this.#checks : this.#lists;
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    answer?.(response, seen);
  }
}
