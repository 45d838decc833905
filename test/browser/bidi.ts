import { WebSocket } from 'ws';
import { at, stringAt } from '../control-plane/admin-client.ts';

/** A command that the browser refused. */
export class BidiError extends Error {
  override readonly name = 'BidiError';
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to a browser over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/): commands with their results,
 * and events.
 */
export class Bidi {
  readonly #socket: WebSocket;
  readonly #onEvent: (method: string, parameters: unknown) => void;
  readonly #waiting = new Map<number, Waiting>();
  #commands = 0;

  private constructor(socket: WebSocket, onEvent: (method: string, parameters: unknown) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on('message', (data: Buffer) => this.#take(data.toString('utf8')));
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new BidiError('the browser has gone'));
    });
  }

  /** Connects and starts a session. */
  static async connect(url: string, onEvent: (method: string, parameters: unknown) => void): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const bidi = new Bidi(socket, onEvent);
    await bidi.send('session.new', { capabilities: {} });
    return bidi;
  }

  /** Sends a command. Returns its result. */
  send(method: string, params: object): Promise<unknown> {
    this.#commands += 1;
    const id = this.#commands;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const message: unknown = JSON.parse(text);
    const id = at(message, 'id');
    if (typeof id !== 'number') {
      this.#onEvent(stringAt(message, 'method'), at(message, 'params'));
      return;
    }
    const { resolve, reject } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    if (at(message, 'type') === 'success') resolve?.(at(message, 'result'));
    else reject?.(new BidiError(`${stringAt(message, 'error')}: ${stringAt(message, 'message')}`));
  }
}
