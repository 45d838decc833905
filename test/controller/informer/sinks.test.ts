import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import { SealedSecretSink } from '../../../controller/informer/sealed-secrets.ts';
import { SecretSink } from '../../../controller/informer/secrets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { metadata } from '../../support/objects.ts';

const never = new AbortController().signal;

async function queued(queue: WorkQueue): Promise<string[]> {
  const names: string[] = [];
  while (queue.size > 0) {
    const ref = await queue.take(never);
    names.push(ref.name);
    queue.done(ref);
  }
  return names;
}

suite('a SealedSecret', () => {
  test('is queued when anything changes that its Secret depends on, but not for a status update', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SealedSecretSink(queue);
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), ['db']);
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.deepEqual(await queued(queue), [], 'a status update changes only the resource version');
    for (const changed of [
      metadata({ generation: 2 }),
      metadata({ annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } }),
      metadata({ labels: { a: 'b' } }),
      metadata({ uid: 'another' }),
      metadata({ deleting: true }),
    ]) {
      sink.seen(changed);
      assert.deepEqual(await queued(queue), ['db']);
    }
  });

  test('is queued when it is recreated', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SealedSecretSink(queue);
    sink.seen(metadata());
    await queued(queue);
    sink.gone({ namespace: 'ns', name: 'db' });
    assert.ok(!sink.has({ namespace: 'ns', name: 'db' }));
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), ['db']);
  });
});

suite('a deleted SealedSecret', () => {
  const ref = { namespace: 'ns', name: 'db' };

  test('is queued once, and its UID is kept only with keepDeletedUids', async () => {
    for (const keepDeletedUids of [false, true]) {
      const queue = new WorkQueue(new FakeClock());
      const sink = new SealedSecretSink(queue, { keepDeletedUids });
      sink.seen(metadata({ uid: 'first' }));
      await queued(queue);
      sink.gone(ref);
      sink.gone(ref);
      assert.deepEqual(await queued(queue), ['db']);
      assert.equal(sink.deletedUid(ref), keepDeletedUids ? 'first' : undefined);
      sink.markCleanedUp(ref, 'another');
      assert.equal(sink.deletedUid(ref), keepDeletedUids ? 'first' : undefined);
      sink.markCleanedUp(ref, 'first');
      assert.equal(sink.deletedUid(ref), undefined);
    }
  });

  test('that was recreated while there was no watch keeps its former UID', () => {
    const sink = new SealedSecretSink(new WorkQueue(new FakeClock()), { keepDeletedUids: true });
    sink.seen(metadata({ uid: 'first' }));
    sink.seen(metadata({ uid: 'second' }));
    assert.equal(sink.deletedUid(ref), 'first');
    assert.ok(sink.has(ref));
  });

  test('and a changed one call onChange, and a status update does not', () => {
    const changed: string[] = [];
    const updated: string[] = [];
    const sink = new SealedSecretSink(new WorkQueue(new FakeClock()), {
      onChange: ({ name }) => changed.push(name),
      onUpdate: ({ name }) => updated.push(name),
    });
    sink.seen(metadata());
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.equal(changed.length, 1);
    assert.equal(updated.length, 0, 'a creation is not an update');
    sink.seen(metadata({ generation: 2 }));
    assert.equal(updated.length, 1);
    sink.seen(metadata({ uid: 'another' }));
    sink.gone(ref);
    assert.equal(changed.length, 4);
    assert.equal(updated.length, 1);
  });
});

suite('a Secret', () => {
  test('that was repaired recently is queued after the repair pause', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    const sink = new SecretSink({ queue, hasSealedSecret: () => true, repairPause: () => 1000 });
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), []);
    await clock.pass(1000);
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('queues the SealedSecret of the same name when it changes or is deleted', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink({ queue, hasSealedSecret: ({ name }) => name === 'db' });
    sink.seen(metadata());
    sink.seen(metadata({ name: 'other' }));
    assert.deepEqual(await queued(queue), ['db']);
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), [], 'the same version again');
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.deepEqual(await queued(queue), ['db']);
    sink.gone({ namespace: 'ns', name: 'db' });
    sink.gone({ namespace: 'ns', name: 'db' });
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('is queued with low priority until the first list is complete', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink({ queue, hasSealedSecret: () => true });
    sink.seen(metadata());
    queue.add({ namespace: 'ns', name: 'new' }, 'high');
    assert.deepEqual(await queued(queue), ['new', 'db']);
  });

  test('that was recorded, and deleted before its first watch event, is queued', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink({ queue, hasSealedSecret: () => true });
    sink.record(metadata());
    for (const [key, ref] of [...sink.known()]) if (key === 'ns/db') sink.gone(ref);
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('that the controller wrote itself is not queued', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink({ queue, hasSealedSecret: () => true });
    sink.record(metadata({ resourceVersion: '5' }));
    sink.seen(metadata({ resourceVersion: '5' }));
    assert.deepEqual(await queued(queue), []);
    sink.seen(metadata({ resourceVersion: '6' }));
    assert.deepEqual(await queued(queue), ['db']);
  });
});
