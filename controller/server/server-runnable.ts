import type { ListeningServer } from './listen.ts';

/** Runs a server: it listens from its start until its stop, which lets running requests finish. */
export class ServerRunnable {
  readonly #listen: () => Promise<ListeningServer>;
  #server: ListeningServer | undefined;

  /** @param listen opens the server */
  constructor(listen: () => Promise<ListeningServer>) {
    this.#listen = listen;
  }

  /** `HOST:PORT` as it was bound; undefined before the start. */
  get address(): string | undefined {
    return this.#server?.address;
  }

  /** Throws what `listen` throws. */
  async start(): Promise<void> {
    this.#server = await this.#listen();
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }
}
