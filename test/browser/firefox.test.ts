import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Firefox } from './firefox.ts';
import { offlinePageFor } from './offline-page.ts';
import { recover, textsOf } from './recovery.ts';

/** The offline page in another browser than the one of the other tests. */
const firefox = new Firefox();

/** In the page: waits until an expression has a value. */
const HELPERS = `
  const until = async (look) => {
    for (;;) {
      const found = look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const visible = (selector, text = '') => [...document.querySelectorAll(selector)].find((element) =>
    element.textContent.trim().startsWith(text) && element.checkVisibility());
`;

suite('the offline page in Firefox', () => {
  test('seals without any request, and kubeseal opens it', async () => {
    await firefox.open(offlinePageFor('c2048'));
    const sealed = await firefox.evaluate(`(async () => {
      ${HELPERS}
      await until(() => visible('label', 'c2048'));
      const area = visible('textarea');
      area.value = 'metadata: {name: db, namespace: prod}\\nstringData: {password: hunter2-firefox}\\n';
      area.dispatchEvent(new InputEvent('input', { inputType: 'insertFromPaste', bubbles: true }));
      visible('button', 'Review').click();
      (await until(() => visible('button', 'Seal'))).click();
      return (await until(() => visible('section', 'Result')?.querySelector('textarea'))).value;
    })()`);
    assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2-firefox' });
    assert.deepEqual([firefox.console, firefox.network.requests], [[], []]);
  });

  test('refuses a connection and a script, as in Chromium', async () => {
    const answers = await firefox.evaluate(`(async () => {
      const fetched = await fetch('http://elsewhere.example/?value').then(() => 'sent', () => 'refused');
      const run = await new Promise((resolve) => setTimeout(() => {
        try { resolve(String(eval('"run"'))); } catch { resolve('refused'); }
      }));
      return fetched + ' ' + run;
    })()`);
    assert.equal(answers, 'refused refused');
    assert.deepEqual(firefox.network.requests, []);
    assert.ok(
      firefox.console.every((line) => line.startsWith('Content-Security-Policy: ')),
      firefox.console.join('\n'),
    );
  });
});
