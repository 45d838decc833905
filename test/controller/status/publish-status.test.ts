import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { publishStatus } from '../../../controller/status/publish-status.ts';
import type { Outcome } from '../../../controller/status/outcome.ts';
import type { Failure } from '../../../shared/errors.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';
import { reconcileFailure } from '../../../controller/status/errors.ts';
import { parseStoredSealedSecret, type StoredSealedSecret } from '../../../shared/api/sealed-secret.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../../shared/kubernetes/api/api-error.ts';
import { MAX_LOGGED, MAX_MESSAGE } from '../../../shared/text.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf } from '../../support/cluster.ts';
import { base64 } from '../../support/objects.ts';
import { refused } from '../../support/scripted-api.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { CERTIFICATE, NAMESPACE, startTestBed, type TestBed } from '../../support/test-bed.ts';

const STATUS = /\/sealedsecrets\/db\/status$/;
const SYNCED: Outcome = { state: 'synced', action: 'unchanged', applied: undefined };
const FAILED: Outcome = { state: 'failed', failure: sealFailure({ code: 'V1DataNotASecret' }) };

/** Reads the object as a reconcile does. */
function stored({ server }: TestBed, ref: Ref): StoredSealedSecret {
  return parseStoredSealedSecret(server.get('sealedsecrets', ref), { source: 'test' });
}

/** Publishes an outcome for the object as it is now, or as it was read, and waits until its events are recorded. */
async function publish(
  bed: TestBed,
  ref: Ref,
  outcome: Outcome,
  object = stored(bed, ref),
): Promise<Failure | undefined> {
  const { signal } = new AbortController();
  const failure = await publishStatus({ stored: object, outcome }, bed.controller.context, signal);
  await bed.controller.recordEvents();
  return failure;
}

function has(status: number): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && error.status === status;
}

suite('publishStatus', () => {
  test('writes the first status, with the version that was read, and one event', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    const { uid, resourceVersion } = stored(bed, ref).metadata.server;
    assert.equal(await publish(bed, ref, SYNCED), undefined);
    const [write, ...others] = bed.server.of('PUT', STATUS);
    assert.deepEqual(others, []);
    assert.deepEqual(at(write?.body, 'metadata'), { ...ref, uid, resourceVersion });
    const time = `${bed.clock.now().toISOString().slice(0, 19)}Z`;
    const condition = { type: 'Synced', status: 'True', reason: 'Unsealed', message: '' };
    assert.deepEqual(at(write?.body, 'status'), {
      observedGeneration: 1,
      conditions: [{ ...condition, lastUpdateTime: time, lastTransitionTime: time }],
    });
    assert.equal(bed.server.of('POST', /\/events$/).length, 1);
  });

  test('writes nothing that changes nothing, also after a restart', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await publish(bed, ref, FAILED);
    const { length } = bed.server.answered;
    await bed.clock.pass(60_000);
    await publish(bed, ref, FAILED);
    bed.controller.restart();
    await publish(bed, ref, FAILED);
    assert.equal(bed.server.answered.length, length);
    assert.deepEqual(
      bed.controller.log.map(({ msg }) => msg),
      ['failed to sync SealedSecret'],
    );
  });

  test('writes the message of the last failure, and keeps the time of the transition', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await publish(bed, ref, FAILED);
    const first = bed.clock.now();
    await bed.clock.pass(60_000);
    await publish(bed, ref, { state: 'failed', failure: reconcileFailure({ code: 'V1DataRefused' }) });
    const conditions = listAt(bed.controller.told(ref).object, 'status', 'conditions');
    assert.deepEqual(
      conditions.map((condition) => at(condition, 'lastTransitionTime')),
      Array(2).fill(`${first.toISOString().slice(0, 19)}Z`),
    );
    const [synced, stalled] = conditions.map((condition) => at(condition, 'message'));
    assert.equal(synced, stalled);
    assert.match(String(synced), /using deprecated 'data' field/);
    assert.equal(bed.server.events(ref).length, 2);
  });

  test('throws on a conflict, reports nothing, and leaves what another client has written', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    const read = stored(bed, ref);
    const now = bed.server.change('sealedsecrets', ref, { metadata: { labels: { touched: 'yes' } } });
    await assert.rejects(publish(bed, ref, FAILED, read), has(409));
    assert.equal(bed.server.get('sealedsecrets', ref), now);
    assert.deepEqual([bed.server.events(ref), bed.controller.log], [[], []]);
  });

  test('throws for an object that is gone, and reports nothing', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    const read = stored(bed, ref);
    bed.server.delete('sealedsecrets', ref);
    await assert.rejects(publish(bed, ref, FAILED, read), has(404));
    assert.deepEqual([bed.server.events(ref), bed.controller.log], [[], []]);
  });

  test('returns why the status was not written, logs it once, and still records the event', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    bed.server.fault = ({ path }) =>
      path.endsWith('/sealedsecrets/db/status') ? refused(422, 'Invalid') : undefined;
    for (let times = 0; times < 3; times++) {
      const failure = await publish(bed, ref, SYNCED);
      assert.equal(failure?.code, 'ApiRefused');
    }
    assert.equal(bed.server.of('PUT', STATUS).length, 3, 'it is tried again');
    assert.equal(bed.server.events(ref).length, 1);
    const lines = bed.controller.log.filter(({ msg }) => msg === 'failed to update status');
    assert.equal(lines.length, 1);
    assert.match(lines[0]?.line ?? '', /update the status of SealedSecret shop\/db: 422 Invalid/);
    bed.server.fault = () => undefined;
    assert.equal(await publish(bed, ref, SYNCED), undefined);
    assert.equal(bed.controller.told(ref).status, 'True');
    assert.equal(bed.server.events(ref).length, 1);
  });

  test('does not fail if its event is not recorded, and logs that', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    bed.server.fault = ({ path }) => (path.endsWith('/events') ? refused(403, 'Forbidden') : undefined);
    assert.equal(await publish(bed, ref, SYNCED), undefined);
    assert.equal(bed.controller.told(ref).status, 'True');
    assert.deepEqual(
      bed.controller.log.map(({ level, msg }) => [level, msg]),
      [
        ['INFO', 'unsealed'],
        ['WARN', 'failed to record event'],
      ],
    );
  });

  test('keeps the conditions of other controllers, after its own', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    bed.server.replaceStatus(ref, { conditions: [{ type: 'Theirs', status: 'True' }] });
    await publish(bed, ref, SYNCED);
    const types = listAt(bed.server.get('sealedsecrets', ref), 'status', 'conditions');
    assert.deepEqual(
      types.map((condition) => at(condition, 'type')),
      ['Synced', 'Theirs'],
    );
  });
});

