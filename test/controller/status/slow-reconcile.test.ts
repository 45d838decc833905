import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { base64 } from '../../support/objects.ts';
import { startTestBed, type TestBed } from '../../support/test-bed.ts';
import { until } from '../../control-plane/until.ts';

const STATUS = /\/sealedsecrets\/db\/status$/;

/** Returns the reasons that were written for `Synced`, in order. */
function reasons({ server }: TestBed): unknown[] {
  return server.of('PUT', STATUS).map(({ body }) => at(body, 'status', 'conditions', 0, 'reason'));
}

/** Reconciles while the read of the Secret takes so many ms of the clock, and a notice its time to be written. */
async function reconcileSlowly(
  { server, controller, clock }: TestBed,
  ref: Ref,
  { takes, isReported = false }: { readonly takes: number; readonly isReported?: boolean },
): Promise<void> {
  const writes = server.of('PUT', STATUS).length;
  server.beforeNext('GET', /\/secrets\/db$/, async () => {
    await clock.pass(takes);
    if (isReported) await until('Processing', () => server.of('PUT', STATUS).length > writes || undefined);
    return undefined;
  });
  assert.equal(await controller.reconcile(ref), 'synced');
}

suite('a reconcile that takes more than two seconds', () => {
  test('is reported as Processing after an edit', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await bed.controller.settle(ref);
    bed.reseal(ref, { a: 'two' });
    await reconcileSlowly(bed, ref, { takes: 2_000, isReported: true });
    assert.deepEqual(reasons(bed), ['Unsealed', 'Processing', 'Unsealed']);
    const [, processing, last] = bed.server.of('PUT', STATUS);
    assert.equal(at(processing?.body, 'status', 'observedGeneration'), 2);
    const conditions = listAt(processing?.body, 'status', 'conditions').map((condition) => [
      at(condition, 'type'),
      at(condition, 'status'),
      at(condition, 'reason'),
    ]);
    assert.deepEqual(conditions, [
      ['Synced', 'Unknown', 'Processing'],
      ['Reconciling', 'True', 'Processing'],
    ]);
    assert.equal(listAt(last?.body, 'status', 'conditions').length, 1);
  });

  test('counts the time that the change has waited before', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await bed.controller.settle(ref);
    bed.reseal(ref, { a: 'two' });
    bed.controller.observe();
    await bed.clock.pass(1_500);
    await reconcileSlowly(bed, ref, { takes: 500, isReported: true });
    assert.deepEqual(reasons(bed), ['Unsealed', 'Processing', 'Unsealed']);
  });

  test('is not reported where the object is new', async (t) => {
    const bed = await startTestBed(t);
    await reconcileSlowly(bed, bed.seal('db'), { takes: 3_000 });
    assert.deepEqual(reasons(bed), ['Unsealed']);
  });

  test('is not reported where a Secret is repaired', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await bed.controller.settle(ref);
    bed.server.change('secrets', ref, { data: { a: base64('edited') } });
    await reconcileSlowly(bed, ref, { takes: 3_000 });
    assert.deepEqual(reasons(bed), ['Unsealed', 'Unsealed']);
  });

  test('is not reported before two seconds have passed', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await bed.controller.settle(ref);
    bed.reseal(ref, { a: 'two' });
    await reconcileSlowly(bed, ref, { takes: 1_999 });
    assert.deepEqual(reasons(bed), ['Unsealed', 'Unsealed']);
  });
});
