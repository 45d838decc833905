import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { forwardTo } from '../browser/network.ts';
import { SealingPage } from '../browser/sealing-page.ts';
import { TestBrowser } from '../browser/test-browser.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { podAddress } from '../control-plane/network.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Setup } from '../support/setup.ts';

/** The page of a real controller in a real browser: what it seals becomes a Secret in the cluster. */
const browser = new TestBrowser();
let controller: ControllerProcess;
let namespace: string;
const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController(['--web-ui']));
  namespace = await setup.plane.createNamespace('browser');
});
const needsProxy = { skip: podAddress() === null && 'no address but loopback' };

/** Seals a value in the page, applies the result, and returns the value that the controller unseals. */
async function throughTheCluster(
  sealing: SealingPage,
  name: string,
  value: string,
): Promise<string | undefined> {
  noteSecret(value);
  await sealing.chooseWay('Fill in');
  await sealing.name.fill(name);
  await sealing.fillItem(1, 'password', value);
  await sealing.namespaces.fill(namespace);
  const [sealed = ''] = await sealing.seal();
  await setup.plane.apply(sealed);
  await setup.cluster.told({ namespace, name }, 'True');
  return itemsOf(await setup.cluster.secret({ namespace, name }))['password'];
}

suite('the page of a controller, in a browser', () => {
  test('seals for the cluster, and points out the new key after a renewal', async () => {
    const url = 'http://localhost:8080/';
    browser.network.sites.set('localhost:8080', forwardTo(await controller.url()));
    const requests = [`GET ${url}`, `GET ${url}v1/cert.pem`];
    await browser.visit(url, { requests: [...requests, ...requests] }, async ({ page }) => {
      const sealing = new SealingPage(page);
      const before = await controller.certificate();
      await sealing.certificates.getByText(before.fingerprint).waitFor();
      assert.equal(await throughTheCluster(sealing, 'direct', 'hunter2-direct'), 'hunter2-direct');

      controller.signal('SIGUSR1');
      await controller.logged('sealing with a different key');
      const after = await controller.certificate();
      await page.reload();
      const notice = sealing.certificates.getByRole('group', { name: /has changed/ });
      await notice.waitFor();
      assert.deepEqual(await notice.getByText(/^SHA256:/).allTextContents(), [
        before.fingerprint,
        after.fingerprint,
      ]);
      await notice.getByRole('button', { name: 'The new fingerprint is right' }).click();
      assert.equal(await throughTheCluster(sealing, 'renewed', 'hunter2-renewed'), 'hunter2-renewed');
    });
  });

  test('works behind the proxy of the API server, which kubectl proxy leads to', needsProxy, async () => {
    const proxy = await startKubectlProxy(await developer());
    try {
      browser.network.sites.set('localhost:8001', forwardTo(proxy.url));
      const url = `http://localhost:8001/api/v1/namespaces/${NAMESPACE}/services/http:${NAME}:http/proxy/`;
      const requests = [`GET ${url}`, `GET ${url}v1/cert.pem`];
      await browser.visit(url, { requests }, async ({ page }) => {
        const value = 'hunter2-proxied';
        assert.equal(await throughTheCluster(new SealingPage(page), 'proxied', value), value);
      });
    } finally {
      proxy.stop();
    }
  });
});

/** Returns the kubeconfig of a user without any rights but those that everyone has. */
async function developer(): Promise<string> {
  const token = await setup.plane.newServiceAccountToken(namespace, 'developer');
  return setup.plane.kubeconfigFor(token, { namespace });
}

async function startKubectlProxy(kubeconfig: string): Promise<{ url: string; stop: () => void }> {
  const binaries = await findBinaries(['kubectl'], (line) => console.error(line));
  const args = ['--kubeconfig', kubeconfig, '--cache-dir', `${kubeconfig}.cache`, 'proxy', '--port', '0'];
  const child = spawn(binaries.get('kubectl') ?? 'kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const forget = atEnd(() => child.kill('SIGKILL'));
  child.once('exit', forget);
  for await (const line of createInterface(child.stdout)) {
    const [, address] = /^Starting to serve on (\S+)/.exec(line) ?? [];
    if (address !== undefined) return { url: `http://${address}`, stop: () => void child.kill() };
  }
  throw new Error('kubectl proxy has ended');
}
