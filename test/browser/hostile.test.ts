import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificateOf, DAY, rsa } from '../support/keys.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { EC_CERTIFICATE } from '../support/ec-certificate.ts';
import { offlinePage, offlinePageFor } from './offline-page.ts';
import { itemsOf, recover, textsOf } from './recovery.ts';
import { descriptionOf, SealingPage } from './sealing-page.ts';
import { TestBrowser } from './test-browser.ts';

/** Input that is meant to break the page, or that is wrong by mistake. */
const browser = new TestBrowser();
const url = offlinePageFor('c2048');
const MARKUP = '<img src=x onerror="document.title=1">';

function onPage(run: (sealing: SealingPage) => Promise<void>, from = url): Promise<void> {
  return browser.visit(from, {}, ({ page }) => run(new SealingPage(page)));
}

suite('a name with markup is text', () => {
  test('in a form', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Fill in');
      await sealing.name.fill(MARKUP);
      await sealing.fillItem(1, MARKUP, 'x');
      await sealing.namespaces.fill('prod');
      await sealing.review();
      await assertShownAsText(sealing);
    });
  });

  test('in a Secret', async () => {
    await onPage(async (sealing) => {
      const name = JSON.stringify(MARKUP);
      await sealing.paste(`metadata: {name: ${name}, namespace: ${name}}\nstringData: {${name}: x}\n`);
      await sealing.review();
      await assertShownAsText(sealing);
    });
  });

  test('of a file', async () => {
    await onPage(async (sealing) => {
      await sealing.drop({ name: MARKUP, content: Buffer.from([0, 1, 2]) });
      await sealing.item(1).waitFor();
      assert.equal(await sealing.item(1).getByLabel('Item', { exact: true }).inputValue(), MARKUP);
      await assertShownAsText(sealing);
    });
  });

  test('of a cluster, also where it would end the data in the page', async () => {
    const name = `</script>${MARKUP}`;
    await onPage(
      async (sealing) => {
        await sealing.certificate(name).waitFor();
        await assertShownAsText(sealing);
      },
      offlinePage([{ name, pem: certificatePem('c2048') }]),
    );
  });
});

async function assertShownAsText({ page }: SealingPage): Promise<void> {
  assert.equal(await page.evaluate(`document.querySelectorAll('img').length`), 0);
  assert.equal(await page.title(), 'Seal a Secret');
}

suite('a file that would take very long or much memory', () => {
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 9 }, (_, index) => {
      const alias = `*a${index}`;
      return `a${index + 1}: &a${index + 1} [${Array(10).fill(alias).join(', ')}]`;
    }),
    'kind: Secret',
  ].join('\n');
  const cases: readonly (readonly [string, string])[] = [
    ['aliases that multiply', bomb],
    ['100,000 levels', `kind: Secret\nmetadata: ${'['.repeat(100_000)}`],
    ['100,000 levels in JSON', `{"kind":"Secret","data":${'{"a":'.repeat(100_000)}`],
  ];
  for (const [what, text] of cases) {
    test(`with ${what} is refused, and the page goes on`, async () => {
      await onPage(async (sealing) => {
        await sealing.drop({ name: 'secret.yaml', content: text });
        await sealing.review();
        assert.equal(await sealing.problems.isVisible(), true);
        await sealing.page.getByRole('button', { name: 'Clear everything' }).click();
        await sealing.paste('metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n');
        const [sealed = ''] = await sealing.seal();
        assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2' });
      });
    });
  }

  test('of 10 MB leaves the page responsive while the worker reads it', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => `  item-${index}: "${'x'.repeat(10_000)}"`);
    const content = `kind: Secret\nmetadata: {name: db, namespace: prod}\nstringData:\n${items.join('\n')}\n`;
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'large.yaml', content });
      // The page answers while the worker has not.
      await sealing.page.getByRole('button', { name: 'Clear everything' }).click();
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('db');
      await sealing.fillItem(1, 'password', 'hunter2');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2' });
    });
  });

  test('of more than the page takes is refused with the limit', async () => {
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'large.bin', content: Buffer.alloc(17 * 1024 * 1024) });
      await sealing.source
        .getByText(/16 MiB|16,777,216|16777216/)
        .first()
        .waitFor();
    });
  });
});

