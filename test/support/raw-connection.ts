import { connect, type Socket } from 'node:net';

/** A connection on which a test can write arbitrary bytes. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when either side has closed the connection. */
  readonly closed: Promise<void>;
  #received = '';
  #changed: () => void = () => undefined;

  constructor(url: string, localAddress?: string) {
    const { hostname, port } = new URL(url);
    const from = localAddress === undefined ? {} : { localAddress };
    this.socket = connect({ host: hostname, port: Number(port), ...from });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#changed();
    });
    void this.closed.then(() => this.#changed());
  }

  /** Everything received so far. */
  get received(): string {
    return this.#received;
  }

  /** Waits until the text has been received. Returns false if the connection closes first. */
  async has(text: string): Promise<boolean> {
    while (!this.#received.includes(text)) {
      if (this.socket.destroyed) return false;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
    return true;
  }

  /** Writes, and waits until the other side accepts more. Returns false if it no longer does. */
  async write(data: string | Buffer): Promise<boolean> {
    if (this.socket.destroyed) return false;
    if (this.socket.write(data)) return true;
    await Promise.race([new Promise((resolve) => this.socket.once('drain', resolve)), this.closed]);
    return !this.socket.destroyed;
  }

  close(): void {
    this.socket.destroy();
  }
}
