import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { download } from '../../../../shared/kubernetes/http/download.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { HttpProxy } from '../../../support/proxy-server.ts';

const first = new ObservingServer();
const second = new ObservingServer();
const proxy = new HttpProxy(() => first.port);
const LIMITS = { bytes: 1000, time: 10_000 };
const LOGIN = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;

before(() => Promise.all([first, second, proxy].map((each) => each.start())));
after(() => [first, second, proxy].forEach((each) => each.stop()));
beforeEach(() => {
  for (const each of [first, second, proxy]) each.seen.length = 0;
  first.answer = (_, response) => response.end('certificate');
});

function withLogin(url: string): URL {
  return new URL(url.replace('//', '//ann:p%40ss@'));
}

function redirecting(to: () => string): void {
  first.answer = ({ url }, response) => {
    if (url === '/from') response.writeHead(302, { location: to() }).end();
    else response.end('certificate');
  };
}

suite('a download', () => {
  test('keeps its login within one origin', async () => {
    redirecting(() => '/to');
    const { text } = await download(withLogin(`${first.url}/from`), LIMITS, {});
    assert.equal(text, 'certificate');
    assert.deepEqual(
      first.seen.map(({ line, authorization }) => [line, authorization]),
      [
        ['GET /from', LOGIN],
        ['GET /to', LOGIN],
      ],
    );
  });

  test('drops its login for another origin, and takes none from a redirect', async () => {
    redirecting(() => second.url.replace('//', '//eve:canary@'));
    await download(withLogin(`${first.url}/from`), LIMITS, {});
    assert.deepEqual([first.seen[0]?.authorization, second.seen[0]?.authorization], [LOGIN, undefined]);
  });

  test('goes through the proxy of the environment', async () => {
    const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    const { text, plain } = await download(new URL('http://certs.example.test/a?b=c'), LIMITS, environment);
    assert.deepEqual([text, plain], ['certificate', true]);
    assert.deepEqual(proxy.seen, [{ line: 'GET http://certs.example.test/a?b=c', login: undefined }]);
  });

  test('names the proxy that refuses it, and shows no query', async () => {
    proxy.refusal = 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n';
    const environment = { https_proxy: `http://ann:canary@127.0.0.1:${proxy.port}` };
    await assert.rejects(
      download(new URL('https://certs.example.test/a?token=canary'), LIMITS, environment),
      {
        message:
          'cannot fetch certificate: https://certs.example.test/a: ' +
          `the proxy http://127.0.0.1:${proxy.port}: authentication required (407); put the credentials in the URL: http://NAME:PASSWORD@…`,
      },
    );
  });

  test('ends at its time limit, even if data trickles in', async () => {
    first.answer = (_, response) => void response.write('c');
    await assert.rejects(download(new URL(first.url), { bytes: 1000, time: 200 }, {}), / timed out$/);
  });
});
