import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isObject } from '../../shared/api/reader.ts';
import { Tally } from '../workqueue/tally.ts';

/** How many connections a server takes, in all and from one TCP peer. */
export interface ConnectionLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** The open connections of each server, those included that are still in their TLS handshake. */
const open = new WeakMap<Server, Set<Socket>>();

/** Closes all connections. Node's own `closeAllConnections` leaves those open that are in their TLS handshake. */
export function destroyConnections(server: Server): void {
  server.closeAllConnections();
  for (const socket of open.get(server) ?? []) socket.destroy();
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
  const sockets = new Set<Socket>();
  open.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    if (connections.of(peer) >= perPeer) {
      socket.destroy();
      refused();
      return;
    }
    connections.add(peer, 1);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      connections.add(peer, -1);
    });
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

/** What a parser's `onIncoming` returns to leave the rest of the data unparsed, as after an upgrade. */
const LEAVE_REST = 2;

/**
 * Closes a connection, and leaves unparsed what it has sent. Node would go on with the rest of what it has read, more
 * than 2,000 requests, and keep their objects until the connection is closed: 240 connections exhaust a heap of 256 MiB.
 * Node has no public way to stop a parser from within a request.
 */
export function closeUnparsed(socket: Socket): void {
  const parser: unknown = Reflect.get(socket, 'parser');
  if (isObject(parser)) Reflect.set(parser, 'onIncoming', () => LEAVE_REST);
  socket.destroy();
}
