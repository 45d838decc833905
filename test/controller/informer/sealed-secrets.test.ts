import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  SealedSecretSink,
  type SealedSecretSinkOptions,
} from '../../../controller/informer/sealed-secrets.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { StoredSealedSecret } from '../../../shared/api/sealed-secret.ts';
import type { Applied, Status } from '../../../shared/api/status.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { metadata, storedSealedSecret, type MetadataParts } from '../../support/objects.ts';
import { takenFrom } from '../../support/taken.ts';

const REF = { namespace: 'ns', name: 'db' };
const KEY = `SHA256:${'a'.repeat(43)}`;
const APPLIED: Applied = {
  sealedSecretUID: 'uid-1',
  generation: 1,
  scope: 'strict',
  secretUID: 'secret',
  secretResourceVersion: '7',
  ownership: 'Reference',
  keys: [KEY],
};

interface Bed {
  readonly queue: WorkQueue;
  readonly sink: SealedSecretSink;
  /** The version of every Secret. */
  secretVersion: string;
  readonly see: (parts?: MetadataParts, status?: Status, size?: number) => StoredSealedSecret;
  readonly queued: () => Promise<string[]>;
}

function start(options: SealedSecretSinkOptions = {}): Bed {
  const queue = new WorkQueue(new FakeClock());
  const bed: Bed = {
    queue,
    secretVersion: 'secret 7',
    sink: new SealedSecretSink({ queue, isSecretAt: (_, version) => version === bed.secretVersion }, options),
    see: (parts = {}, status?: Status, size = 1000) => {
      const object = storedSealedSecret(metadata(parts), status);
      bed.sink.seen(object, size);
      return object;
    },
    queued: () => takenFrom(queue),
  };
  return bed;
}

function statusOf(synced: 'True' | 'False', applied?: Partial<Applied>, message = ''): Status {
  const condition = { type: 'Synced', status: synced, reason: '', message };
  return {
    observedGeneration: 1,
    conditions: [{ ...condition, lastUpdateTime: '', lastTransitionTime: '' }],
    applied: applied && { ...APPLIED, ...applied },
  };
}

