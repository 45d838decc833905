import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LastReportedStatus } from '../../../controller/status/last-reported-status.ts';
import { parseStoredSealedSecret } from '../../../shared/api/sealed-secret.ts';

const LONG = 'x'.repeat(1_000_000);

function stored(status: object): ReturnType<typeof parseStoredSealedSecret> {
  const metadata = { name: 'db', namespace: 'prod', uid: 'u', resourceVersion: '1', generation: 1 };
  return parseStoredSealedSecret({ metadata, spec: { encryptedData: {} }, status }, { source: 'test' });
}

suite('LastReportedStatus', () => {
  test('leaves out conditions of other controllers', () => {
    const lastReported = new LastReportedStatus();
    const object = stored({
      conditions: [
        { type: 'Synced', status: 'True' },
        { type: 'Foreign', status: 'True', message: LONG },
      ],
    });
    lastReported.set(object, object.status);
    assert.deepEqual(
      lastReported.get(object)?.conditions.map(({ type }) => type),
      ['Synced'],
    );
    assert.equal(object.status.conditions.length, 2);
  });

  test('holds no field that is longer than this controller writes', () => {
    const applied = { sealedSecretUID: 'u', generation: 1, scope: 'strict', secretUID: 's' };
    for (const field of ['sealedSecretUID', 'scope', 'secretUID', 'secretResourceVersion']) {
      assert.equal(stored({ applied: { ...applied, [field]: LONG } }).status.applied, undefined);
    }
    assert.equal(stored({ applied }).status.applied?.secretUID, 's');
    const [condition] = stored({
      conditions: [{ type: 'Synced', status: 'True', lastUpdateTime: LONG, lastTransitionTime: LONG }],
    }).status.conditions;
    assert.deepEqual([condition?.lastUpdateTime, condition?.lastTransitionTime], ['', '']);
  });
});
