import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { extname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { recovered } from '../library/packed/example-shell.ts';
import { installExample } from '../library/packed/packed-package.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { TestBrowser } from './test-browser.ts';

const VALUE = 'a-value-canary';
const SITE = 'http://localhost';
const LIBRARY = `${SITE}/node_modules/sealed-secrets/dist/lib`;
/** What the page loads. It does not explain anything, so it needs no templates. */
const LOADED = [
  `GET ${SITE}/`,
  `GET ${SITE}/seal.js`,
  `GET ${LIBRARY}/browser.js`,
  `GET ${LIBRARY}/browser-sealing.js`,
  `GET ${LIBRARY}/browser-reading.js`,
];
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

const folder = temporaryFolder();
const browser = new TestBrowser();

/** Serves the files of the example. */
const serve: RequestListener = ({ url = '' }, response) => {
  const file = url === '/' ? 'index.html' : url.slice(1);
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? '' });
  response.end(readFileSync(join(folder.path, file)));
};

suite('the page that uses the library', () => {
  before(async () => {
    await installExample(folder.path, 'browser');
    browser.network.sites.set('localhost', serve);
  });

  test('seals a value that the key opens, and sends it nowhere', async () => {
    let ciphertext = '';
    await browser.visit(`${SITE}/`, { requests: LOADED }, async ({ page }) => {
      await page.getByLabel('Certificate').fill(certificatePem('c2048'));
      await page.getByLabel('Namespace').fill('shop');
      await page.getByLabel('Name', { exact: true }).fill('db');
      await page.getByLabel('Value').fill(VALUE);
      await page.getByRole('button', { name: 'Seal' }).click();
      await page.locator('output').filter({ hasText: /^AQ/ }).waitFor();
      ciphertext = await page.locator('output').innerText();
      assert.equal(await page.getByLabel('Value').inputValue(), '');
    });
    const metadata = { name: 'db', namespace: 'shop' };
    const spec = { encryptedData: { password: ciphertext } };
    const sealed = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata, spec };
    const { data } = await recovered(JSON.stringify(sealed), 'c2048');
    assert.deepEqual(data, { password: Buffer.from(VALUE).toString('base64') });
  });

  test('says so where the browser has no WebCrypto', async () => {
    const site = 'http://plain.example';
    browser.network.sites.set('plain.example', serve);
    const requests = LOADED.map((each) => each.replace(SITE, site));
    await browser.visit(`${site}/`, { requests }, async ({ page }) => {
      await page.getByLabel('Certificate').fill(certificatePem('c2048'));
      await page.getByLabel('Namespace').fill('shop');
      await page.getByLabel('Name', { exact: true }).fill('db');
      await page.getByLabel('Value').fill(VALUE);
      await page.getByRole('button', { name: 'Seal' }).click();
      await page.getByText('WebCrypto is missing: a page needs https').waitFor();
    });
  });

  test('says what is wrong', async () => {
    await browser.visit(`${SITE}/`, { requests: LOADED }, async ({ page }) => {
      await page.getByLabel('Certificate').fill(keyPem('c2048'));
      await page.getByLabel('Namespace').fill('shop');
      await page.getByLabel('Name', { exact: true }).fill('db');
      await page.getByLabel('Value').fill(VALUE);
      await page.getByRole('button', { name: 'Seal' }).click();
      await page.getByText('certificate holds a private key, not a certificate').waitFor();
    });
  });
});
