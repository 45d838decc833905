import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { at } from '../control-plane/admin-client.ts';
import { uidOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

let controller: ControllerProcess;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
});

suite('a SealedSecret whose encryptedData is empty', () => {
  test('makes a Secret without items, and with some once there are any', async () => {
    const ref = { namespace: await setup.plane.createNamespace('empty'), name: 'marker' };
    const template = { type: 'example.com/marker', metadata: { labels: { app: 'shop' } } };
    const certificate = await controller.certificate();
    const body = sealedSecret(certificate, ref, {}, { template });
    assert.deepEqual(body.spec.encryptedData, {});
    await setup.cluster.create('sealedsecrets', body);
    assert.equal((await setup.cluster.told(ref, 'True')).message, '');
    const secret = await setup.cluster.secretWith(ref, {});
    assert.equal(at(secret, 'type'), 'example.com/marker');
    assert.equal(at(secret, 'metadata', 'labels', 'app'), 'shop');

    const { spec } = sealedSecret(certificate, ref, { a: 'correct horse' }, { template });
    await setup.cluster.change('sealedsecrets', ref, { spec });
    const filled = await setup.cluster.secretWith(ref, { a: 'correct horse' });
    assert.equal(uidOf(filled), uidOf(secret));
    await setup.cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a: null } } });
    await setup.cluster.secretWith(ref, {});
  });
});