suite('a value', () => {
  test('that is a file of more than the page takes is refused, and not cut', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Fill in');
      await sealing.fillItem(1, 'large', { name: 'large.bin', content: Buffer.alloc(17 * 1024 * 1024) });
      await sealing.item(1).getByText('The file large.bin is larger than 16 MiB.').waitFor();
      assert.equal(await sealing.item(1).getByLabel('Value', { exact: true }).isVisible(), true);
    });
  });
});

suite('the page refuses, in words of kubeseal, a certificate', () => {
  const cases: readonly (readonly [string, string | Promise<string>, RegExp])[] = [
    ['that has expired', certificatePem('expired'), /expired certificate/],
    ['of an EC key', EC_CERTIFICATE, /not RSA/],
    ['of 1024 bits', certificateOf(rsa(1024)), /1024 bits: at least 2048 are needed/],
    [
      'that is not valid yet',
      certificateOf(rsa(), { notBefore: new Date(Date.now() + DAY) }),
      /not valid before/,
    ],
    ['that is a private key', keyPem('c2048'), /private key/],
    ['that is none', MARKUP, /no PEM certificate/],
  ];
  for (const [what, pem, words] of cases) {
    test(what, async () => {
      const content = await pem;
      await onPage(async (sealing) => {
        await sealing.loadCertificates({ name: 'cert.pem', content });
        await sealing.certificates.getByText(words).first().waitFor();
        await assertNotSelected(sealing, 'cert');
      });
      await onPage(
        async (sealing) => {
          await sealing.certificates.getByText(words).first().waitFor();
          await assertNotSelected(sealing, 'inside');
        },
        offlinePage([{ name: 'inside', pem: content }]),
      );
    });
  }

  test('and seals nothing without one', async () => {
    await onPage(async (sealing) => {
      await sealing.paste('metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n');
      await sealing.review();
      assert.match((await sealing.problems.textContent()) ?? '', /certificate/);
      assert.equal(await sealing.page.getByRole('button', { name: 'Seal', exact: true }).count(), 0);
    }, offlinePage([]));
  });
});

async function assertNotSelected(sealing: SealingPage, name: string): Promise<void> {
  const checkbox = sealing.certificate(name);
  if ((await checkbox.count()) === 0) return;
  assert.deepEqual([await checkbox.isChecked(), await checkbox.isDisabled()], [false, true]);
}

suite('odd bytes', () => {
  test('of UTF-16 and of no encoding at all are sealed as they are, as one item', async () => {
    for (const content of [
      Buffer.from('\uFEFFPASSWORD=x', 'utf16le'),
      Buffer.from([0xff, 0xfe, 0xfd, 0x00, 0x80]),
    ]) {
      await onPage(async (sealing) => {
        await sealing.chooseWay('Fill in');
        await sealing.name.fill('odd');
        await sealing.fillItem(1, 'odd', { name: 'odd', content });
        await sealing.namespaces.fill('prod');
        const [sealed = ''] = await sealing.seal();
        assert.deepEqual(itemsOf(await recover(sealed, 'c2048')), { odd: content });
      });
    }
  });

  test('in a name of an item are refused beside the name', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('db');
      await sealing.fillItem(1, '__proto__\u202E/..', 'x');
      await sealing.namespaces.fill('prod');
      await sealing.review();
      const name = sealing.item(1).getByLabel('Item', { exact: true });
      assert.equal(await name.getAttribute('aria-invalid'), 'true');
      const words = /no item of a Secret can have the name "__proto__\\u\{202e\}\/\.\."/;
      assert.match(await descriptionOf(name), words);
      assert.match((await sealing.problems.textContent()) ?? '', words);
    });
  });
});
