import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import type { Locator, Page } from 'playwright-core';
import { SCOPES } from '../../shared/seal/scope.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { rsa } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { offlinePageFor } from './offline-page.ts';
import { itemsOf, recover, textsOf } from './recovery.ts';
import { SealingPage, type PageFile } from './sealing-page.ts';
import { TestBrowser } from './test-browser.ts';

/** Every way to enter what to seal. What comes out is opened by kubeseal. */
const KEY = 'c2048';
const browser = new TestBrowser();
const folder = temporaryFolder();
const url = offlinePageFor(KEY);

function onPage(run: (sealing: SealingPage) => Promise<void>, from = url): Promise<void> {
  return browser.visit(from, {}, ({ page }) => run(new SealingPage(page)));
}

suite('the page seals a form', () => {
  test('with several items, one of them empty', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('db');
      await sealing.fillItem(1, 'password', 'hunter2 ünïcode\nand a second line');
      await sealing.fillItem(2, 'empty', '');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      const recovered = await recover(sealed, KEY);
      assert.deepEqual([recovered.metadata.name, recovered.metadata.namespace], ['db', 'prod']);
      assert.deepEqual(textsOf(recovered), { password: 'hunter2 ünïcode\nand a second line', empty: '' });
    });
  });

  test('although its certificate is still being read', async () => {
    const slowly = async (page: Page): Promise<void> => {
      await page.addInitScript(`(() => {
        const send = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (...args) {
          setTimeout(() => send.apply(this, args), 1500);
        };
      })()`);
    };
    await browser.visit(url, { prepare: slowly }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('db');
      await sealing.fillItem(1, 'password', 'hunter2');
      await sealing.namespaces.fill('prod');
      assert.equal(await sealing.certificate(KEY).count(), 0);
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { password: 'hunter2' });
    });
  });

  test('only as it was reviewed: a change takes the review back', async () => {
    await onPage(async (sealing) => {
      await sealing.paste('metadata: {name: db}\nstringData: {password: hunter2}\n');
      await sealing.namespaces.fill('prod');
      await sealing.review();
      // In one turn of the page, in which it shows nothing new.
      await sealing.page.evaluate(`(() => {
        const namespaces = document.getElementById('namespaces');
        namespaces.value = 'other';
        namespaces.dispatchEvent(new Event('input', { bubbles: true }));
        document.getElementById('seal').click();
      })()`);
      await sealing.namespaces.fill('prod');
      const [sealed = '', ...others] = await sealing.seal();
      assert.equal((await recover(sealed, KEY)).metadata.namespace, 'prod');
      assert.deepEqual(others, []);
    });
  });

  test('only as it is: a change ends sealing, and stays', async () => {
    const content = Array.from({ length: 9000 }, (_, index) => `K${index}=v`).join('\n');
    await onPage(async (sealing) => {
      await sealing.drop({ name: '.env', content });
      await sealing.item(100).waitFor();
      await sealing.name.fill('db');
      await sealing.namespaces.fill('prod');
      await sealing.review();
      await sealing.page.getByRole('button', { name: 'Seal', exact: true }).click();
      const value = sealing.item(1).getByLabel('Value', { exact: true });
      await value.fill('hunter2-typed');
      await sealing.reviewing.getByText('This was stopped, since the input has changed.').waitFor();
      await sealing.review();
      assert.equal(await value.inputValue(), 'hunter2-typed');
      assert.equal(await sealing.result.isVisible(), false);
    });
  });

  const large = randomBytes(1024 * 1024);
  const files: readonly (readonly [string, Buffer])[] = [
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['line breaks of Windows and a byte order mark', Buffer.from('\uFEFFa\r\nb\r\n')],
    ['1 MiB', large],
    ['nothing', Buffer.alloc(0)],
  ];
  for (const [what, content] of files) {
    test(`with a file that has ${what}, byte for byte`, async () => {
      await onPage(async (sealing) => {
        await sealing.chooseWay('Fill in');
        await sealing.name.fill('files');
        await sealing.fillItem(1, 'blob', { name: 'blob.bin', content });
        await sealing.namespaces.fill('prod');
        await sealing.seal();
        // A text area shows only the beginning of a large result.
        const { text } = await sealing.download();
        assert.deepEqual(itemsOf(await recover(text, KEY)), { blob: content });
      });
    });
  }

  test('for several namespaces and clusters, each with a ciphertext of its own', async () => {
    await onPage(
      async (sealing) => {
        await sealing.chooseWay('Fill in');
        await sealing.name.fill('db');
        await sealing.fillItem(1, 'password', 'hunter2-everywhere');
        await sealing.namespaces.fill('test, prod');
        const results = await sealing.seal();
        assert.equal(results.length, 2);
        for (const [index, key] of ['a4096', 'b4096'].entries()) {
          const documents = (results[index] ?? '').split(/^---\n/m).filter((text) => text.trim() !== '');
          assert.equal(documents.length, 2);
          const recovered = await Promise.all(documents.map((each) => recover(each, key)));
          assert.deepEqual(
            recovered.map(({ metadata }) => metadata.namespace),
            ['test', 'prod'],
          );
          for (const each of recovered) assert.deepEqual(textsOf(each), { password: 'hunter2-everywhere' });
        }
      },
      offlinePageFor('a4096', 'b4096'),
    );
  });

  for (const scope of SCOPES) {
    test(`as one raw value, ${scope}`, async () => {
      await onPage(async (sealing) => {
        await sealing.chooseWay('Fill in');
        await sealing.name.fill('db');
        await sealing.fillItem(1, 'password', 'hunter2-raw');
        await sealing.namespaces.fill('prod');
        await sealing.chooseScope(scope);
        await sealing.chooseFormat('Raw value of one item');
        const [raw = ''] = await sealing.seal();
        assert.match(raw, /^[A-Za-z0-9+/]+=*\n?$/);
        const annotations = { [`sealedsecrets.bitnami.com/${scope}`]: 'true' };
        const name = scope === 'cluster-wide' ? 'other' : 'db';
        const sealed = {
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          metadata: { name, namespace: 'prod', ...(scope === 'strict' ? {} : { annotations }) },
          spec: { encryptedData: { password: raw.trim() } },
        };
        assert.deepEqual(textsOf(await recover(JSON.stringify(sealed), KEY)), { password: 'hunter2-raw' });
      });
    });
  }
});

