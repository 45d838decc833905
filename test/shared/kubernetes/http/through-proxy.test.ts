import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Connection } from '../../../../shared/kubernetes/http/connection.ts';
import { parseProxy } from '../../../../shared/kubernetes/http/proxy.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { HttpProxy, SocksProxy } from '../../../support/proxy-server.ts';

const authority = await Authority.make();
const alice = authority.client('alice');
const server = new ObservingServer(authority, authority.server(['api.example.test'], false));
const plain = new ObservingServer();
const proxy = new HttpProxy(() => server.port);
const relay = new HttpProxy(() => plain.port);
const secured = new HttpProxy(() => server.port, authority.server(['localhost']));
const socks = new SocksProxy(() => server.port);
const plainSocks = new SocksProxy(() => plain.port);
/** Accepts connections and never sends anything. */
const silent = createServer();
const all = [server, plain, proxy, relay, secured, socks, plainSocks];
const transports: Transport[] = [];

before(async () => {
  await Promise.all(all.map((each) => each.start()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const transport of transports.splice(0)) transport.close();
  for (const each of all) each.seen.length = 0;
  proxy.refusal = undefined;
  socks.answer = 0;
  socks.login = undefined;
});
after(() => {
  for (const each of all) each.stop();
  silent.close();
});

/** Sends a request to a name that only the proxy can resolve. */
function through(
  url: string,
  options: Partial<Connection> = {},
  to = 'https://api.example.test:6443',
): Transport {
  const tls = { ca: authority.certificate, cert: alice.certificate, key: alice.key };
  const transport = new Transport({
    server: to,
    namespace: undefined,
    proxy: parseProxy(url, 'proxy-url'),
    access: () => Promise.resolve({ tls, headers: { authorization: 'Bearer canary' } }),
    ...options,
  });
  transports.push(transport);
  return transport;
}

async function get(transport: Transport): Promise<string> {
  return (await transport.request({ method: 'GET', path: '/probe' })).body.toString();
}

suite('through a proxy', () => {
  test('TLS ends at the server, with its name, its CA and the client certificate', async () => {
    assert.equal(await get(through(`http://ann:p%40ss@127.0.0.1:${proxy.port}`)), '{}');
    const login = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
    assert.deepEqual(proxy.seen, [{ line: 'CONNECT api.example.test:6443', login }]);
    const [seen] = server.seen;
    assert.deepEqual(
      [seen?.line, seen?.authorization, seen?.certificate, seen?.sni],
      ['GET /probe', 'Bearer canary', 'alice', 'api.example.test'],
    );
  });

  test('one tunnel serves many requests', async () => {
    const transport = through(`http://127.0.0.1:${proxy.port}`);
    for (let i = 0; i < 3; i++) await get(transport);
    assert.deepEqual([proxy.seen.length, server.seen.length], [1, 3]);
  });

  test('an https proxy is reached by TLS and does not see the client certificate', async () => {
    assert.equal(await get(through(`https://localhost:${secured.port}`)), '{}');
    assert.deepEqual(secured.seen, [{ line: 'CONNECT api.example.test:6443', login: undefined }]);
  });

  test('plain http is requested from the proxy itself', async () => {
    const transport = through(`http://ann@127.0.0.1:${relay.port}`, {}, 'http://api.example.test/x');
    assert.equal(await get(transport), '{}');
    const login = `Basic ${Buffer.from('ann:').toString('base64')}`;
    assert.deepEqual(relay.seen, [{ line: 'GET http://api.example.test/x/probe', login }]);
    assert.equal(plain.seen[0]?.line, 'GET /x/probe');
  });

  test('SOCKS resolves names at the proxy, for https and http', async () => {
    assert.equal(await get(through(`socks5://127.0.0.1:${socks.port}`)), '{}');
    assert.deepEqual(socks.seen, [{ line: 'api.example.test:6443', login: undefined }]);
    assert.equal(server.seen[0]?.sni, 'api.example.test');
    const http = through(`socks5://127.0.0.1:${plainSocks.port}`, {}, 'http://10.1.2.3');
    assert.equal(await get(http), '{}');
    assert.deepEqual(plainSocks.seen, [{ line: '10.1.2.3:80', login: undefined }]);
  });

  test('SOCKS sends a login', async () => {
    socks.login = 'ann:p@ss';
    assert.equal(await get(through(`socks5://ann:p%40ss@127.0.0.1:${socks.port}`)), '{}');
    assert.equal(socks.seen[0]?.login, 'ann:p@ss');
  });
});

suite('a failing proxy is named:', () => {
  const refusals: [string, string, RegExp][] = [
    [
      'a login is wanted',
      '407 Proxy Authentication Required',
      /: authentication required \(407\); put the credentials in the URL/,
    ],
    ['it forbids', '403 Forbidden', /: forbidden \(403\)$/],
    ['it fails', '502 Bad Gateway', /: it cannot reach the server \(502\)$/],
    ['it is a web server', '405 Method Not Allowed', /: it answered 405, which is not what a proxy answers$/],
    [
      'it redirects',
      '302 Found\r\nlocation: http://login.test',
      /: it answered 302, which is not what a proxy answers$/,
    ],
  ];
  for (const [what, status, words] of refusals) {
    test(what, async () => {
      const page = '<html>canary</html>';
      proxy.refusal = `HTTP/1.1 ${status}\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`;
      await refused(`http://canary:canary@127.0.0.1:${proxy.port}`, proxy.port, words);
    });
  }

  test('it answers garbage', async () => {
    proxy.refusal = 'canary\r\n\r\n';
    await refused(`http://127.0.0.1:${proxy.port}`, proxy.port, /: the server does not speak HTTP$/);
  });

  test('it never answers', async () => {
    const { port } = silent.address() as AddressInfo;
    await refused(`http://127.0.0.1:${port}`, undefined, /: timed out$/, { timeout: 300 });
    await refused(`socks5://127.0.0.1:${port}`, undefined, /: timed out$/, { timeout: 300 });
  });

  test('it cannot be reached', () => refused('http://127.0.0.1:1', 1, /: connection refused$/));

  test('it is a proxy of another kind', () =>
    refused(`socks5://127.0.0.1:${proxy.port}`, proxy.port, /: it is not a SOCKS 5 proxy$/));

  test('SOCKS wants a login', async () => {
    socks.login = 'ann:p@ss';
    await refused(
      `socks5://127.0.0.1:${socks.port}`,
      socks.port,
      /: authentication required; put the credentials in the URL/,
    );
    await refused(`socks5://ann:canary@127.0.0.1:${socks.port}`, socks.port, /: authentication failed$/);
  });

  test('SOCKS cannot connect', async () => {
    const replies = [
      'general failure',
      'not allowed by its rules',
      'network unreachable',
      'no route to host',
    ];
    for (const [at, reason] of [...replies, 'connection refused', 'timed out'].entries()) {
      socks.answer = at + 1;
      const words = new RegExp(`/127\\.0\\.0\\.1:\\d+: ${reason}$`);
      await refused(`socks5://127.0.0.1:${socks.port}`, socks.port, words);
    }
  });

  async function refused(
    url: string,
    port: number | undefined,
    words: RegExp,
    options: Partial<Connection> = {},
  ): Promise<void> {
    await assert.rejects(get(through(url, options)), (error: Error) => {
      assert.match(error.message, /^cannot reach https:\/\/api\.example\.test:6443: /);
      if (port !== undefined)
        assert.match(error.message, new RegExp(`the proxy [a-z0-9]+://127\\.0\\.0\\.1:${port}: `));
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /canary|\n/);
      return true;
    });
    assert.deepEqual(server.seen, []);
  }
});
