import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import { Fixture } from '../support/fixture.ts';
import { sealedSecret } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';

/** Runs the controller beside Kubernetes' own garbage collector and namespace controller. */
const fixture = new Fixture({
  namespace: 'garbage',
  prepare: async () => {
    await fixture.plane.startControllerManager();
  },
});

async function synced(name: string, template: object = {}, inNamespace = fixture.namespace): Promise<Ref> {
  const ref = { namespace: inNamespace, name };
  await fixture.cluster.create(
    'sealedsecrets',
    sealedSecret(fixture.certificate, ref, { a: 'one' }, { template }),
  );
  await fixture.cluster.told(ref, 'True');
  return ref;
}

suite('a SealedSecret that is deleted', () => {
  for (const policy of ['Background', 'Foreground'] as const) {
    test(`in the ${policy.toLowerCase()} is deleted together with its Secret`, async () => {
      const { cluster } = fixture;
      const ref = await synced(policy.toLowerCase());
      await cluster.delete('sealedsecrets', ref, policy);
      await cluster.absent('secrets', ref);
      await cluster.absent('sealedsecrets', ref);
      await synced(`after-${ref.name}`);
      assert.equal(await cluster.get('secrets', ref), undefined);
    });
  }

  test('with the policy Orphan leaves its Secret, which a new SealedSecret of the same name does not own', async () => {
    const { cluster } = fixture;
    const ref = await synced('orphan');
    const uid = uidOf(await cluster.secret(ref));
    await cluster.delete('sealedsecrets', ref, 'Orphan');
    await cluster.absent('sealedsecrets', ref);
    const left = await cluster.secret(ref);
    assert.equal(uidOf(left), uid);
    assert.equal(at(left, 'metadata', 'ownerReferences'), undefined);
    await cluster.create('sealedsecrets', sealedSecret(fixture.certificate, ref, { a: 'two' }));
    assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(left));
  });

  test('leaves a Secret that was created without an owner', async () => {
    const { cluster } = fixture;
    const annotations = { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' };
    const kept = await synced('kept', { metadata: { annotations } });
    const collected = await synced('collected');
    for (const ref of [kept, collected]) await cluster.delete('sealedsecrets', ref);
    await cluster.absent('secrets', collected);
    assert.deepEqual(itemsOf(await cluster.secret(kept)), { a: 'one' });
  });

  test('and recreated at once gets a Secret of its own', async () => {
    const { cluster } = fixture;
    const ref = await synced('reused');
    const uid = uidOf(await cluster.secret(ref));
    await cluster.delete('sealedsecrets', ref);
    const again = await cluster.create('sealedsecrets', sealedSecret(fixture.certificate, ref, { a: 'two' }));
    await cluster.told(ref, 'True', 180_000);
    const secret = await cluster.secret(ref, uid);
    assert.deepEqual(itemsOf(secret), { a: 'two' });
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(again));
  });
});

suite('a namespace that is deleted', () => {
  test('is deleted with its SealedSecrets and Secrets, and none is recreated', async () => {
    const { cluster, plane } = fixture;
    const leaving = await plane.createNamespace('leaving');
    for (let index = 0; index < 20; index++) await synced(`s-${index}`, {}, leaving);
    await plane.request('DELETE', `/api/v1/namespaces/${leaving}`);
    await until(
      'the namespace to be gone',
      async () => (await plane.request('GET', `/api/v1/namespaces/${leaving}`)).status === 404 || undefined,
      180_000,
    );
    assert.deepEqual(await cluster.list('secrets', leaving), []);
    await synced('after-leaving');
    assert.deepEqual(
      fixture.controller.log.filter(({ message }) => /crashed|failed to reconcile/.test(message)),
      [],
    );
  });
});
