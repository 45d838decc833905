import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { assertAccessible } from './axe.ts';
import { offlinePageFor } from './offline-page.ts';
import { recover, textsOf } from './recovery.ts';
import { descriptionOf, SealingPage } from './sealing-page.ts';
import { servedSite } from './served-page.ts';
import { TestBrowser } from './test-browser.ts';

/** The page for people who use a keyboard, a screen reader, other colours, large text or a small screen. */
const browser = new TestBrowser();
const url = offlinePageFor('c2048', 'expired');
const SECRETS = ['a', 'b']
  .map((name) => `kind: Secret\nmetadata: {name: ${name}}\nstringData: {password: hunter2, port: "80"}\n`)
  .join('---\n');

/** Goes through the page, and stops at each state of it. */
async function everyStep(page: Page, look: (where: string) => Promise<void>): Promise<void> {
  const sealing = new SealingPage(page);
  await sealing.certificate('c2048').waitFor();
  await look('at the start');
  for (const way of ['Fill in', 'Registry login', 'TLS pair'] as const) {
    await sealing.chooseWay(way);
    await look(way);
    await sealing.review();
    await look(`errors: ${way}`);
  }
  await sealing.chooseWay('Paste or drop');
  await sealing.paste(SECRETS);
  await sealing.namespaces.fill('test prod');
  await sealing.chooseScope('cluster-wide');
  await sealing.review();
  await look('the review, with a warning');
  const [sealed = ''] = await sealing.seal();
  await look('the result');
  await sealing.paste(sealed);
  await sealing.change('password', 'Replace');
  await look('a SealedSecret');
}

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['in light colours', { colorScheme: 'light' }],
  ['in dark colours', { colorScheme: 'dark' }],
  ['on a screen of 320 pixels', { viewport: { width: 320, height: 640 } }],
  ['in forced colours', { forcedColors: 'active' }],
];

suite('axe-core finds nothing in the page', () => {
  for (const [name, options] of LOOKS) {
    test(name, async () => {
      await browser.visit(url, options, async ({ page }) => {
        await everyStep(page, (where) => assertAccessible(page, `${name}, ${where}`));
      });
    });
  }

  test('over plain http', async () => {
    browser.network.sites.set(
      'seal.example',
      servedSite(() => undefined),
    );
    const requests = ['GET http://seal.example/'];
    const console = /Cross-Origin-Opener-Policy header has been ignored/;
    await browser.visit('http://seal.example/', { requests, console }, async ({ page }) => {
      await assertAccessible(page, 'the page that cannot encrypt');
    });
  });
});

suite('the page needs no scrolling to the side', () => {
  const cases: readonly (readonly [string, BrowserContextOptions, string])[] = [
    ['on a screen of 320 pixels', { viewport: { width: 320, height: 640 } }, '100%'],
    ['with text at 200 %', { viewport: { width: 1280, height: 800 } }, '200%'],
    ['with text at 200 % on a small screen', { viewport: { width: 640, height: 800 } }, '200%'],
  ];
  for (const [name, options, fontSize] of cases) {
    test(name, async () => {
      await browser.visit(url, options, async ({ page }) => {
        await page.evaluate(`void (document.documentElement.style.fontSize = '${fontSize}')`);
        await everyStep(page, async (where) => {
          const wider = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          assert.ok(wider <= 0, `${where}: ${wider} pixels too wide`);
        });
      });
    });
  }
});

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const { activeElement: element } = document;
    const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
    return label.trim().replaceAll(/\\s+/g, ' ');
  })()`);
}

/** More controls than the page has. */
const MAX_TABS = 60;

/** Presses Tab until a control has the focus. Returns the names of the controls on the way. */
async function tabTo(page: Page, name: RegExp): Promise<readonly string[]> {
  const way: string[] = [];
  for (let count = 0; count < MAX_TABS; count += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (name.test(now)) return way;
    way.push(now);
  }
  throw new Error(`no ${name.source} after ${way.join(', ')}`);
}

suite('the page with a keyboard alone', () => {
  test('seals a form from the first control to the result', async () => {
    await browser.visit(offlinePageFor('c2048'), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.certificate('c2048').waitFor();
      await tabTo(page, /^Paste or drop$/);
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(page), 'Fill in');
      await tabTo(page, /^Name of the Secret$/);
      await page.keyboard.type('db');
      await tabTo(page, /^Item$/);
      await page.keyboard.type('password');
      await tabTo(page, /^Value$/);
      await page.keyboard.type('hunter2');
      await tabTo(page, /^Namespaces$/);
      await page.keyboard.type('prod');
      await tabTo(page, /^Review$/);
      await page.keyboard.press('Enter');
      // The answer takes the focus, so that a screen reader reads it, and Tab goes on from there.
      await page.getByRole('heading', { name: 'This will be sealed' }).waitFor();
      assert.equal(await focused(page), 'This will be sealed');
      await tabTo(page, /^Seal$/);
      await page.keyboard.press('Space');
      await sealing.result.waitFor();
      assert.equal(await focused(page), 'Result');
      const [sealed = ''] = await sealing.results();
      assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2' });
      assert.match((await sealing.status.textContent()) ?? '', /Sealed/);
      await tabTo(page, /^Copy/);
      await page.keyboard.press('Shift+Tab');
    });
  });

  test('leads from an error to the control that it is about', async () => {
    await browser.visit(offlinePageFor('c2048'), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('Not A Name');
      await sealing.fillItem(1, 'password', 'hunter2');
      await sealing.namespaces.fill('prod');
      await sealing.review();
      await sealing.problems.getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      assert.equal(await focused(page), 'Name of the Secret');
      assert.equal(await sealing.name.getAttribute('aria-invalid'), 'true');
      assert.match(await descriptionOf(sealing.name), /name/);
      assert.ok(!page.url().includes('#'));
    });
  });

  test('shows where the focus is', async () => {
    await browser.visit(offlinePageFor('c2048'), {}, async ({ page }) => {
      await new SealingPage(page).certificate('c2048').waitFor();
      for (let count = 0; count < 12; count += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate<string>(`(() => {
          const visible = (element) => {
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
            return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
          };
          const { activeElement: element } = document;
          return visible(element) || visible(element.parentElement) ? 'visible' : element.outerHTML;
        })()`);
        assert.equal(outline, 'visible');
      }
    });
  });
});
