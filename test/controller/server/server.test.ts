import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { boundAddress, closeServer, serve } from '../../../controller/server/server.ts';
import { line, type Reply } from '../../../controller/server/reply.ts';
import { systemClock } from '../../../shared/clock.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { certificatePem } from '../../support/vectors.ts';
import { ask } from '../../support/ask.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../control-plane/until.ts';
import { TestServer } from './test-server.ts';

const CERTIFICATE = parseCertificate(certificatePem('c2048'), 'c2048');
let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.close());

suite('the HTTP server', () => {
  test('is healthy but has no certificate before the first key', async () => {
    const health = await server.ask('GET', '/healthz');
    assert.deepEqual([health.status, health.body], [200, 'ok\n']);
    assert.equal((await server.ask('GET', '/v1/cert.pem')).status, 503);
  });

  test('is ready while it has a sealing key, until it stops', async () => {
    const readiness = async (): Promise<[number, string]> => {
      const { status, body } = await server.ask('GET', '/readyz');
      return [status, body];
    };
    assert.deepEqual(await readiness(), [503, 'there is no sealing key yet\n']);
    server.state.certificate = CERTIFICATE;
    server.state.startingUp = 'sealedsecrets have not been listed yet';
    assert.deepEqual(await readiness(), [503, 'sealedsecrets have not been listed yet\n']);
    server.state.startingUp = undefined;
    assert.deepEqual(await readiness(), [200, 'ok\n']);
    server.state.certificate = undefined;
    assert.deepEqual(await readiness(), [503, 'there is no sealing key yet\n']);
    server.state.certificate = CERTIFICATE;
    server.state.stopping = true;
    assert.deepEqual(await readiness(), [503, 'stopping\n']);
    assert.equal((await server.ask('GET', '/v1/cert.pem')).status, 200);
  });

  test('serves the current certificate', async () => {
    server.state.certificate = CERTIFICATE;
    const { status, headers, body } = await server.ask('GET', '/v1/cert.pem?x=y');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/x-pem-file');
    assert.equal(body, certificatePem('c2048'));
    const head = await server.ask('HEAD', '/v1/cert.pem');
    assert.deepEqual(
      [head.status, head.body, head.headers['content-length']],
      [200, '', String(body.length)],
    );
  });

  test('answers 404 for other paths and 405 for other methods', async () => {
    for (const path of ['/', '/v1', '/v1/cert.pem/', '/__proto__', '/constructor', '//healthz', '/metrics']) {
      assert.equal((await server.ask('GET', path)).status, 404, path);
    }
    for (const [path, allowed, others] of [
      ['/v1/cert.pem', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'OPTIONS']],
      ['/readyz', 'GET, HEAD', ['POST']],
      ['/v1/verify', 'POST', ['GET', 'HEAD', 'PUT']],
      ['/v1/rotate', 'POST', ['GET', 'HEAD', 'PATCH']],
    ] as const) {
      for (const method of others) {
        const { status, headers } = await server.ask(method, path);
        assert.deepEqual([status, headers.allow], [405, allowed], `${method} ${path}`);
      }
    }
  });

  test('returns its address, and rejects an address in use', async () => {
    const address = boundAddress(server.httpServer);
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    const taken = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
    const never = (): Promise<ReturnType<typeof line>> => Promise.resolve(line(200, ''));
    await assert.rejects(serve(taken, never, { clock: systemClock, readTimeout: 0, writeTimeout: 0 }), {
      code: 'EADDRINUSE',
    });
  });

  test('closes even if a client never completes its request', async () => {
    const slow = connect(Number(boundAddress(server.httpServer).split(':')[1]), '127.0.0.1');
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('connect', resolve));
    slow.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const cut = new Promise((resolve) => slow.once('close', resolve));
    await closeServer(server.httpServer, systemClock);
    await cut;
    assert.deepEqual([server.httpServer.listening, slow.readyState], [false, 'closed']);
  });
});

