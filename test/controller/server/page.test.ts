import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { fillPage } from '../../../shared/web-page/fill.ts';
import { pageHeaders } from '../../../shared/web-page/headers.ts';
import { readTemplate } from '../../../shared/web-page/template.ts';
import type { Told } from '../../support/ask.ts';
import { certificatePem } from '../../support/vectors.ts';
import { TestServer, type TestServerOptions } from './test-server.ts';

const [FIRST, SECOND] = [certificatePem('c2048'), certificatePem('a4096')];
const CERTIFICATE = parseCertificate(FIRST, 'c2048');
const PATHS = ['/', '/seal.html'] as const;
let server: TestServer | undefined;

afterEach(() => server?.close());

async function started(options: TestServerOptions = {}): Promise<TestServer> {
  return (server = await TestServer.start({ webUi: true, certificate: CERTIFICATE, ...options }));
}

function offline(name: string, pem: string): string {
  return fillPage(readTemplate(), { mode: 'offline', certificates: [{ name, pem }] });
}

suite('the page of the controller', () => {
  test('is not there unless it is switched on', async () => {
    const running = await started({ webUi: false });
    for (const path of PATHS) {
      const { status, body } = await running.ask('GET', path);
      assert.deepEqual([status, body], [404, 'not found\n']);
    }
  });

  test('is served at /, without a certificate, for HEAD as well', async () => {
    const running = await started();
    const page = fillPage(readTemplate(), { mode: 'served', certificates: [] });
    const { status, headers, body } = await running.ask('GET', '/?x=<script>');
    assert.deepEqual([status, body], [200, page]);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['content-disposition'], undefined);
    const head = await running.ask('HEAD', '/');
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(page)));
    assert.equal((await running.ask('POST', '/')).status, 405);
  });

  test('is a file to keep at /seal.html, with the certificate that seals now', async () => {
    const running = await started();
    const host = { host: 'seal.example.com:8443' };
    const { status, headers, body } = await running.ask('GET', '/seal.html', { headers: host });
    assert.deepEqual([status, body], [200, offline('seal.example.com:8443', FIRST)]);
    assert.equal(headers['content-disposition'], 'attachment; filename="seal.html"');
    running.state.certificate = parseCertificate(SECOND, 'a4096');
    const renewed = await running.ask('GET', '/seal.html', { headers: host });
    assert.equal(renewed.body, offline('seal.example.com:8443', SECOND));
  });

  for (const host of ['10.0.0.7:8080', '[::1]:8080', 'localhost']) {
    test(`calls its cluster as the browser calls the controller: ${host}`, async () => {
      const running = await started();
      const { body } = await running.ask('GET', '/seal.html', { headers: { host } });
      assert.equal(body, offline(host, FIRST));
    });
  }

  for (const host of ['<script>', 'a b', 'a:b', '[::1', 'a:123456', 'a"b', 'a'.repeat(254)]) {
    test(`takes no name for its cluster from the host ${JSON.stringify(host)}`, async () => {
      const running = await started();
      const { body } = await running.ask('GET', '/seal.html', { headers: { host } });
      assert.equal(body, offline('cluster', FIRST));
    });
  }

  test('has headers that keep it to itself, and that agree with its own policy', async () => {
    const running = await started();
    for (const [path, connections] of [
      ['/', "'self'"],
      ['/seal.html', "'none'"],
    ] as const) {
      const { headers, body } = await running.ask('GET', path);
      for (const [name, value] of Object.entries(pageHeaders(body))) assert.equal(headers[name], value, name);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; /);
      assert.ok(
        policy.includes(`connect-src ${connections};`) && policy.endsWith("; frame-ancestors 'none'"),
      );
      assert.deepEqual(
        [headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']],
        ['nosniff', 'DENY', 'no-referrer'],
      );
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.match(headers['permissions-policy']?.toString() ?? '', /\bcamera=\(\)/);
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.equal(headers['set-cookie'], undefined);
    }
  });

  test('says in one line that there is no sealing key yet', async () => {
    const running = await started();
    running.state.certificate = undefined;
    for (const path of PATHS) {
      const { status, headers, body } = await running.ask('GET', path);
      assert.deepEqual([status, body], [503, 'there is no sealing key yet\n']);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    }
  });

  test('is limited to the rate of verification, for each client', async () => {
    const running = await started({ rateLimit: 1 });
    const as = { headers: { 'x-forwarded-for': '192.0.2.1' } };
    for (const path of PATHS) {
      const ask = (): Promise<Told> => running.ask('GET', path, as);
      const [first, second, third] = [await ask(), await ask(), await ask()];
      assert.deepEqual([first.status, second.status, third.status], [200, 200, 429]);
      assert.equal(third.body, 'limit exceeded\n');
      assert.ok(Number(third.headers['retry-after']) >= 1);
      const other = await running.ask('GET', path, { headers: { 'x-forwarded-for': '192.0.2.2' } });
      assert.deepEqual([other.status, other.headers['x-ratelimit-remaining']], [200, '1']);
    }
    // The page does not use up what its own request for the certificate needs.
    assert.equal((await running.ask('GET', '/v1/cert.pem', as)).status, 200);
  });

  test('is counted by path', async () => {
    const seen: string[] = [];
    const running = await started({ observe: ({ path, code }) => seen.push(`${path} ${code}`) });
    await running.ask('GET', '/');
    await running.ask('GET', '/seal.html?a');
    await running.ask('GET', '/other.html');
    assert.deepEqual(seen, ['/ 200', '/seal.html 200']);
  });
});
