import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Answer } from '../support/faulty-server.ts';

/**
 * Stands in front of the API server with its certificate, and answers watches in ways that the API server cannot be made
 * to. Forwards all other requests.
 */
export class Front {
  readonly #target: string;
  readonly #agent: Agent;
  readonly #server: ReturnType<typeof createServer>;
  #answers: readonly Answer[] = [];
  #answered = 0;

  private constructor(plane: ControlPlane) {
    const file = (name: string): Buffer => readFileSync(join(plane.folder, name));
    this.#target = plane.server;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(plane.caFile) });
    const pair = { cert: file('apiserver.crt'), key: file('apiserver.key') };
    this.#server = createServer(pair, (incoming, outgoing) => this.#answer(incoming, outgoing));
    // A connection must not be closed just when the client uses it again.
    this.#server.keepAliveTimeout = 0;
  }

  static async start(plane: ControlPlane): Promise<Front> {
    const front = new Front(plane);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of watches that got one of the answers. */
  get answered(): number {
    return this.#answered;
  }

  /** Gives these answers to watches, in turn, until it is called again with none. */
  answerWatches(...answers: readonly Answer[]): void {
    this.#answers = answers;
    this.#answered = 0;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const query = new URL(incoming.url ?? '/', this.#target).searchParams;
    const answer = query.has('watch') ? this.#answers[this.#answered % this.#answers.length] : undefined;
    if (answer === undefined) return this.#forward(incoming, outgoing);
    this.#answered++;
    answer(outgoing, { watch: true, check: false, at: Date.now(), query });
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = new URL(incoming.url ?? '/', this.#target);
    const headers = { ...incoming.headers, host: target.host };
    const sent = request(target, { method: incoming.method, agent: this.#agent, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('close', () => answer.complete || outgoing.destroy());
    });
    sent.on('error', () => outgoing.destroy());
    outgoing.on('close', () => sent.destroy());
    incoming.pipe(sent);
  }
}