suite('unread answers', () => {
  const PAGE = Buffer.alloc(8 * 1024 * 1024, 'x');
  const cut: string[] = [];
  let server: Server;
  let url: string;
  const readers: RawConnection[] = [];

  beforeEach(async () => {
    cut.length = 0;
    const page = (): Promise<Reply> => Promise.resolve({ status: 200, type: 'text/plain', body: PAGE });
    const onCut = (reason: string): void => void cut.push(reason);
    const options = { clock: systemClock, readTimeout: 0, writeTimeout: 0, onCut };
    server = await serve({ host: '127.0.0.1', port: 0 }, page, options);
    url = `http://${boundAddress(server)}/`;
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await closeServer(server, systemClock);
  });

  function neverReads(localAddress: string): RawConnection {
    const reader = new RawConnection(url, localAddress);
    reader.socket.pause();
    reader.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    readers.push(reader);
    return reader;
  }

  test('are dropped oldest first when a peer exceeds its share, while other peers are served', async () => {
    const first = neverReads('127.0.0.2');
    neverReads('127.0.0.2');
    await until('the first to be cut', () => (cut.length > 0 ? true : undefined));
    assert.deepEqual(cut, ['unread_answers']);
    first.socket.resume();
    await first.closed;
    assert.ok(first.received.length < PAGE.length);
    const { body } = await ask('GET', url, { localAddress: '127.0.0.3' });
    assert.equal(body.length, PAGE.length);
    assert.deepEqual(cut, ['unread_answers']);
  });

  test('are dropped after five seconds without progress', async () => {
    const started = systemClock.elapsed();
    neverReads('127.0.0.2');
    await until('it to be cut', () => (cut.length > 0 ? true : undefined));
    assert.deepEqual(cut, ['slow_reader']);
    assert.ok(systemClock.elapsed() - started >= 4_900);
  });
});

suite('a body that goes on after the answer', () => {
  const MIB = 1024 * 1024;
  const BODY = Buffer.alloc(32 * MIB, ' ');
  let clock: FakeClock;
  let server: Server;
  const clients: RawConnection[] = [];
  /** The server's ends of the connections. */
  const sockets: Socket[] = [];
  const cut: string[] = [];

  beforeEach(async () => {
    clock = new FakeClock();
    const refuse = (): Promise<Reply> => Promise.resolve(line(413, 'too large'));
    const onCut = (reason: string): void => void cut.push(reason);
    const options = { clock, readTimeout: 0, writeTimeout: 0, onCut };
    server = await serve({ host: '127.0.0.1', port: 0 }, refuse, options);
    server.on('connection', (socket: Socket) => sockets.push(socket));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    sockets.length = 0;
    cut.length = 0;
    await closeServer(server, systemClock);
  });

  /** Connects a client that sends a body without reading, and waits until the server drops no more of the body. */
  async function stalled(localAddress = '127.0.0.1'): Promise<RawConnection> {
    const client = new RawConnection(`http://${boundAddress(server)}/`, localAddress);
    clients.push(client);
    client.socket.pause();
    client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n`);
    client.socket.write(BODY);
    await until('4 MiB to be read', () => {
      const socket = sockets.find(({ remotePort }) => remotePort === client.socket.localPort);
      return socket && socket.bytesRead > 4 * MIB ? true : undefined;
    });
    return client;
  }

  test('is read for 4 MiB, and the client may read the answer until 5 s have passed', async () => {
    const client = await stalled();
    await clock.pass(4_999);
    client.socket.resume();
    assert.ok(await client.has('too large\n'));
    assert.match(client.received, /^HTTP\/1\.1 413 /);
    const [socket] = sockets;
    assert.ok(socket && !socket.destroyed && socket.bytesRead < 5 * MIB, `${socket?.bytesRead}`);
    await clock.pass(1);
    await client.closed;
    assert.deepEqual(clock.waiting, []);
    assert.deepEqual(cut, []);
  });

  test('closes the oldest such connection of an address where there are more than four', async () => {
    const peer = '127.0.0.2';
    const first = await stalled(peer);
    const others = [await stalled(peer), await stalled(peer), await stalled(peer), await stalled(peer)];
    await first.closed;
    assert.deepEqual(cut, ['refused_bodies']);
    for (const other of [...others, await stalled('127.0.0.3')]) {
      other.socket.resume();
      assert.ok(await other.has('too large\n'));
    }
  });
});