suite('a SealedSecret', () => {
  test('is queued when anything changes that its Secret depends on, but not for a status update', async () => {
    const { see, queued } = start();
    see();
    assert.deepEqual(await queued(), ['db']);
    see({ resourceVersion: '2' });
    assert.deepEqual(await queued(), [], 'a status update changes only the resource version');
    for (const changed of [
      { generation: 2 },
      { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
      { labels: { a: 'b' } },
      { uid: 'another' },
      { deleting: true },
    ]) {
      see(changed);
      assert.deepEqual(await queued(), ['db']);
    }
  });

  test('is queued when it is recreated', async () => {
    const { see, sink, queued } = start();
    see();
    await queued();
    sink.gone(REF);
    assert.ok(!sink.has(REF));
    see();
    assert.deepEqual(await queued(), ['db']);
  });

  test('is queued when its status is lost, as after etcd was restored, but not while it is reconciled', async () => {
    const { see, queue, queued } = start();
    see();
    assert.deepEqual(await queued(), ['db']);
    see({}, statusOf('True', {}));
    assert.deepEqual(await queued(), []);
    see();
    assert.deepEqual(await queued(), ['db']);
    see();
    assert.deepEqual(await queued(), [], 'it was lost only once');

    see({}, statusOf('True', {}));
    queue.add(REF, 'high');
    const ref = await queue.take(new AbortController().signal);
    see();
    queue.done(ref);
    assert.deepEqual(await queued(), []);
  });

  test('is kept in its latest state until its reconcile takes it', () => {
    const { see, sink } = start();
    see();
    const latest = see({ resourceVersion: '2' });
    assert.equal(sink.take(REF), latest);
    assert.equal(sink.take(REF), undefined);
    see({ resourceVersion: '3' });
    assert.equal(sink.take(REF), undefined, 'a status update causes no reconcile');
  });

  test('is not kept when the objects that wait are too large together', () => {
    const { see, sink } = start();
    for (let i = 0; i < 10; i++) see({ name: `db-${i}` }, undefined, 1024 * 1024);
    const kept = Array.from({ length: 10 }, (_, i) => sink.take({ namespace: 'ns', name: `db-${i}` }));
    assert.equal(kept.filter((each) => each !== undefined).length, 7);
    see({ name: 'small' });
    assert.ok(sink.take({ namespace: 'ns', name: 'small' }), 'there is room again');
  });
});

suite('the first list', () => {
  test('queues new and changed objects at once', async () => {
    const { see, queued } = start();
    see({ name: 'new' });
    see({ name: 'changed', generation: 2 }, statusOf('True', {}));
    see(
      { name: 'rescoped', annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
      statusOf('True', {}),
    );
    see({ name: 'restored', uid: 'another' }, statusOf('True', {}));
    assert.deepEqual((await queued()).sort(), ['changed', 'new', 'rescoped', 'restored']);
  });

  test('queues nothing for an object whose Secret is right', async () => {
    const bed = start();
    bed.see({}, statusOf('True', {}));
    bed.sink.verify();
    assert.deepEqual(await bed.queued(), []);
    assert.equal(bed.sink.take(REF), undefined, 'and does not keep it');
  });

  for (const [what, status] of [
    ['whose Secret has another version', statusOf('True', { secretResourceVersion: '6' })],
    ['whose Secret has another UID', statusOf('True', { secretUID: 'another' })],
    ['whose status does not say what was applied', statusOf('True')],
    ['whose status names no keys', statusOf('True', { keys: undefined })],
    ['whose status has a message', statusOf('True', {}, 'the template a refers to missing items')],
    ['that failed', statusOf('False', {})],
  ] as const) {
    test(`queues an object ${what} when it is verified`, async () => {
      const bed = start();
      bed.see({}, status);
      assert.deepEqual(await bed.queued(), []);
      bed.sink.verify();
      assert.deepEqual(await bed.queued(), ['db']);
      assert.ok(bed.sink.take(REF));
    });
  }

  test('queues an object that was opened by a key which is no longer in use', async () => {
    const bed = start({ isKeyInUse: () => false });
    bed.see({}, statusOf('True', {}));
    bed.sink.verify();
    assert.deepEqual(await bed.queued(), ['db']);
  });

  test('puts what failed last, and new objects first', async () => {
    const bed = start();
    bed.see({ name: 'failed' }, statusOf('False'));
    bed.see({ name: 'lost' }, statusOf('True', { secretUID: 'another' }));
    bed.sink.verify();
    bed.see({ name: 'new' });
    assert.deepEqual(await bed.queued(), ['new', 'lost', 'failed']);
  });

  test('forgets an object that is gone before it is verified', async () => {
    const bed = start();
    bed.see({}, statusOf('False'));
    bed.sink.gone(REF);
    bed.sink.verify();
    assert.deepEqual(await bed.queued(), []);
  });
});

suite('a SealedSecret that another replica reconciles', () => {
  test('leaves the queue once its status says that its Secret is right', async () => {
    const bed = start();
    bed.sink.verify();
    bed.see();
    bed.see({ resourceVersion: '2' }, statusOf('True', {}));
    assert.deepEqual(await bed.queued(), []);
    assert.equal(bed.sink.take(REF), undefined);
  });

  test('stays in the queue while its Secret has another version', () => {
    const bed = start();
    bed.sink.verify();
    bed.secretVersion = 'secret 6';
    bed.see();
    bed.see({ resourceVersion: '2' }, statusOf('True', {}));
    bed.secretVersion = 'secret 7';
    assert.equal(bed.queue.size, 1);
    assert.ok(bed.sink.dropIfUpToDate(REF), 'the event of the Secret arrives');
    assert.equal(bed.queue.size, 0);
  });

  test('is reconciled after a change of its labels, although the status is about its generation', async () => {
    const bed = start();
    bed.sink.verify();
    bed.see({}, statusOf('True', {}));
    await bed.queued();
    bed.see({ labels: { a: 'b' } }, statusOf('True', {}));
    assert.ok(!bed.sink.dropIfUpToDate(REF));
    assert.deepEqual(await bed.queued(), ['db']);
  });

  test('is passed on with the keys that its status names', () => {
    const seen: unknown[] = [];
    const bed = start({ onSeen: ({ status }, keys) => seen.push([status.observedGeneration, keys]) });
    bed.see();
    bed.see({}, statusOf('True', {}));
    assert.deepEqual(seen, [
      [0, undefined],
      [1, [KEY]],
    ]);
  });
});

suite('a deleted SealedSecret', () => {
  test('is queued only with keepDeletedUids, which keeps its UID', async () => {
    for (const keepDeletedUids of [false, true]) {
      const gone: string[] = [];
      const { see, sink, queued } = start({ keepDeletedUids, onGone: ({ name }) => gone.push(name) });
      see({ uid: 'first' });
      await queued();
      sink.gone(REF);
      sink.gone(REF);
      assert.deepEqual(await queued(), keepDeletedUids ? ['db'] : []);
      assert.deepEqual(gone, keepDeletedUids ? [] : ['db']);
      assert.equal(sink.deletedUid(REF), keepDeletedUids ? 'first' : undefined);
      sink.markCleanedUp(REF, 'another');
      assert.equal(sink.deletedUid(REF), keepDeletedUids ? 'first' : undefined);
      sink.markCleanedUp(REF, 'first');
      assert.equal(sink.deletedUid(REF), undefined);
    }
  });

  test('is queued once more if it is being reconciled', async () => {
    const { see, sink, queue, queued } = start();
    see();
    const ref = await queue.take(new AbortController().signal);
    sink.gone(REF);
    queue.done(ref);
    assert.deepEqual(await queued(), ['db']);
  });

  test('leaves the queue', async () => {
    const { see, sink, queued } = start();
    see();
    sink.gone(REF);
    assert.deepEqual(await queued(), []);
    assert.equal(sink.take(REF), undefined);
  });

  test('that was recreated while there was no watch keeps its former UID', () => {
    const { see, sink } = start({ keepDeletedUids: true });
    see({ uid: 'first' });
    see({ uid: 'second' });
    assert.equal(sink.deletedUid(REF), 'first');
    assert.ok(sink.has(REF));
  });

  test('and a changed one call onChange, and a status update does not', () => {
    const changed: string[] = [];
    const updated: string[] = [];
    const { see, sink } = start({
      onChange: ({ name }) => changed.push(name),
      onUpdate: ({ name }) => updated.push(name),
    });
    see();
    see({ resourceVersion: '2' });
    assert.equal(changed.length, 1);
    assert.equal(updated.length, 0, 'a creation is not an update');
    see({ generation: 2 });
    assert.equal(updated.length, 1);
    see({ uid: 'another' });
    sink.gone(REF);
    assert.equal(changed.length, 4);
    assert.equal(updated.length, 1);
  });
});
