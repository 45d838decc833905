import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Both sides of a connection through the relay. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * Forwards TCP connections to a local port, and breaks them as a network does: by resetting them, by losing everything
 * that is sent, or by delaying it.
 */
export class Relay {
  /** The port that new connections are forwarded to. */
  target: number;
  /** The delay of everything that is sent in either direction, in ms. */
  latency = 0;
  readonly #links = new Set<Link>();
  readonly #server = createServer((client) => this.#join(client));
  /** What waits until data passes again; undefined while it passes. */
  #held: (() => void)[] | undefined;

  constructor(target: number) {
    this.target = target;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#links.size;
  }

  /** Resets every connection. */
  cut(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** Holds back everything that is sent, on new connections too, until {@link fillHole}. */
  blackHole(): void {
    this.#held ??= [];
  }

  /** Delivers what was held back, as TCP does when packets arrive again. */
  fillHole(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const release of held) release();
  }

  /** Forgets every connection, as a firewall that has restarted: neither side hears of it. New ones work. */
  forget(): void {
    for (const { client, server } of this.#links) {
      client.pause().removeAllListeners('data');
      server.removeAllListeners('data').removeAllListeners('close').destroy();
    }
  }

  stop(): void {
    this.#server.close();
    this.fillHole();
    this.cut();
  }

  #join(client: Socket): void {
    const link = { client, server: connect(this.target, '127.0.0.1') };
    this.#links.add(link);
    this.#forward(client, link.server);
    this.#forward(link.server, client);
    client.on('close', () => this.#links.delete(link));
  }

  #forward(from: Socket, to: Socket): void {
    let sent = Promise.resolve();
    from.setNoDelay(true);
    from.on('error', () => undefined); // it is closed next
    from.on('data', (chunk: Buffer) => {
      const due = performance.now() + this.latency;
      sent = sent.then(async () => {
        await this.#passing(due);
        if (to.destroyed || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('close', () => {
      void sent.then(async () => {
        await this.#passing(0);
        to.destroySoon();
      });
    });
  }

  /** Waits until something that is due at a time, by `performance.now()`, may pass. */
  async #passing(due: number): Promise<void> {
    const remaining = due - performance.now();
    if (remaining > 0) await sleep(remaining);
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
  }
}
