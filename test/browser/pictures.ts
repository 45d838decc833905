/**
 * Takes the pictures in docs/web: `npm run pictures:web`. Chromium shows the offline page, with a certificate of the
 * vectors, and a person fills it in as the tests do.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Locator, type Page } from 'playwright-core';
import { PACKAGE } from '../../build/package.ts';
import { certificatePem } from '../support/vectors.ts';
import { pageWith } from './offline-page.ts';
import { programOnPath } from './programs.ts';
import { SealingPage } from './sealing-page.ts';
import { ARGUMENTS } from './test-browser.ts';

const FOLDER = join(PACKAGE, 'docs', 'web');
/** Narrow enough to be read in a document, and high enough to scroll nowhere. */
const VIEWPORT = { width: 720, height: 3000 };

/** Fills in the form as far as the review. */
async function fillIn(sealing: SealingPage): Promise<void> {
  await sealing.certificate('prod').waitFor();
  await sealing.chooseWay('Fill in');
  await sealing.name.fill('db');
  await sealing.fillItem(1, 'password', 'correct horse battery staple');
  await sealing.namespaces.fill('shop, shop-test');
  await sealing.review();
}

/** Takes a picture of the page between two elements. */
async function take(page: Page, name: string, [first, last]: readonly [Locator, Locator]): Promise<void> {
  await page.evaluate('document.activeElement?.blur()');
  const [top, bottom] = [await first.boundingBox(), await last.boundingBox()];
  if (!top || !bottom) throw new Error(`nothing to see for ${name}`);
  const clip = {
    x: 0,
    y: top.y - MARGIN,
    width: VIEWPORT.width,
    height: bottom.y + bottom.height - top.y + 2 * MARGIN,
  };
  writeFileSync(join(FOLDER, name), await page.screenshot({ clip, animations: 'disabled' }));
  console.error(`wrote docs/web/${name}`);
}

/** What a picture shows around its elements, in pixels. */
const MARGIN = 12;

const browser = await chromium.launch({ executablePath: programOnPath('chromium'), args: ARGUMENTS });
const folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-pictures-'));
try {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(folder, 'seal.html');
  writeFileSync(file, pageWith([{ name: 'prod', pem: certificatePem('a4096') }]));
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: VIEWPORT });
    await page.goto(pathToFileURL(file).href);
    const sealing = new SealingPage(page);
    await fillIn(sealing);
    if (colorScheme === 'light') await take(page, 'fill-in.png', [sealing.certificates, sealing.source]);
    else await take(page, 'review.png', [sealing.reviewing, sealing.reviewing]);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
