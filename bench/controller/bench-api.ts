import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** How many requests to keep in flight. */
const SOCKETS = 20;

/** Where a {@link BenchApi} sends its requests. */
export interface Server {
  /** The URL of the API server. */
  readonly url: string;
  /** Its CA certificate, as PEM. */
  readonly ca: string;
  /** The token of an administrator. */
  readonly token: string;
}

/** A client that takes little CPU from the controller under test, on the same cores. */
export class BenchApi {
  readonly #server: Server;
  readonly #agent: Agent;

  constructor(server: Server) {
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, ca: server.ca });
  }

  /** Sends a request and returns the body of the answer. Throws on any status other than 2xx. */
  async send(method: string, path: string, body?: string): Promise<string> {
    const answer = await this.#ask({ method, path, agent: this.#agent }, body);
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += String(part);
    const { statusCode = 0 } = answer;
    if (statusCode < 200 || statusCode > 299)
      throw new Error(`${method} ${path} answered ${statusCode}: ${text}`);
    return text;
  }

  /** Starts a watch, on a connection of its own, and returns its body. With `metadata`, only metadata is sent. */
  async watch(path: string, { metadata }: { readonly metadata: boolean }): Promise<IncomingMessage> {
    const accept = metadata
      ? 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
      : 'application/json';
    const agent = new Agent({ ca: this.#server.ca });
    const answer = await this.#ask({ method: 'GET', path, agent }, undefined, accept);
    if (answer.statusCode !== 200) throw new Error(`the watch ${path} answered ${answer.statusCode ?? 0}`);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(options: RequestOptions, body?: string, accept = 'application/json'): Promise<IncomingMessage> {
    const headers = {
      authorization: `Bearer ${this.#server.token}`,
      accept,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return new Promise((resolve, reject) => {
      request(this.#server.url, { ...options, headers }, resolve)
        .on('error', reject)
        .end(body);
    });
  }
}
