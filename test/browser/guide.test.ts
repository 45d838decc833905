import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { recover, textsOf } from './recovery.ts';
import { SealingPage } from './sealing-page.ts';
import { TestBrowser } from './test-browser.ts';

/** Runs the command of docs/web.md, and uses the page that it writes. */
const folder = temporaryFolder();
const browser = new TestBrowser();

suite('docs/web.md', () => {
  test('writes a page that seals for the certificate, and prints the fingerprint that the page shows', async () => {
    folder.write('cert.pem', certificatePem('c2048'));
    const [line = '', ...others] = linesOf(commandsUnder('docs/web.md', 'Get it as a file'));
    assert.deepEqual(others, []);
    const [program, ...args] = line.split(' ');
    assert.equal(program, 'kubeseal');
    const { code, stderr } = await kubeseal(args, { cwd: folder.path });
    assert.equal(code, 0, stderr);
    const [fingerprint = ''] = /SHA256:[\w+/]{43}/.exec(stderr) ?? [];
    await browser.visit(pathToFileURL(`${folder.path}/seal.html`).href, {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.certificates.getByText(fingerprint).waitFor();
      await sealing.certificate('prod').waitFor();
      await sealing.paste('metadata: {name: db, namespace: prod}\nstringData: {password: hunter2-guide}\n');
      const [sealed = ''] = await sealing.seal();
      assert.deepEqual(textsOf(await recover(sealed, 'c2048')), { password: 'hunter2-guide' });
    });
  });
});
