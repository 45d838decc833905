import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { uidOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { keyItems, keySecret } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const COUNTS = [100, 300];

let certificate: Certificate;

const setup = new Setup(async () => {
  const items = await keyItems();
  certificate = parseCertificate(items['tls.crt'], 'test');
  await setup.cluster.create('secrets', keySecret('sealed-secrets-keymany', items));
});

async function makeNamespaces(count: number): Promise<string[]> {
  const names: string[] = [];
  while (names.length < count) {
    const more = Array.from({ length: 20 }, () => setup.plane.createNamespace(`of-${count}`));
    names.push(...(await Promise.all(more)));
  }
  return names;
}

async function start(namespaces: readonly string[]): Promise<ControllerProcess> {
  const flag = `--additional-namespaces=${namespaces.join(',')}`;
  return setup.use(setup.installation.startReadyController(['--all-namespaces=false', flag]));
}

/**
 * Waits until each watch is established: of SealedSecrets and Secrets in these namespaces and in the controller's
 * own.
 */
async function watching(controller: ControllerProcess, namespaces: number): Promise<void> {
  await until('all lists', async () => {
    const page = await controller.metrics();
    const lists = (watch: string): number =>
      Number(
        new RegExp(
          String.raw`^sealed_secrets_controller_watch_lists_total\{watch="${watch}"\} (\d+)`,
          'm',
        ).exec(page)?.[1],
      );
    return (lists('sealedsecrets') > namespaces && lists('secrets') > namespaces) || undefined;
  });
}

suite('with many namespaces', () => {
  for (const count of COUNTS) {
    test(`${count} of them are served, also after a restart`, async () => {
      const { cluster } = setup;
      const namespaces = await makeNamespaces(count);
      const some = namespaces.filter((_, index) => index % Math.ceil(count / 6) === 0 || index === count - 1);
      const refs = (name: string): Ref[] => some.map((namespace) => ({ namespace, name }));
      const seal = async (ref: Ref): Promise<void> => {
        await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
        await cluster.told(ref, 'True');
      };

      let controller = await start(namespaces);
      await Promise.all(refs('early').map(seal));
      await watching(controller, count);
      await Promise.all(refs('watched').map(seal));
      assert.equal(await controller.stop(), 0);

      const before = await Promise.all(refs('early').map((ref) => cluster.secret(ref)));
      await Promise.all(refs('early').map((ref) => cluster.delete('secrets', ref)));
      controller = await start(namespaces);
      const restored = refs('early').map((ref, index) => cluster.secret(ref, uidOf(before[index])));
      await Promise.all([...restored, ...refs('late').map(seal)]);
      await watching(controller, count);
      assert.equal(await controller.stop(), 0);
    });
  }
});
