import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dump } from 'js-yaml';
import type { ControlPlane } from '../control-plane/control-plane.ts';

/** A forwarded request and its answer. */
export interface Passed {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly accept: string;
  readonly sent: unknown;
  readonly status: number;
  /** The body of the answer; undefined for a stream. */
  readonly received: unknown;
}

interface Interruption {
  readonly method: string;
  readonly path: RegExp;
  readonly act: () => Promise<unknown>;
}

/**
 * A proxy between a client and the API server. It records every request, has the server reject unknown fields, and
 * lets a test act at the moment before a request arrives.
 */
export class Recorder {
  readonly passed: Passed[] = [];
  /** Whether the server rejects fields that its schemas do not have. */
  strict = true;
  readonly #target: string;
  readonly #agent: Agent;
  readonly #server: Server;
  #token = '';
  #interruptions: readonly Interruption[] = [];

  private constructor(plane: ControlPlane) {
    this.#target = plane.server;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(plane.caFile) });
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
    // A connection must not be closed just when the client uses it again.
    this.#server.keepAliveTimeout = 0;
  }

  static async start(plane: ControlPlane): Promise<Recorder> {
    const recorder = new Recorder(plane);
    await new Promise<void>((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  /** Returns a kubeconfig that uses the recorder as the API server. */
  kubeconfig(token: string): string {
    // Clients send no token over plain http, so the recorder adds it.
    this.#token = token;
    const { port } = this.#server.address() as AddressInfo;
    // Clients accept plain http only with TLS verification turned off explicitly.
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    return dump({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    });
  }

  /** Runs an action before the next matching request is forwarded. */
  beforeNext(method: string, path: RegExp, act: () => Promise<unknown>): void {
    this.#interruptions = [...this.#interruptions, { method, path, act }];
  }

  /** Returns the requests with the method and a matching path. */
  of(method: string, path = /^/): readonly Passed[] {
    return this.passed.filter((passed) => passed.method === method && path.test(passed.path));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    this.#agent.destroy();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await textOf(incoming);
    const interruption = this.#interruptions.find((each) => each.method === method && each.path.test(url));
    if (interruption) {
      this.#interruptions = this.#interruptions.filter((each) => each !== interruption);
      await interruption.act();
    }
    const strict =
      body === '' || !this.strict ? '' : `${url.includes('?') ? '&' : '?'}fieldValidation=Strict`;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const target = new URL(url + strict, this.#target);
      const sent = request(target, {
        method,
        agent: this.#agent,
        headers: { ...headers, host: target.host, authorization: `Bearer ${this.#token}` },
      });
      outgoing.once('close', () => sent.destroy());
      sent.on('response', resolve).on('error', reject).end(body);
    });
    const status = answer.statusCode ?? 502;
    const seen = { method, path: url, accept: headers.accept ?? '', sent: parsed(body), status };
    outgoing.writeHead(status, answer.headers);
    if (url.includes('watch=true')) {
      this.passed.push({ ...seen, received: undefined });
      answer.pipe(outgoing);
      return;
    }
    const text = await textOf(answer);
    this.passed.push({ ...seen, received: parsed(text) });
    outgoing.end(text);
  }
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}

function parsed(text: string): unknown {
  return text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined;
}
