import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { Fixture } from '../support/fixture.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';

/** The number of SealedSecrets in the snapshot. */
const OBJECTS = 20;
/** The minimum number of versions that etcd loses: new versions must not reach the lost ones during the test. */
const LOST_VERSIONS = 600;

const fixture = new Fixture({ namespace: 'restored' });

const refs = (): Ref[] => Array.from({ length: OBJECTS }, (_, index) => fixture.ref(`kept-${index}`));

async function each(act: (ref: Ref) => Promise<unknown>): Promise<void> {
  await Promise.all(refs().map(act));
}

async function seal(ref: Ref): Promise<void> {
  await fixture.cluster.create('sealedsecrets', sealedSecret(fixture.certificate, ref, { a: 'one' }));
}

async function reseal(ref: Ref, value: string): Promise<void> {
  const spec = { encryptedData: { a: sealedItem(fixture.certificate, ref, value) } };
  await fixture.cluster.change('sealedsecrets', ref, { spec });
}

suite('after etcd was restored from an older snapshot', () => {
  test('the controller adopts the older state, and receives later changes', async () => {
    const { cluster, plane } = fixture;
    await each(seal);
    await each((ref) => cluster.told(ref, 'True'));
    await plane.takeSnapshot();

    await each((ref) => reseal(ref, 'lost'));
    await each((ref) => cluster.secretWith(ref, { a: 'lost' }));
    await writeVersions(LOST_VERSIONS);
    // The last version that the watches have seen is among those that will be lost.
    const last = fixture.ref('lost');
    await seal(last);
    await cluster.told(last, 'True');
    // Pause the controller: a starting API server briefly forbids everything, which would cause a relist anyway.
    fixture.controller.signal('SIGSTOP');
    await plane.restoreSnapshot();
    fixture.controller.signal('SIGCONT');

    await each((ref) => cluster.delete('secrets', ref));
    await each((ref) => cluster.secretWith(ref, { a: 'one' }));
    await each((ref) => reseal(ref, 'two'));
    await each((ref) => cluster.secretWith(ref, { a: 'two' }));
    await each((ref) => cluster.told(ref, 'True'));
    assert.ok(fixture.controller.isRunning);
  });
});

/** Writes objects to increase etcd's revision. */
async function writeVersions(count: number): Promise<void> {
  const path = `/api/v1/namespaces/${fixture.namespace}/configmaps`;
  await fixture.plane.request('POST', path, { metadata: { name: 'counter' } });
  for (let i = 0; i < count; i++) {
    const { status } = await fixture.plane.request(
      'PATCH',
      `${path}/counter`,
      { data: { count: String(i) } },
      'application/merge-patch+json',
    );
    assert.equal(status, 200);
  }
}
