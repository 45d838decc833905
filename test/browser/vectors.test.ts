import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import { comparable, withoutCiphertexts } from '../support/comparable.ts';
import { CASES, type Case } from '../support/vectors.ts';
import { offlinePageFor } from './offline-page.ts';
import { recover } from './recovery.ts';
import { SealingPage } from './sealing-page.ts';
import { TestBrowser } from './test-browser.ts';

/** What the reference has sealed is sealed in a browser, and opened by kubeseal. */
const browser = new TestBrowser();
const url = offlinePageFor('a4096', 'b4096', 'c2048');
const sources = CASES.flatMap((vector) => (vector.source ? [{ vector, source: vector.source }] : []));

/** The Secret as a person pastes it: the page has no flag for another name. */
function pastedText({ secret, args }: NonNullable<Case['source']>): string {
  const name = flag(args, '--name');
  if (name === undefined) return JSON.stringify(secret);
  return JSON.stringify(secret, (key, value: unknown) => (key === 'name' ? name : value));
}

function scopeOf({ args }: NonNullable<Case['source']>): Scope | undefined {
  return SCOPES.find((scope) => scope === flag(args, '--scope'));
}

function flag(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

suite('Secrets that the reference has sealed, sealed in a browser', () => {
  assert.equal(sources.length, 16);

  for (const { vector, source } of sources) {
    test(vector.name, async () => {
      let sealed = '';
      await browser.visit(url, {}, async ({ page }) => {
        const sealing = new SealingPage(page);
        for (const key of ['a4096', 'b4096', 'c2048']) {
          await sealing.certificate(key).setChecked(key === source.key);
        }
        await sealing.paste(pastedText(source));
        const scope = scopeOf(source);
        if (scope) await sealing.chooseScope(scope);
        await sealing.chooseFormat('JSON');
        [sealed = ''] = await sealing.seal();
      });
      const { encryptedData: items, ...rest } = withoutCiphertexts(JSON.parse(sealed));
      const { encryptedData: wantedItems, ...wanted } = withoutCiphertexts(vector.sealedSecret);
      assert.deepEqual([rest, items.sort()], [wanted, wantedItems.sort()]);
      assert.deepEqual(comparable(await recover(sealed, source.key)), comparable(vector.recovered ?? {}));
    });
  }
});