suite('the page seals a file', () => {
  const several = ['a', 'b']
    .map(
      (name) => `kind: Secret\nmetadata: {name: ${name}, namespace: prod}\nstringData: {x: value-${name}}\n`,
    )
    .join('---\n');

  for (const way of ['pasted', 'chosen', 'dropped'] as const) {
    test(`with several Secrets, ${way}`, async () => {
      await onPage(async (sealing) => {
        await enter(sealing, way, { name: 'secrets.yaml', content: several });
        const documents = (await sealing.seal())
          .join('---\n')
          .split(/^---\n/m)
          .filter((text) => text.trim() !== '');
        const recovered = await Promise.all(documents.map((each) => recover(each, KEY)));
        assert.deepEqual(recovered.map(textsOf), [{ x: 'value-a' }, { x: 'value-b' }]);
      });
    });

    test(`of environment variables, ${way}, as kubeseal reads it`, async () => {
      const content = '# a comment\nUSER=admin\nPASSWORD=hunter2 "quoted" \nEMPTY=\n';
      await onPage(async (sealing) => {
        await enter(sealing, way, { name: '.env', content });
        await sealing.name.fill('env');
        await sealing.namespaces.fill('prod');
        const [sealed = ''] = await sealing.seal();
        const cert = folder.write('cert.pem', certificatePem(KEY));
        const env = folder.write('env', content);
        const args = ['create', 'generic', 'env', '-n', 'prod', '--from-env-file', env, '--cert', cert];
        const theirs = await kubeseal(args);
        assert.equal(theirs.code, 0, theirs.stderr);
        assert.deepEqual(textsOf(await recover(sealed, KEY)), textsOf(await recover(theirs.stdout, KEY)));
      });
    });
  }

  test('of any other kind as one item, of which several are dropped at once', async () => {
    const [logo, seed] = [randomBytes(1000), randomBytes(32)];
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'logo.png', content: logo }, { name: 'seed.bin', content: seed });
      await sealing.source.getByText('1 item of logo.png added. 1 item of seed.bin added.').waitFor();
      await sealing.name.fill('files');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(itemsOf(await recover(sealed, KEY)), { 'logo.png': logo, 'seed.bin': seed });
    });
  });

  test('that is another manifest as one item, if someone wants that', async () => {
    const content = 'apiVersion: v1\nkind: Config\nusers: [{name: ada, user: {token: hunter2}}]\n';
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'kubeconfig', content });
      await sealing.source.getByText('kubeconfig is a Config, not a Secret').waitFor();
      assert.equal(
        await sealing.source.getByRole('button', { name: 'Seal with this certificate' }).count(),
        0,
      );
      await sealing.source.getByRole('button', { name: 'Seal it as an item' }).click();
      await sealing.name.fill('files');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { kubeconfig: content });
    });
  });

  test('of any other kind as one item, dropped', async () => {
    const content = randomBytes(1000);
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'logo.png', content });
      await sealing.name.fill('files');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(itemsOf(await recover(sealed, KEY)), { 'logo.png': content });
    });
  });
});

