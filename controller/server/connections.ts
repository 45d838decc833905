import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isObject } from '../../shared/api/reader.ts';
import { Tally } from '../workqueue/tally.ts';

/** The most open connections of a server, in total and per TCP peer. */
export interface ConnectionLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** The open connections of each server, including those still in their TLS handshake. */
const open = new WeakMap<Server, Set<Socket>>();

/** Closes all connections. Node's own `closeAllConnections` leaves connections open that are still in their TLS handshake. */
export function destroyConnections(server: Server): void {
  server.closeAllConnections();
  for (const socket of open.get(server) ?? []) socket.destroy();
}

/**
 * Bounds the connections of a server, and calls `onRefused` for each connection beyond. No single peer can use up all
 * connections, so the kubelet's probes still get through.
 */
export function limitConnections(
  server: Server,
  { total, perPeer }: ConnectionLimits,
  onRefused: () => void,
): void {
  server.maxConnections = total;
  server.on('drop', onRefused);
  const connections = new Tally();
  const sockets = new Set<Socket>();
  open.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    if (connections.of(peer) >= perPeer) {
      socket.destroy();
      onRefused();
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

/** How many requests of one connection may wait for their answers. */
const MAX_PIPELINED = 8;

/** Counts the unanswered requests of each connection: Node parses pipelined requests without a bound. */
export class Pipelines {
  readonly #unanswered = new WeakMap<Socket, number>();

  /** Counts one more request, or returns false if the connection has too many already. */
  add(socket: Socket): boolean {
    const count = this.#unanswered.get(socket) ?? 0;
    if (count >= MAX_PIPELINED) return false;
    this.#unanswered.set(socket, count + 1);
    return true;
  }

  /** Counts one request less. */
  remove(socket: Socket): void {
    this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
  }
}

/** The return value of a parser's `onIncoming` that leaves the rest of the data unparsed, as after an upgrade. */
const SKIP_REST = 2;

/**
 * Closes a connection without parsing the data already received. Node would parse all of it, more than 2,000 requests,
 * and keep their objects until the connection closes: 240 connections exhaust a heap of 256 MiB. Node has no public API
 * to stop a parser from within a request.
 */
export function closeUnparsed(socket: Socket): void {
  const parser: unknown = Reflect.get(socket, 'parser');
  if (isObject(parser)) Reflect.set(parser, 'onIncoming', () => SKIP_REST);
  socket.destroy();
}
