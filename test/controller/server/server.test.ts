import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { boundAddress, closeServer, serve } from '../../../controller/server/server.ts';
import { line, type Reply } from '../../../controller/server/reply.ts';
import { systemClock } from '../../../shared/clock.ts';
import { parseCertificate } from '../../../shared/crypto/certificate.ts';
import { certificatePem } from '../../support/vectors.ts';
import { ask } from '../../support/ask.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { until } from '../../support/until.ts';
import { Served } from './served.ts';

const CERTIFICATE = parseCertificate(certificatePem('c2048'), 'c2048');
let served: Served;

beforeEach(async () => {
  served = await Served.start();
});
afterEach(() => served.close());

suite('the HTTP server', () => {
  test('is healthy before there is a key, and has no certificate', async () => {
    const health = await served.ask('GET', '/healthz');
    assert.deepEqual([health.status, health.body], [200, 'ok\n']);
    assert.equal((await served.ask('GET', '/v1/cert.pem')).status, 503);
  });

  test('is ready while there is a key to seal with, until it stops', async () => {
    const readiness = async (): Promise<[number, string]> => {
      const { status, body } = await served.ask('GET', '/readyz');
      return [status, body];
    };
    assert.deepEqual(await readiness(), [503, 'there is no sealing key yet\n']);
    served.state.certificate = CERTIFICATE;
    served.state.startingUp = 'sealedsecrets have not been listed yet';
    assert.deepEqual(await readiness(), [503, 'sealedsecrets have not been listed yet\n']);
    served.state.startingUp = undefined;
    assert.deepEqual(await readiness(), [200, 'ok\n']);
    served.state.certificate = undefined;
    assert.deepEqual(await readiness(), [503, 'there is no sealing key yet\n']);
    served.state.certificate = CERTIFICATE;
    served.state.stopping = true;
    assert.deepEqual(await readiness(), [503, 'stopping\n']);
    assert.equal((await served.ask('GET', '/v1/cert.pem')).status, 200);
  });

  test('gives the certificate as it stands', async () => {
    served.state.certificate = CERTIFICATE;
    const { status, headers, body } = await served.ask('GET', '/v1/cert.pem?x=y');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/x-pem-file');
    assert.equal(body, certificatePem('c2048'));
    const head = await served.ask('HEAD', '/v1/cert.pem');
    assert.deepEqual(
      [head.status, head.body, head.headers['content-length']],
      [200, '', String(body.length)],
    );
  });

  test('knows no other path and no other method', async () => {
    for (const path of ['/', '/v1', '/v1/cert.pem/', '/__proto__', '/constructor', '//healthz', '/metrics']) {
      assert.equal((await served.ask('GET', path)).status, 404, path);
    }
    for (const [path, allowed, others] of [
      ['/v1/cert.pem', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'OPTIONS']],
      ['/readyz', 'GET, HEAD', ['POST']],
      ['/v1/verify', 'POST', ['GET', 'HEAD', 'PUT']],
      ['/v1/rotate', 'POST', ['GET', 'HEAD', 'PATCH']],
    ] as const) {
      for (const method of others) {
        const { status, headers } = await served.ask(method, path);
        assert.deepEqual([status, headers.allow], [405, allowed], `${method} ${path}`);
      }
    }
  });

  test('says where it listens, and that an address is taken', async () => {
    const address = boundAddress(served.server);
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    const taken = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
    const never = (): Promise<ReturnType<typeof line>> => Promise.resolve(line(200, ''));
    await assert.rejects(serve(taken, never, { readTimeout: 0, writeTimeout: 0 }, systemClock), {
      code: 'EADDRINUSE',
    });
  });

  test('closes though a client never ends its request', async () => {
    const slow = connect(Number(boundAddress(served.server).split(':')[1]), '127.0.0.1');
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('connect', resolve));
    slow.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const cut = new Promise((resolve) => slow.once('close', resolve));
    await closeServer(served.server, systemClock);
    await cut;
  });
});

suite('answers that are not read', () => {
  const PAGE = Buffer.alloc(8 * 1024 * 1024, 'x');
  const cut: string[] = [];
  let server: Server;
  let url: string;
  const readers: RawConnection[] = [];

  beforeEach(async () => {
    cut.length = 0;
    const page = (): Promise<Reply> => Promise.resolve({ status: 200, type: 'text/plain', body: PAGE });
    const onCut = (reason: string): void => void cut.push(reason);
    const options = { readTimeout: 0, writeTimeout: 0, onCut };
    server = await serve({ host: '127.0.0.1', port: 0 }, page, options, systemClock);
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

  test('are given up when a peer exceeds its share, the oldest first, and others are served', async () => {
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

  test('are given up after five seconds without progress', async () => {
    const started = systemClock.elapsed();
    neverReads('127.0.0.2');
    await until('it to be cut', () => (cut.length > 0 ? true : undefined));
    assert.deepEqual(cut, ['slow_reader']);
    assert.ok(systemClock.elapsed() - started >= 4_900);
  });
});
