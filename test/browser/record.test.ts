import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { until } from '../control-plane/until.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { TestBrowser, type Visit } from './test-browser.ts';

/** Tries every way out that a page has. What other tests prove of the sealing page is worth as much as this record. */
const LOUD = `
const elsewhere = 'http://elsewhere.example';
fetch(elsewhere + '/fetch').catch(() => {});
navigator.sendBeacon(elsewhere + '/beacon');
new Image().src = elsewhere + '/image';
new WebSocket('ws://elsewhere.example');
document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: elsewhere + '/prefetch' }));
console.warn('a line');
setTimeout(() => { throw new Error('nobody caught this'); });
new Worker(URL.createObjectURL(new Blob(['onmessage = (event) => fetch(event.data).catch(() => {});'])))
  .onerror = () => {};
`;

const folder = temporaryFolder();
const browser = new TestBrowser();

function loudPage(policy: string): string {
  const hash = createHash('sha256').update(LOUD).digest('base64');
  return `<!doctype html><html lang="en"><head><title>Loud</title>
<meta http-equiv="Content-Security-Policy" content="${policy}; script-src 'sha256-${hash}'; worker-src blob:"></head>
<body><script>${LOUD}</script></body></html>`;
}

/** Visits the page until it has tried everything, and returns what the visit fails with. */
async function failureOf(url: string, done: (visit: Visit) => boolean): Promise<Record<string, string[]>> {
  try {
    await browser.visit(url, {}, async (visit) => {
      const worker = visit.page.workers()[0] ?? (await visit.page.waitForEvent('worker'));
      await worker.evaluate(`fetch('http://elsewhere.example/worker').catch(() => {})`);
      await until('the last try', () => done(visit) || undefined);
    });
  } catch (error) {
    if (error instanceof assert.AssertionError) return error.actual as Record<string, string[]>;
    throw error;
  }
  throw new Error('the visit did not fail');
}

suite('a visit to a page that tries to reach others', () => {
  test('fails with every request if the page has no policy against it', async () => {
    browser.network.sites.set('localhost', (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(loudPage("style-src 'none'"));
    });
    const { requests, errors, console } = await failureOf(
      'http://localhost/',
      ({ network }) => network.requests.length === 8,
    );
    assert.deepEqual(requests?.sort(), [
      'CONNECT elsewhere.example:80',
      'GET http://elsewhere.example/fetch',
      'GET http://elsewhere.example/image',
      'GET http://elsewhere.example/prefetch',
      'GET http://elsewhere.example/worker',
      'GET http://localhost/',
      'GET http://localhost/favicon.ico',
      'POST http://elsewhere.example/beacon',
    ]);
    assert.deepEqual(errors, ['nobody caught this']);
    assert.ok(console?.includes('warning: a line'));
  });

  test('fails with every violation if the policy forbids them, and nothing is sent', async () => {
    const { href } = pathToFileURL(folder.write('loud.html', loudPage("default-src 'none'")));
    const { requests, violations, local } = await failureOf(
      href,
      ({ record }) => record.violations.length === 6,
    );
    assert.deepEqual(requests, []);
    assert.deepEqual(local, [href]);
    assert.deepEqual(violations?.sort(), [
      'connect-src http://elsewhere.example/beacon',
      'connect-src http://elsewhere.example/fetch',
      'connect-src http://elsewhere.example/worker',
      'connect-src ws://elsewhere.example/',
      'default-src http://elsewhere.example/prefetch',
      'img-src http://elsewhere.example/image',
    ]);
  });

  test('fails with every file that the page reads', async () => {
    const other = pathToFileURL(folder.write('other.html', 'other')).href;
    const file = folder.write(
      'frame.html',
      `<!doctype html><title>Frame</title><iframe src="${other}"></iframe>`,
    );
    const { href } = pathToFileURL(file);
    await assert.rejects(
      browser.visit(href, {}, () => Promise.resolve()),
      { name: 'AssertionError' },
    );
  });
});
