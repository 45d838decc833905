import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { apply, type SecretCache } from '../../../controller/reconciler/apply.ts';
import { RefusedWrite } from '../../../controller/reconciler/refused-write.ts';
import type { Outcome } from '../../../controller/status/outcome.ts';
import type { Status } from '../../../shared/api/status.ts';
import { ApiError } from '../../../shared/kubernetes/api/api-error.ts';
import { NONE_MISSING } from '../../../shared/seal/missing.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../../support/cluster.ts';
import { base64, metadata, secret } from '../../support/objects.ts';
import { refused } from '../../support/scripted-api.ts';
import { NAMESPACE, startTestBed, type TestBed } from '../../support/test-bed.ts';

const REF = { namespace: NAMESPACE, name: 'db' };
const SECRET = /\/secrets\/db$/;
const OWNER = metadata({ ...REF, uid: 'owner' });
const NO_STATUS: Status = { observedGeneration: 0, conditions: [], applied: undefined };

/** Applies the item `a` with this value. */
function applyValue(
  { controller }: TestBed,
  value: string,
  { status = NO_STATUS, ...cache }: Partial<Options> = {},
): Promise<Outcome> {
  const unsealed = {
    secret: secret({ ...REF, data: { a: value } }),
    openedBy: new Map(),
    impure: new Set<string>(),
    missing: NONE_MISSING,
  };
  const { signal } = new AbortController();
  const informers = { ...controller.context.informers, ...cache };
  return apply({ owner: OWNER, status, unsealed }, { ...controller.context, informers }, signal);
}

interface Options extends SecretCache {
  readonly status: Status;
}

/** Returns the status after a successful outcome. */
function statusAfter(outcome: Outcome): Status {
  assert.ok(outcome.state === 'synced');
  return { ...NO_STATUS, applied: outcome.applied };
}

