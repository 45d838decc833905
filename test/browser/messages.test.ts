import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificateOf, DAY, rsa } from '../support/keys.ts';
import { offlinePage } from './offline-page.ts';
import { descriptionOf, SealingPage, type PageFile } from './sealing-page.ts';
import { TestBrowser } from './test-browser.ts';

const browser = new TestBrowser();
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

suite('a message of the page', () => {
  test('about a certificate is beside it and in the summary, and not in the result', async () => {
    const pem = await certificateOf(rsa(), { validity: 20 * DAY });
    await browser.visit(offlinePage([{ name: 'prod', pem }]), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      const warnings = page.getByText(/^the certificate SHA256:\S+ expires on /).filter({ visible: true });
      await warnings.first().waitFor();
      await sealing.paste(SECRET);
      await sealing.review();
      assert.equal(await sealing.certificates.getByText(/ expires on /).count(), 1);
      assert.equal(await sealing.warnings.getByText(/ expires on /).count(), 1);
      await sealing.seal();
      assert.equal(await sealing.result.getByText(/ expires on /).count(), 0);
      assert.equal(await warnings.count(), 1);
    });
  });

  test('about the lack of a certificate is beside the button that loads one, and not a part of it', async () => {
    await browser.visit(offlinePage([]), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.review();
      const button = sealing.certificates.getByLabel('Load a certificate', { exact: true });
      await sealing.certificates.getByText('no certificate is chosen').waitFor();
      assert.equal(await descriptionOf(button), 'no certificate is chosen');
    });
  });

  test('about a certificate that is not added stays while others are', async () => {
    const [pem, other] = [await certificateOf(rsa()), await certificateOf(rsa())];
    const file = (name: string, content: string): PageFile => ({ name, content });
    await browser.visit(offlinePage([{ name: 'prod', pem }]), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.loadCertificates(file('a.pem', 'x'), file('b.pem', pem), file('c.pem', other));
      await sealing.certificate('c').waitFor();
      await sealing.certificates.getByText(/^a holds no PEM certificate/).waitFor();
      await sealing.certificates.getByText('This certificate is here already, as prod.').waitFor();
      await sealing.loadCertificates(file('later.pem', await certificateOf(rsa())));
      await sealing.certificate('later').waitFor();
      assert.equal(await sealing.certificates.getByText('holds no PEM certificate').count(), 0);
    });
  });

  test('shows the characters of a name that would change how it reads', async () => {
    const certificates = [{ name: 'prod\u202edorp', pem: await certificateOf(rsa()) }];
    await browser.visit(offlinePage(certificates), {}, async ({ page }) => {
      const sealing = new SealingPage(page);
      await sealing.certificate(String.raw`prod\u{202e}dorp`).waitFor();
      await sealing.paste(
        'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: "a\\u202eb", namespace: shop}\n' +
          'spec: {encryptedData: {"x\\u202ey": AgA=}}\n',
      );
      await sealing.source.getByRole('group', { name: String.raw`x\u{202e}y` }).waitFor();
      assert.equal(
        await page.evaluate(`document.getElementById('steps').innerText.includes('\\u202e')`),
        false,
      );
    });
  });
});