suite('a reconcile whose status is not written', () => {
  test('because it is refused still creates the Secret, and is retried until it succeeds', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    bed.server.fault = ({ path }) =>
      path.endsWith('/sealedsecrets/db/status') ? refused(422, 'Invalid') : undefined;
    const cause = 'update the status of SealedSecret: 422 Invalid';
    for (let times = 0; times < 3; times++) assert.deepEqual(await bed.controller.reconcile(ref), { cause });
    assert.deepEqual(itemsOf(bed.server.get('secrets', ref)), { a: 'one' });
    bed.server.fault = () => undefined;
    assert.equal(await bed.controller.reconcile(ref), 'synced');
    assert.equal(bed.server.events(ref).length, 1);
  });

  test('because of --update-status=false has an event, and knows what it has applied', async (t) => {
    const bed = await startTestBed(t, { updateStatus: false });
    const ref = bed.seal('db');
    await bed.controller.rest(ref);
    bed.server.change('secrets', ref, {
      metadata: { labels: { theirs: 'yes' } },
      data: { a: base64('edited') },
    });
    await bed.controller.rest(ref);
    const repaired = bed.server.get('secrets', ref);
    assert.deepEqual(itemsOf(repaired), { a: 'one' });
    assert.deepEqual(at(repaired, 'metadata', 'labels'), { theirs: 'yes' });
    assert.deepEqual(bed.server.of('PUT', STATUS), []);
    assert.equal(bed.server.events(ref).length, 1);
  });
});

suite('a failure', () => {
  test('is logged and recorded once, however often it is tried', async (t) => {
    const bed = await startTestBed(t);
    const ref = bed.seal('db');
    await bed.controller.settle(ref);
    bed.server.change('sealedsecrets', ref, { spec: { encryptedData: { a: 'AAAA' } } });
    for (const label of ['one', 'two', 'three']) {
      bed.server.change('sealedsecrets', ref, { metadata: { labels: { label } } });
      await bed.controller.settle(ref);
    }
    assert.deepEqual(
      bed.server.events(ref).map(({ reason }) => reason),
      ['Unsealed', 'ErrUnsealFailed'],
    );
    assert.deepEqual(
      bed.controller.log.map(({ msg }) => msg),
      ['Secret created', 'failed to sync SealedSecret'],
    );
  });
});

/** Anyone who may write one SealedSecret could otherwise fill the log and etcd of the whole cluster. */
suite('an object that is wrong in 20,000 ways', () => {
  const COUNT = 20_000;
  const EDITS = 4;
  const each = (value: (index: number) => string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`t${index}`, value(index)]));
  const ref = { namespace: NAMESPACE, name: 'db' };
  const good = sealedSecret(CERTIFICATE, ref, { a: 'one' });
  const objects: Readonly<Record<string, readonly [counted: RegExp, spec: object]>> = {
    'broken templates': [
      /^19990 more templates were skipped after 10 failures\n/,
      { ...good.spec, template: { data: each((index) => `{{ f${index}`) } },
    ],
    'items that are no base64, each in its own way': [
      /and \d+ more$/,
      { ...good.spec, encryptedData: each((index) => `${'A'.repeat(index % 64)}*`) },
    ],
  };
  for (const [what, [counted, spec]] of Object.entries(objects)) {
    test(`(${what}) makes a short line, event and message at each edit`, async (t) => {
      const bed = await startTestBed(t);
      bed.server.create('sealedsecrets', { ...good, spec });
      for (let edit = 1; edit <= EDITS; edit++) {
        bed.server.change('sealedsecrets', ref, { spec: { template: { type: `example.com/${edit}` } } });
        await bed.controller.settle(ref);
      }
      const { message, object } = bed.controller.told(ref);
      const conditions = listAt(object, 'status', 'conditions');
      assert.equal(conditions.length, 2);
      for (const condition of conditions) assert.ok(String(at(condition, 'message')).length <= MAX_MESSAGE);
      assert.match(message, counted);
      const events = bed.server.events(ref);
      assert.equal(events.length, EDITS);
      for (const event of events) assert.ok(String(event.message).length <= MAX_MESSAGE);
      const lines = bed.controller.log;
      assert.equal(lines.length, EDITS);
      for (const { line } of lines) assert.ok(line.length <= 2 * MAX_LOGGED, String(line.length));
    });
  }
});
