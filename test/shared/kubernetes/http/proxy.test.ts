import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { environmentProxy, parseProxy, showProxy } from '../../../../shared/kubernetes/http/proxy.ts';

const PROXY = 'http://proxy.test:3128';

function proxyFor(url: string, environment: NodeJS.ProcessEnv): string | undefined {
  const proxy = environmentProxy(new URL(url), environment);
  return proxy && showProxy(proxy);
}

suite('the proxy of the environment', () => {
  const table: [string, NodeJS.ProcessEnv, string | undefined][] = [
    ['https://api.test', { HTTPS_PROXY: PROXY }, PROXY],
    ['https://api.test', { https_proxy: PROXY }, PROXY],
    ['https://api.test', { HTTPS_PROXY: PROXY, https_proxy: 'http://other.test' }, PROXY],
    ['https://api.test', { HTTPS_PROXY: '', https_proxy: PROXY }, PROXY],
    ['https://api.test', { HTTP_PROXY: PROXY }, undefined],
    ['http://api.test', { HTTP_PROXY: PROXY }, PROXY],
    ['http://api.test', { http_proxy: PROXY }, PROXY],
    ['http://api.test', { HTTPS_PROXY: PROXY }, undefined],
    ['https://api.test', { ALL_PROXY: PROXY }, undefined],
    ['https://api.test', { HTTPS_PROXY: 'proxy.test:3128' }, PROXY],
    ['https://api.test', { HTTPS_PROXY: 'proxy.test' }, 'http://proxy.test:80'],
    ['https://api.test', { HTTPS_PROXY: 'https://ann:p%40ss@proxy.test' }, 'https://proxy.test:443'],
    ['https://api.test', { HTTPS_PROXY: 'socks5://[::1]' }, 'socks5://[::1]:1080'],
    ['https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://LOCALHOST', { HTTPS_PROXY: PROXY }, undefined],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://127.8.9.1', { HTTPS_PROXY: PROXY }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://localhost.test', { HTTPS_PROXY: PROXY }, PROXY],
    ['https://api.test', { HTTPS_PROXY: PROXY, REQUEST_METHOD: 'GET' }, PROXY],
  ];
  for (const [url, environment, expected] of table) {
    test(`for ${url} in ${JSON.stringify(environment)}`, () =>
      assert.equal(proxyFor(url, environment), expected));
  }

  test('is not used for plain http in a CGI program, where a client could have set it', () =>
    assert.throws(() => proxyFor('http://api.test', { HTTP_PROXY: PROXY, REQUEST_METHOD: 'GET' }), {
      message: 'HTTP_PROXY: refused in a CGI program',
    }));

  test('has the login of its URL', () => {
    const { username, password } = parseProxy('http://ann:p%40%zz@proxy.test', 'proxy-url');
    assert.deepEqual([username, password], ['ann', 'p%40%zz']);
  });
});

/** Expectations from golang.org/x/net/http/httpproxy. */
suite('NO_PROXY', () => {
  const table: [string, readonly string[], readonly string[]][] = [
    ['example.com', ['https://example.com', 'https://a.b.example.com:6443'], ['https://notexample.com']],
    ['.example.com', ['https://a.example.com'], ['https://example.com']],
    ['*.example.com', ['https://a.example.com'], ['https://example.com']],
    ['EXAMPLE.com', ['https://example.COM'], []],
    ['example.com:6443', ['https://example.com:6443'], ['https://example.com']],
    ['example.com:443', ['https://example.com', 'https://a.example.com'], ['https://example.com:6443']],
    [
      '10.0.0.0/8',
      ['https://10.1.2.3', 'https://10.255.0.1:6443'],
      ['https://11.0.0.1', 'https://10.example'],
    ],
    ['10.0.0.0/33', [], ['https://10.1.2.3']],
    ['10.1.2.3', ['https://10.1.2.3', 'https://10.1.2.3:6443'], ['https://10.1.2.30']],
    ['10.1.2.3:6443', ['https://10.1.2.3:6443'], ['https://10.1.2.3']],
    ['fd00::/8', ['https://[fd12::1]'], ['https://[fe80::1]']],
    ['fd12::1', ['https://[fd12:0::1]:6443'], ['https://[fd12::2]']],
    ['[fd12::1]:6443', ['https://[fd12::1]:6443'], ['https://[fd12::1]']],
    ['*', ['https://example.com', 'https://10.1.2.3'], []],
    [' a.test , b.test ', ['https://a.test', 'https://b.test'], ['https://c.test']],
    [',,:80,/8,', [], ['https://example.com', 'https://10.1.2.3']],
    ['', [], ['https://example.com']],
  ];
  for (const [noProxy, direct, proxied] of table) {
    test(JSON.stringify(noProxy), () => {
      for (const name of ['NO_PROXY', 'no_proxy']) {
        const environment = { HTTPS_PROXY: PROXY, [name]: noProxy };
        for (const url of direct) assert.equal(proxyFor(url, environment), undefined, url);
        for (const url of proxied) assert.equal(proxyFor(url, environment), PROXY, url);
      }
    });
  }
});

suite('a proxy is refused', () => {
  const table: [string, RegExp][] = [
    [
      'ftp://canary@proxy.test',
      /^SealedSecretsError: proxy-url: unsupported scheme; use http:\/\/, https:\/\/ or socks5:\/\/$/,
    ],
    ['http://', /^SealedSecretsError: proxy-url: not a URL/],
    ['http://canary:canary@', /^SealedSecretsError: proxy-url: not a URL/],
    ['canary', /^SealedSecretsError: proxy-url: not a URL/],
  ];
  for (const [url, words] of table) {
    test(JSON.stringify(url.replaceAll('canary', '…')), () =>
      assert.throws(() => parseProxy(url, 'proxy-url'), words),
    );
  }
});
