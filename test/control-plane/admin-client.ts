import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** An answer of kube-apiserver. A JSON body is parsed; any other body is a string. */
export interface Answer {
  status: number;
  body: unknown;
}

/**
 * A deliberately plain client, so that a fault of the client under test is not also in the one that checks it.
 * Returns answers with any status; throws only if the connection breaks.
 */
export class AdminClient {
  readonly #agent: Agent;
  readonly #server: string;
  readonly #token: string;

  constructor(server: string, caCertificate: string, token: string) {
    this.#server = server;
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, ca: caCertificate });
  }

  /** @param body an object to send as JSON, or a string to send as it is; `token` replaces the administrator's */
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    token = this.#token,
  ): Promise<Answer> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, */*',
    };
    if (payload !== undefined) {
      headers['content-type'] = contentType;
      headers['content-length'] = String(Buffer.byteLength(payload));
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.#server), { method, headers, agent: this.#agent });
      outgoing.setTimeout(60_000, () =>
        outgoing.destroy(new Error(`no answer to ${method} ${path} in 60 s`)),
      );
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        readAnswer(incoming).then(resolve, reject);
      });
      outgoing.end(payload);
    });
  }

  /** Same as {@link request}, for steps of a test that must succeed: throws on any status other than 2xx. */
  async expect(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await this.request(method, path, body, contentType);
    if (answer.status < 200 || answer.status > 299) {
      const reason = at(answer.body, 'message') ?? answer.body;
      throw new Error(`${method} ${path} answered ${answer.status}: ${String(reason)}`);
    }
    return answer.body;
  }

  /** Closes the idle connections; those to a server that has restarted would fail the next request. */
  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
  const isJson = (incoming.headers['content-type'] ?? '').startsWith('application/json');
  return { status: incoming.statusCode ?? 0, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** Returns the value at a path of keys (or indexes) in parsed JSON, or undefined if there is none. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return (inner as Record<string, unknown>)[key];
  }, value);
}

/** Same as {@link at}, for a string. Throws if there is none. */
export function stringAt(value: unknown, ...keys: (string | number)[]): string {
  const found = at(value, ...keys);
  if (typeof found !== 'string') throw new Error(`no text at ${keys.join('.')}`);
  return found;
}

/** Same as {@link at}, for a list; empty if there is none. */
export function listAt(value: unknown, ...keys: (string | number)[]): unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}
