import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pair } from './authority.ts';

/** A request that a proxy received. */
export interface Passed {
  readonly line: string;
  readonly login: string | undefined;
}

/** A proxy for tests that forwards everything to one local port, regardless of the requested host. */
abstract class TestProxy {
  readonly seen: Passed[] = [];
  protected readonly sockets = new Set<Duplex>();
  protected abstract readonly server: Server | TcpServer;

  async start(): Promise<this> {
    this.server.on('connection', (socket: Socket) => this.keep(socket));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  protected keep(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
  }

  protected join(client: Duplex, port: number, ready: () => void): void {
    const onward = connect(port, '127.0.0.1', () => {
      ready();
      client.pipe(onward).pipe(client);
    });
    this.keep(onward);
    onward.on('close', () => client.destroy());
    client.on('close', () => onward.destroy());
  }
}

/** An HTTP proxy: CONNECT for https, and requests with an absolute URL for http. */
export class HttpProxy extends TestProxy {
  /** The answer to CONNECT instead of a connection. */
  refusal: string | undefined;
  protected readonly server: Server;

  constructor(target: () => number, pair?: Pair) {
    super();
    this.server = pair ? createTlsServer({ cert: pair.certificate, key: pair.key }) : createServer();
    this.server.on('connect', (asked: IncomingMessage, socket: Duplex) => {
      this.#write(asked);
      this.keep(socket);
      if (this.refusal !== undefined) return void socket.end(this.refusal);
      this.join(socket, target(), () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    });
    this.server.on('request', (asked: IncomingMessage, response) => {
      this.#write(asked);
      const { pathname } = new URL(asked.url ?? '');
      const onward = request({ port: target(), path: pathname, headers: asked.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.end();
    });
  }

  #write({ method = '', url = '', headers }: IncomingMessage): void {
    this.seen.push({ line: `${method} ${url}`, login: headers['proxy-authorization'] });
  }
}

/** A SOCKS5 proxy that requires a login if one is set. */
export class SocksProxy extends TestProxy {
  login: string | undefined;
  /** The reply code (RFC 1928, section 6); 0 means success. */
  answer = 0;
  protected readonly server: TcpServer;

  constructor(target: () => number) {
    super();
    this.server = createTcpServer((socket) => void this.#serve(socket, target).catch(() => socket.destroy()));
  }

  async #serve(socket: Socket, target: () => number): Promise<void> {
    const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const next = async (): Promise<Buffer> =>
      ((await chunks.next()).value as Buffer | undefined) ?? Buffer.alloc(0);
    const methods = (await next()).subarray(2);
    const method = this.login === undefined ? 0 : 2;
    if (!methods.includes(method)) return void socket.end(Buffer.from([5, 255]));
    socket.write(Buffer.from([5, method]));
    let login: string | undefined;
    if (method === 2) {
      const given = await next();
      const name = given.subarray(2, 2 + (given[1] ?? 0));
      login = `${name.toString()}:${given.subarray(3 + name.length).toString()}`;
      socket.write(Buffer.from([1, login === this.login ? 0 : 1]));
      if (login !== this.login) return;
    }
    const asked = await next();
    const named = asked[3] === 3;
    const host = named ? asked.subarray(5, -2).toString() : asked.subarray(4, -2).join('.');
    this.seen.push({ line: `${host}:${asked.readUInt16BE(asked.length - 2)}`, login });
    const reply = Buffer.from([5, this.answer, 0, 1, 127, 0, 0, 1, 0, 0]);
    if (this.answer !== 0) return void socket.end(reply);
    // Copy the data by hand, because the iterator destroys the socket when it ends.
    const onward = connect(target(), '127.0.0.1', () => socket.write(reply));
    this.keep(onward);
    onward.on('data', (chunk) => socket.write(chunk)).on('close', () => socket.destroy());
    for (let chunk = await next(); chunk.length > 0; chunk = await next()) onward.write(chunk);
    onward.end();
  }
}
