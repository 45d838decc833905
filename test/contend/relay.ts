import { readFileSync } from 'node:fs';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';

/** What a relay does with connections. */
export type RelayMode =
  /** Forwards all of them. */
  | 'pass'
  /** Accepts them and loses all data in both directions, as a firewall that drops packets. */
  | 'lose'
  /** Answers 503 to each request. */
  | 'refuse';

/**
 * A TCP relay between one client and the API server. It listens on 127.0.0.1, for which the API server's certificate is
 * valid.
 */
export class Relay {
  readonly #target: number;
  readonly #server: Server;
  readonly #refusing: TlsServer;
  readonly #sockets = new Set<Socket>();
  #mode: RelayMode = 'pass';

  private constructor(plane: ControlPlane) {
    this.#target = Number(new URL(plane.server).port);
    this.#server = createServer((socket) => this.#accept(socket));
    const file = (name: string): Buffer => readFileSync(join(plane.folder, name));
    this.#refusing = createTlsServer(
      { cert: file('apiserver.crt'), key: file('apiserver.key') },
      (request, response) => {
        request.resume();
        const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'ServiceUnavailable' };
        response.writeHead(503, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...status, code: 503, message: 'refused by the test' }));
      },
    );
  }

  static async start(plane: ControlPlane): Promise<Relay> {
    const relay = new Relay(plane);
    for (const server of [relay.#server, relay.#refusing])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /**
   * Changes what happens to connections, also to those that are open. What was lost stays lost: these connections are
   * reset when they pass again, as the real ones of a client that has given up.
   */
  set mode(mode: RelayMode) {
    this.#mode = mode;
    if (mode === 'lose') return; // `#forward` drops the data.
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stop(): void {
    this.#server.close();
    this.#refusing.close();
    this.#refusing.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#mode === 'lose') return void client.resume();
    const port = this.#mode === 'refuse' ? portOf(this.#refusing) : this.#target;
    const server = connect(port, '127.0.0.1');
    this.#keep(server);
    this.#forward(client, server);
    this.#forward(server, client);
  }

  #forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (this.#mode === 'lose') return;
      if (to.write(chunk)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    // The end of a connection is lost as its data is.
    from.on('close', () => {
      if (this.#mode !== 'lose') to.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
  }
}

function portOf(server: Server | TlsServer): number {
  return (server.address() as AddressInfo).port;
}
