import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Tally } from '../tally.ts';

/** How many connections a server takes, in all and from one TCP peer. */
export interface ConnectionLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** Bounds the connections of a server. One peer leaves some to others, such as the probes of the kubelet. */
export function limitConnections(
  server: Server,
  { total, perPeer }: ConnectionLimits,
  refused: () => void,
): void {
  server.maxConnections = total;
  server.on('drop', refused);
  const connections = new Tally();
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    if (connections.of(peer) >= perPeer) {
      socket.destroy();
      refused();
      return;
    }
    connections.add(peer, 1);
    socket.once('close', () => connections.add(peer, -1));
  });
}

/** How many requests of a connection may wait for their answers. */
const MAX_PIPELINED = 8;

/** Counts the unanswered requests of each connection: Node parses all that a client sends behind one another. */
export class Pipelines {
  readonly #unanswered = new WeakMap<Socket, number>();

  /** Counts one more. Returns false where there are too many. */
  add(socket: Socket): boolean {
    const count = this.#unanswered.get(socket) ?? 0;
    if (count >= MAX_PIPELINED) return false;
    this.#unanswered.set(socket, count + 1);
    return true;
  }

  remove(socket: Socket): void {
    this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
  }
}
