import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { boundAddress, closeServer, serve } from '../../../controller/http/server.ts';
import { systemClock } from '../../../shared/clock.ts';
import { parseCertificate, type Certificate } from '../../../shared/crypto/certificate.ts';
import { certificatePem } from '../../support/vectors.ts';

let certificate: Certificate | undefined;
let server: Server;

beforeEach(async () => {
  certificate = undefined;
  server = await serve({ host: '127.0.0.1', port: 0 }, { certificate: () => certificate });
});
afterEach(() => (server.listening ? closeServer(server, systemClock) : undefined));

async function ask(
  method: string,
  path: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    sent.on('error', reject).end();
  });
}

suite('the HTTP server', () => {
  test('is healthy before there is a key, and has no certificate', async () => {
    const health = await ask('GET', '/healthz');
    assert.deepEqual([health.status, health.body], [200, 'ok\n']);
    assert.equal((await ask('GET', '/v1/cert.pem')).status, 503);
  });

  test('gives the certificate as it stands', async () => {
    certificate = parseCertificate(certificatePem('c2048'), 'c2048');
    const { status, headers, body } = await ask('GET', '/v1/cert.pem?x=y');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/x-pem-file');
    assert.equal(body, certificatePem('c2048'));
    const head = await ask('HEAD', '/v1/cert.pem');
    assert.deepEqual(
      [head.status, head.body, head.headers['content-length']],
      [200, '', String(body.length)],
    );
  });

  test('knows no other path and no other method', async () => {
    for (const path of ['/', '/v1', '/v1/cert.pem/', '/__proto__', '/constructor', '//healthz']) {
      assert.equal((await ask('GET', path)).status, 404, path);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(method, '/v1/cert.pem');
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
  });

  test('says where it listens, and that an address is taken', async () => {
    assert.match(boundAddress(server), /^127\.0\.0\.1:\d+$/);
    const { port } = server.address() as AddressInfo;
    await assert.rejects(serve({ host: '127.0.0.1', port }, { certificate: () => undefined }), {
      code: 'EADDRINUSE',
    });
  });

  test('closes though a client never ends its request', async () => {
    const { port } = server.address() as AddressInfo;
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('connect', resolve));
    slow.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const cut = new Promise((resolve) => slow.once('close', resolve));
    await closeServer(server, systemClock);
    await cut;
  });
});