suite('of several files that are dropped at once', () => {
  const secret = (name: string): PageFile => ({
    name: `${name}.yaml`,
    content: `kind: Secret\nmetadata: {name: ${name}, namespace: prod}\nstringData: {x: value-${name}}\n`,
  });
  const env = { name: 'a.env', content: 'A=value-of-a\n' };

  test('the first Secret is taken, and the page names the others', async () => {
    await onPage(async (sealing) => {
      await sealing.drop(secret('a'), secret('b'), env);
      await sealing.source.getByText('1 Secret: prod/a (x). Not taken: b.yaml, a.env.').waitFor();
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { x: 'value-a' });
    });
  });

  test('items stay, and the page names a Secret that comes after them', async () => {
    await onPage(async (sealing) => {
      await sealing.drop(env, secret('b'), secret('c'));
      await sealing.source.getByText('1 item of a.env added. Not taken: b.yaml, c.yaml.').waitFor();
      await sealing.name.fill('env');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { A: 'value-of-a' });
    });
  });

  test('what is refused stays named', async () => {
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'broken.yaml', content: 'kind: {{ if }}\n' }, env);
      await sealing.source
        .getByText(/^broken\.yaml: neither JSON nor YAML.*\. Not taken: a\.env\./)
        .waitFor();
    });
  });

  test('a certificate is an item, as the private key beside it', async () => {
    const [certificate, key] = [certificatePem(KEY), keyPem(KEY)];
    await onPage(async (sealing) => {
      await sealing.drop({ name: 'tls.crt', content: certificate }, { name: 'tls.key', content: key });
      await sealing.source.getByText(/^1 item of tls\.crt added\. 1 item of tls\.key added\./).waitFor();
      await sealing.name.fill('web');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { 'tls.crt': certificate, 'tls.key': key });
    });
  });
});

async function enter(
  sealing: SealingPage,
  way: 'pasted' | 'chosen' | 'dropped',
  file: PageFile,
): Promise<void> {
  if (way === 'pasted') await sealing.paste(file.content.toString());
  else if (way === 'chosen') await sealing.chooseFile(file);
  else await sealing.drop(file);
}

suite('the page seals', () => {
  test('a login to a registry, as kubeseal does', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Registry login');
      await sealing.name.fill('pull');
      await sealing.source.getByLabel('Registry', { exact: true }).fill('ghcr.io');
      await sealing.source.getByLabel('User name').fill('bot');
      await sealing.source.getByLabel('Password', { exact: true }).fill('hunter2-registry');
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      const recovered = await recover(sealed, KEY);
      assert.equal(recovered.type, 'kubernetes.io/dockerconfigjson');
      const config: unknown = JSON.parse(textsOf(recovered)['.dockerconfigjson'] ?? '');
      const auth = Buffer.from('bot:hunter2-registry').toString('base64');
      assert.equal(stringAt(config, 'auths', 'ghcr.io', 'auth'), auth);
    });
  });

  test('a TLS pair, and refuses a key that belongs to another certificate', async () => {
    const other = rsa().export({ type: 'pkcs8', format: 'pem' }).toString();
    await onPage(async (sealing) => {
      await sealing.chooseWay('TLS pair');
      await sealing.name.fill('web');
      await sealing.namespaces.fill('prod');
      await sealing.source.getByLabel('Certificate chain (PEM)', { exact: true }).fill(certificatePem(KEY));
      await sealing.source.getByLabel('Private key (PEM)', { exact: true }).fill(other);
      await sealing.review();
      assert.equal(await sealing.problems.isVisible(), true);
      await sealing.source.getByLabel('Private key (PEM)', { exact: true }).fill(keyPem(KEY));
      const [sealed = ''] = await sealing.seal();
      const recovered = await recover(sealed, KEY);
      assert.equal(recovered.type, 'kubernetes.io/tls');
      assert.deepEqual(textsOf(recovered), { 'tls.crt': certificatePem(KEY), 'tls.key': keyPem(KEY) });
    });
  });
});