suite('apply', () => {
  test('creates a missing Secret, without any version', async (t) => {
    const bed = await startTestBed(t);
    const outcome = await applyValue(bed, 'one');
    assert.ok(outcome.state === 'synced' && outcome.action === 'created');
    const [write] = bed.server.writes;
    for (const field of ['uid', 'resourceVersion'])
      assert.equal(at(write?.body, 'metadata', field), undefined);
    assert.equal(outcome.applied?.secretUID, uidOf(bed.server.get('secrets', REF)));
  });

  test('creates a Secret that the watch does not know without reading it', async (t) => {
    const bed = await startTestBed(t);
    const outcome = await applyValue(bed, 'one', { isMissing: () => true });
    assert.ok(outcome.state === 'synced' && outcome.action === 'created');
    assert.deepEqual(
      bed.server.answered.map(({ method }) => method),
      ['POST'],
    );
  });

  test('reads a Secret that exists although the watch does not know it, and decides by what it reads', async (t) => {
    const bed = await startTestBed(t);
    bed.server.create('secrets', { metadata: REF, data: { a: base64('foreign') } });
    const outcome = await applyValue(bed, 'one', { isMissing: () => true });
    assert.ok(outcome.state === 'failed');
    assert.equal(outcome.failure.code, 'NotManaged');
    assert.deepEqual(
      bed.server.answered.map(({ method, status }) => `${method} ${status ?? ''}`),
      ['POST 409', 'GET 200'],
    );
    assert.deepEqual(itemsOf(bed.server.get('secrets', REF)), { a: 'foreign' });
  });

  test('replaces a Secret with the UID and the version of the copy on which it has decided', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    for (const value of ['two', 'three']) {
      const read = bed.server.get('secrets', REF);
      await applyValue(bed, value);
      const write = bed.server.writes.at(-1);
      assert.equal(write?.method, 'PUT');
      assert.deepEqual([uidOf(write.body), versionOf(write.body)], [uidOf(read), versionOf(read)]);
    }
    assert.deepEqual(itemsOf(bed.server.get('secrets', REF)), { a: 'three' });
  });

  test('writes nothing if the Secret is correct', async (t) => {
    const bed = await startTestBed(t);
    const status = statusAfter(await applyValue(bed, 'one'));
    const outcome = await applyValue(bed, 'one', { status });
    assert.ok(outcome.state === 'synced' && outcome.action === 'unchanged');
    assert.deepEqual(outcome.applied, status.applied);
    assert.equal(bed.server.writes.length, 1);
  });

  test('reads and decides again after each conflict', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    for (const label of ['first', 'second']) {
      bed.server.beforeNext('PUT', SECRET, () => {
        bed.server.change('secrets', REF, { metadata: { labels: { label } } });
        return undefined;
      });
    }
    bed.server.answered.length = 0;
    const outcome = await applyValue(bed, 'two');
    assert.ok(outcome.state === 'synced' && outcome.action === 'updated');
    assert.deepEqual(
      bed.server.answered.map(({ method, status }) => `${method} ${status}`),
      ['GET 200', 'PUT 409', 'GET 200', 'PUT 409', 'GET 200', 'PUT 200'],
    );
  });

  test('gives up after five conflicts', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    bed.server.fault = ({ method }) => (method === 'PUT' ? refused(409, 'Conflict') : undefined);
    await assert.rejects(
      applyValue(bed, 'two'),
      (error) => error instanceof RefusedWrite && error.error.status === 409,
    );
    assert.equal(bed.server.of('PUT', SECRET).length, 5);
  });

  test('does not write over a Secret that is no longer its own after a conflict', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    bed.server.beforeNext('PUT', SECRET, () => {
      bed.server.delete('secrets', REF);
      bed.server.create('secrets', { metadata: REF, data: { theirs: base64('x') } });
      return undefined;
    });
    const outcome = await applyValue(bed, 'two');
    assert.ok(outcome.state === 'failed' && outcome.failure.code === 'NotManaged');
    assert.deepEqual(itemsOf(bed.server.get('secrets', REF)), { theirs: 'x' });
  });

  test('creates a Secret that is deleted before the replacement', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    bed.server.beforeNext('PUT', SECRET, () => {
      bed.server.delete('secrets', REF);
      return undefined;
    });
    const outcome = await applyValue(bed, 'two');
    assert.ok(outcome.state === 'synced' && outcome.action === 'created');
    assert.deepEqual(
      bed.server.writes.map(({ method, status }) => `${method} ${status}`),
      ['POST 201', 'PUT 404', 'POST 201'],
    );
  });

  test('does not retry a creation in a missing namespace (404)', async (t) => {
    const bed = await startTestBed(t);
    bed.server.fault = ({ method }) => (method === 'POST' ? refused(404, 'NotFound') : undefined);
    await assert.rejects(applyValue(bed, 'one'), RefusedWrite);
    assert.equal(bed.server.writes.length, 1);
  });

  test('throws the API error of a read, not a refused write', async (t) => {
    const bed = await startTestBed(t);
    bed.server.fault = () => refused(500, 'InternalError');
    await assert.rejects(
      applyValue(bed, 'one'),
      (error) => error instanceof ApiError && error.status === 500,
    );
  });

  test('reports every Secret that it has read or written, so that its deletion is recognised', async (t) => {
    const bed = await startTestBed(t);
    const noted: string[] = [];
    const record: Options['record'] = ({ server }) => noted.push(server.resourceVersion);
    await applyValue(bed, 'one', { record });
    const first = versionOf(bed.server.get('secrets', REF));
    await applyValue(bed, 'two', { record });
    assert.deepEqual(noted, [first, first, versionOf(bed.server.get('secrets', REF))]);
  });

  test('postpones the second repair, and sends nothing meanwhile', async (t) => {
    const bed = await startTestBed(t);
    const status = statusAfter(await applyValue(bed, 'one'));
    bed.server.change('secrets', REF, { data: { a: base64('edited') } });
    const first = await applyValue(bed, 'one', { status });
    assert.ok(first.state === 'synced' && first.action === 'repaired');
    bed.server.change('secrets', REF, { data: { a: base64('edited') } });
    const { length } = bed.server.writes;
    const second = await applyValue(bed, 'one', { status });
    assert.ok(second.state === 'postponed' && second.after > 0 && second.after <= 1_001);
    assert.equal(bed.server.writes.length, length);
    await bed.clock.pass(second.after);
    const third = await applyValue(bed, 'one', { status });
    assert.ok(third.state === 'synced' && third.action === 'repaired');
  });

  test('sends only fields that the API has, and no null', async (t) => {
    const bed = await startTestBed(t);
    await applyValue(bed, 'one');
    await applyValue(bed, 'two');
    for (const { body } of bed.server.writes) {
      assert.deepEqual(
        Object.keys(body ?? {}).filter(
          (field) => !['apiVersion', 'kind', 'metadata', 'type', 'data'].includes(field),
        ),
        [],
      );
      assert.ok(!JSON.stringify(body).includes('null'));
      assert.equal(listAt(body, 'metadata', 'ownerReferences').length, 1);
    }
  });
});
