import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { leaks } from '../support/leaks.ts';
import { keyPem } from '../support/vectors.ts';
import { offlinePageFor } from './offline-page.ts';
import { SealingPage } from './sealing-page.ts';
import { servedSite } from './served-page.ts';
import { TestBrowser } from './test-browser.ts';
import { certificatePem } from '../support/vectors.ts';

/** Values do not stay in the page, and go nowhere else. */
const browser = new TestBrowser();
const url = offlinePageFor('c2048');
const SECRET = 'canary-in-the-page-7f3a';
const PASTED = `metadata: {name: db, namespace: prod}\nstringData: {password: ${SECRET}}\n`;

/** All that the page shows, holds in its controls, and has in the address and the title. */
function textOf(page: Page): Promise<string> {
  return page.evaluate<string>(`[
    location.href, document.title, document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input, textarea, select')].map(({ value }) => value),
  ].join('\\n')`);
}

/** All that the page has stored in the browser. */
function storedBy(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => JSON.stringify([
    Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, history.state, window.name,
    globalThis.indexedDB ? await indexedDB.databases() : [],
    globalThis.caches ? await caches.keys() : [],
  ]))()`);
}

async function assertGone(page: Page): Promise<void> {
  const texts = new Map([
    ['the page', await textOf(page)],
    ['storage', await storedBy(page)],
  ]);
  assert.deepEqual(leaks(texts, [SECRET]), []);
}

/** Enters the value in every way that the page has, one after the other; the last one stays on the screen. */
async function enterEverywhere(sealing: SealingPage): Promise<void> {
  await sealing.chooseWay('Fill in');
  await sealing.fillItem(1, 'password', SECRET);
  await sealing.chooseWay('Registry login');
  await sealing.source.getByLabel('Password', { exact: true }).fill(SECRET);
  await sealing.chooseWay('TLS pair');
  await sealing.source.getByLabel('Private key (PEM)', { exact: true }).fill(SECRET);
  await sealing.chooseWay('Paste or drop');
  await sealing.paste(PASTED);
  // A clock that jumps before the worker has answered would end it: its deadline would be over.
  await sealing.source.getByText(/^1 Secret: /).waitFor();
}

suite('a value in the page', () => {
  test('is cleared five minutes after the last touch, with a warning before', async () => {
    const prepare = (page: Page): Promise<void> => page.clock.install();
    await browser.visit(url, { prepare }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await enterEverywhere(sealing);
      await page.clock.runFor('03:59');
      const warning = page.getByText('Your values are cleared in one minute');
      assert.equal(await warning.first().isVisible(), false);
      await page.clock.runFor('00:02');
      await warning.first().waitFor();
      // Any key keeps them.
      await page.keyboard.press('Shift');
      await page.clock.runFor('04:30');
      assert.equal(leaks(new Map([['the page', await textOf(page)]]), [SECRET]).length > 0, true);
      await page.clock.runFor('00:31');
      await sealing.source.getByText('nobody touched the page for five minutes').waitFor();
      assert.match((await sealing.status.textContent()) ?? '', /cleared/);
      await assertGone(page);
    });
  });

  test('is cleared in a page that was hidden, whose timers did not run', async () => {
    const prepare = (page: Page): Promise<void> => page.clock.install();
    await browser.visit(url, { prepare }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await enterEverywhere(sealing);
      await page.clock.setSystemTime(Date.now() + 6 * 60_000);
      await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      await sealing.source.getByText('nobody touched the page for five minutes').waitFor();
      await assertGone(page);
    });
  });

  test('is cleared after sealing, and its worker ends', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await enterEverywhere(sealing);
      const workers = page.workers();
      const gone = Promise.all(workers.slice(1).map((worker) => worker.waitForEvent('close')));
      await sealing.seal();
      await gone;
      await assertGone(page);
    });
  });

  test('stays after sealing if someone asks for that, and goes with "Clear everything"', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await enterEverywhere(sealing);
      await page.getByRole('checkbox', { name: 'Keep the values' }).check();
      await sealing.seal();
      assert.ok((await sealing.pasted.inputValue()).includes(SECRET));
      await page.getByRole('button', { name: 'Clear everything' }).click();
      assert.equal(await sealing.result.isVisible(), false);
      await assertGone(page);
    });
  });

  test('is in no worker any more when someone has deleted it by hand', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.paste(PASTED);
      await sealing.source.getByText(/^1 Secret: /).waitFor();
      const gone = page.workers().at(-1)?.waitForEvent('close');
      assert.ok(gone);
      await sealing.pasted.fill('');
      await gone;
    });
  });

  test('does not come back after "Clear everything" from files that are still being read', async () => {
    const files = Array.from({ length: 60 }, (_, index) => ({ name: `${index}.bin`, content: SECRET }));
    await browser.visit(url, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.drop(...files);
      await sealing.item(1).waitFor();
      await page.evaluate(`document.getElementById('clear').click()`);
      // The files that are left would be read in this time.
      await page.waitForTimeout(2000);
      await assertGone(page);
    });
  });

  test('is not there when one comes back to the page, or loads it again', async () => {
    await browser.visit(url, { files: [url, url, url] }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await enterEverywhere(sealing);
      await page.goto('about:blank');
      await page.goBack();
      await sealing.pasted.waitFor();
      await assertGone(page);
      await enterEverywhere(sealing);
      await page.reload();
      await sealing.pasted.waitFor();
      await assertGone(page);
    });
  });

  test('is masked until someone asks to see it', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.paste(PASTED);
      const masking = (): Promise<string> =>
        page.evaluate(`getComputedStyle(document.querySelector('#paste-field textarea')).webkitTextSecurity`);
      assert.equal(await masking(), 'disc');
      const show = sealing.source.getByRole('button', { name: 'Show: Secret, SealedSecret or file' });
      await show.click();
      assert.equal(await masking(), 'none');
      assert.equal(await show.getAttribute('aria-pressed'), 'true');
    });
  });

  test('is never completed, spelled or translated by the browser', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      const fields = await page.evaluate<Record<string, string | null>[]>(
        `[...document.querySelectorAll('textarea, input[type=password]')].map((field) => ({
          autocomplete: field.getAttribute('autocomplete'), spellcheck: field.getAttribute('spellcheck'),
        }))`,
      );
      assert.ok(fields.length >= 4);
      for (const field of fields) assert.deepEqual(field, { autocomplete: 'off', spellcheck: 'false' });
    });
  });
});

suite('what the page stores', () => {
  test('is the fingerprint of each certificate by the name of its cluster, and nothing else', async () => {
    browser.network.sites.set(
      'localhost',
      servedSite(() => certificatePem('c2048')),
    );
    const requests = ['GET http://localhost/', 'GET http://localhost/v1/cert.pem'];
    await browser.visit('http://localhost/', { requests }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.certificate('localhost').waitFor();
      await enterEverywhere(sealing);
      await sealing.seal();
      const [local, ...others] = JSON.parse(await storedBy(page)) as [[string, string][], ...unknown[]];
      assert.deepEqual(others, [[], '', null, '', [], []]);
      assert.equal(local.length, 1);
      const fingerprint = await sealing.certificates.getByText(/^SHA256:/).textContent();
      assert.deepEqual(JSON.parse(local[0]?.[1] ?? ''), [['localhost', fingerprint]]);
      assert.deepEqual([page.url(), await page.title()], ['http://localhost/', 'Seal a Secret']);
    });
  });
});

suite('a private key that is pasted by mistake', () => {
  for (const [what, text] of [
    ['as PEM', keyPem('c2048')],
    ['in the Secret of a sealing key', keySecret()],
  ] as const) {
    test(`${what}, is refused and not kept`, async () => {
      await browser.visit(url, {}, async ({ page }) => {
        const sealing = new SealingPage(page);
        await sealing.paste(text);
        await sealing.source
          .getByText(/private key|sealing key/)
          .first()
          .waitFor();
        const [line = ''] = keyPem('c2048').split('\n').slice(2);
        const texts = new Map([['the page', await textOf(page)]]);
        assert.deepEqual(leaks(texts, [line, Buffer.from(line).toString('base64').slice(4, 60)]), []);
        assert.equal(await sealing.result.isVisible(), false);
      });
    });
  }
});

test('the worker ends that was given a private key as a certificate', async () => {
  await browser.visit(url, {}, async ({ page }) => {
    const sealing = new SealingPage(page);
    await sealing.certificate('c2048').waitFor();
    const [worker, ...others] = page.workers();
    assert.deepEqual([worker === undefined, others], [false, []]);
    const gone = worker?.waitForEvent('close');
    await sealing.loadCertificates({ name: 'key.pem', content: keyPem('c2048') });
    await gone;
  });
});

function keySecret(): string {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata:
  name: sealed-secrets-key
  namespace: kube-system
  labels: { sealedsecrets.bitnami.com/sealed-secrets-key: active }
type: kubernetes.io/tls
data:
  tls.crt: ${data(certificatePem('c2048'))}
  tls.key: ${data(keyPem('c2048'))}
`;
}