suite('a file that is dropped on a field', () => {
  test('is the half of a TLS pair that the field is for', async () => {
    const [certificate, key] = [certificatePem(KEY), keyPem(KEY)];
    await onPage(async (sealing) => {
      const field = (label: string): Locator => sealing.source.getByLabel(label, { exact: true });
      await sealing.chooseWay('TLS pair');
      await sealing.dropOn(field('Private key (PEM)'), { name: 'web.key', content: key });
      await sealing.dropOn(field('Certificate chain (PEM)'), { name: 'web.crt', content: certificate });
      await sealing.source.getByText(/^web\.crt, /).waitFor();
      await sealing.name.fill('web');
      await sealing.namespaces.fill('prod');
      const recovered = await recover((await sealing.seal())[0] ?? '', KEY);
      assert.equal(recovered.type, 'kubernetes.io/tls');
      assert.deepEqual(textsOf(recovered), { 'tls.crt': certificate, 'tls.key': key });
    });
  });

  test('is the value of the item, under the name that the item has', async () => {
    await onPage(async (sealing) => {
      await sealing.chooseWay('Fill in');
      await sealing.name.fill('db');
      await sealing.fillItem(1, 'password', '');
      const value = sealing.item(1).getByLabel('Value', { exact: true });
      await sealing.dropOn(value, { name: 'password.txt', content: 'hunter2' });
      await sealing.item(1).getByText('password.txt, 7 bytes').waitFor();
      await sealing.namespaces.fill('prod');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, KEY)), { password: 'hunter2' });
    });
  });
});

suite('the page changes a SealedSecret', () => {
  test('so that every byte stays but those of the items that change', async () => {
    const cert = folder.write('cert.pem', certificatePem(KEY));
    const stdin = `metadata: {name: db, namespace: prod}\nstringData: {keep: a, change: b, drop: c}\n`;
    const { stdout } = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin });
    const before = `# by ops\r\n${stdout.replace('spec:', 'spec: # ours')}`;
    await onPage(async (sealing) => {
      await sealing.chooseFile({ name: 'db.yaml', content: before });
      await sealing.change('change', 'Replace');
      await sealing.newValue('change').fill('hunter2-new');
      await sealing.source.getByRole('button', { name: 'Add an item' }).click();
      await sealing.fillItem(1, 'added', 'hunter2-added');
      await sealing.change('drop', 'Remove');
      // The form of the result is that of the file.
      assert.equal(await sealing.reviewing.getByRole('radio').count(), 0);
      await sealing.seal();
      // A text area shows line breaks of its own.
      const { text: after } = await sealing.download();
      assert.deepEqual(textsOf(await recover(after, KEY)), {
        keep: 'a',
        change: 'hunter2-new',
        added: 'hunter2-added',
      });
      const ciphertext = (text: string, item: string): unknown =>
        at(load(text), 'spec', 'encryptedData', item);
      assert.equal(ciphertext(after, 'keep'), ciphertext(before, 'keep'));
      const untouched = (text: string): string[] =>
        text.split('\n').filter((line) => !/^ +(change|added|drop): /.test(line));
      assert.deepEqual(untouched(after), untouched(before));
      assert.ok(after.includes('# by ops\r\n'));
    });
  });

  test('of which several are in one file', async () => {
    const cert = folder.write('cert.pem', certificatePem(KEY));
    const stdin = ['a', 'b']
      .map((name) => `kind: Secret\nmetadata: {name: ${name}, namespace: prod}\nstringData: {x: "1"}\n`)
      .join('---\n');
    const { stdout: before } = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin });
    await onPage(async (sealing) => {
      await sealing.paste(before);
      await sealing.source.getByLabel('SealedSecret to change').selectOption('prod/b');
      await sealing.change('x', 'Replace');
      await sealing.newValue('x').fill('hunter2-b');
      const [after = ''] = await sealing.seal();
      const [first = '', second = ''] = after.split(/^---\n/m).filter((text) => text.trim() !== '');
      assert.ok(before.includes(first));
      assert.deepEqual(textsOf(await recover(second, KEY)), { x: 'hunter2-b' });
    });
  });
});

suite('the result', () => {
  test('can be copied and downloaded', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    await browser.visit(url, { permissions, acceptDownloads: true }, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.paste('metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n');
      const [sealed = ''] = await sealing.seal();
      await sealing.result.getByRole('button', { name: /^Copy/ }).click();
      await sealing.result.getByText('Copied.').waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), sealed);
      const { name, text } = await sealing.download();
      assert.match(name, /^db.*\.yaml$/);
      assert.equal(text, sealed);
    });
  });

  test('is selected for the keys that copy where the page may not copy by itself', async () => {
    await browser.visit(url, {}, async ({ page }) => {
      await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))`);
      const sealing = new SealingPage(page);
      await sealing.paste('metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n');
      const [sealed = ''] = await sealing.seal();
      await sealing.result.getByRole('button', { name: /^Copy/ }).click();
      await sealing.result.getByText('The text is selected').waitFor();
      assert.equal(
        await page.evaluate(`(() => {
          const { value, selectionStart, selectionEnd } = document.activeElement;
          return value.slice(selectionStart, selectionEnd);
        })()`),
        sealed,
      );
    });
  });
});
