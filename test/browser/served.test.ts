import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { recover, textsOf } from './recovery.ts';
import { SealingPage } from './sealing-page.ts';
import { servedSite } from './served-page.ts';
import { TestBrowser } from './test-browser.ts';

const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2-served}\n';
/** Where the API server's proxy shows the page of the controller. */
const PROXIED = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/';

const folder = temporaryFolder();
const browser = new TestBrowser();
let certificate: string | undefined;

before(() => {
  const site = servedSite(() => certificate);
  // localhost is a secure context as https is, and any other host over plain http is not.
  browser.network.sites.set('localhost', site).set('seal.example', site);
});

suite('the page of a controller', () => {
  for (const path of ['/', PROXIED]) {
    test(`fetches the certificate from below ${path}, and nothing else`, async () => {
      certificate = certificatePem('c2048');
      const requests = [`GET http://localhost${path}`, `GET http://localhost${path}v1/cert.pem`];
      await browser.visit(`http://localhost${path}`, { requests }, async ({ page }) => {
        const sealing = new SealingPage(page);
        await sealing.certificate('localhost').waitFor();
        await sealing.paste(SECRET);
        const [sealed = ''] = await sealing.seal();
        assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2-served' });
      });
    });
  }

  test('says that there is no certificate yet, and fetches it again when asked', async () => {
    certificate = undefined;
    const requests = ['GET http://localhost/', ...Array<string>(2).fill('GET http://localhost/v1/cert.pem')];
    // The browser writes an answer that is no success to the console.
    await browser.visit('http://localhost/', { requests, console: /status of 503/ }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.certificates.getByText('The controller answers 503').waitFor();
      certificate = certificatePem('c2048');
      await page.getByRole('button', { name: 'Fetch the certificate again' }).click();
      await sealing.certificate('localhost').waitFor();
      assert.equal(await sealing.certificates.getByText('The controller answers 503').isVisible(), false);
    });
  });

  test('points out a certificate that has changed, and seals with it only after it was confirmed', async () => {
    certificate = certificatePem('a4096');
    const requests = Array(3)
      .fill(['GET http://localhost/', 'GET http://localhost/v1/cert.pem'])
      .flat() as string[];
    await browser.visit('http://localhost/', { requests }, async ({ page }) => {
      const sealing = new SealingPage(page);
      const seen = sealing.certificates.getByText('for the first time');
      await seen.waitFor();
      const before = await sealing.certificates.getByText(/^SHA256:/).textContent();
      certificate = certificatePem('b4096');
      await page.reload();
      const notice = sealing.certificates.getByRole('group', { name: /has changed/ });
      await notice.waitFor();
      const shown = await notice.getByText(/^SHA256:/).allTextContents();
      assert.equal(shown[0], before);
      assert.notEqual(shown[1], before);
      assert.equal(await sealing.certificate('localhost').isDisabled(), true);
      await sealing.paste(SECRET);
      await sealing.review();
      assert.match((await sealing.problems.textContent()) ?? '', /certificate/);
      await notice.getByRole('button', { name: 'The new fingerprint is right' }).click();
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, 'b4096')), { password: 'hunter2-served' });
      await page.reload();
      await sealing.certificates.getByText('The same certificate as last time').waitFor();
    });
  });

  test('is offered as a file, which seals without any connection', async () => {
    certificate = certificatePem('c2048');
    let file = '';
    const requests = ['/', '/v1/cert.pem', '/seal.html'].map((path) => `GET http://localhost${path}`);
    await browser.visit('http://localhost/', { requests }, async ({ page }) => {
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download this page as a file' }).click();
      file = `${folder.path}/seal.html`;
      await (await download).saveAs(file);
    });
    await browser.visit(pathToFileURL(file).href, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.paste(SECRET);
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2-served' });
    });
  });
});

suite('the page in a browser without DecompressionStream', () => {
  test('says that the browser is too old, and asks for nothing', async () => {
    const prepare = (page: Page): Promise<void> =>
      page.addInitScript('delete globalThis.DecompressionStream').then(() => undefined);
    await browser.visit(
      'http://localhost/',
      { requests: ['GET http://localhost/'], prepare },
      async ({ page }) => {
        await page.getByRole('heading', { name: 'This browser is too old' }).waitFor();
        assert.equal(await page.getByRole('textbox').count(), 0);
      },
    );
  });
});

suite('the page over plain http', () => {
  test('says that it cannot encrypt, asks for nothing, and offers the file', async () => {
    certificate = certificatePem('c2048');
    const requests = ['GET http://seal.example/', 'GET http://seal.example/seal.html'];
    const console = /Cross-Origin-Opener-Policy header has been ignored/;
    await browser.visit('http://seal.example/', { requests, console }, async ({ page }) => {
      await page.getByRole('heading', { name: 'This page cannot encrypt here' }).waitFor();
      for (const role of ['textbox', 'checkbox', 'radio', 'button'] as const) {
        assert.equal(await page.getByRole(role).count(), 0, role);
      }
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download seal.html' }).click();
      assert.equal((await download).suggestedFilename(), 'seal.html');
    });
  });

  test('without JavaScript, says what it needs', async () => {
    const requests = ['GET http://localhost/'];
    await browser.visit('http://localhost/', { requests, javaScriptEnabled: false }, async ({ page }) => {
      // Playwright finds no text in a noscript element.
      assert.match(await page.locator('noscript').innerText(), /needs JavaScript/);
      assert.equal(await page.getByRole('textbox').count(), 0);
    });
  });
});
