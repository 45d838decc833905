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
  test('is queued for whatever its Secret depends on, and not for our own status', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SealedSecretSink(queue);
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), ['db']);
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.deepEqual(await queued(queue), [], 'a status moves the version alone');
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

  test('that is gone is queued when it is back', async () => {
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

suite('a SealedSecret that is gone', () => {
  const ref = { namespace: 'ns', name: 'db' };

  test('has one turn more, and its UID is kept only where its Secret is to go with it', async () => {
    for (const collects of [false, true]) {
      const queue = new WorkQueue(new FakeClock());
      const sink = new SealedSecretSink(queue, { cleansUp: collects });
      sink.seen(metadata({ uid: 'first' }));
      await queued(queue);
      sink.gone(ref);
      sink.gone(ref);
      assert.deepEqual(await queued(queue), ['db']);
      assert.equal(sink.deletedUid(ref), collects ? 'first' : undefined);
      sink.markCleanedUp(ref, 'another');
      assert.equal(sink.deletedUid(ref), collects ? 'first' : undefined);
      sink.markCleanedUp(ref, 'first');
      assert.equal(sink.deletedUid(ref), undefined);
    }
  });

  test('and was made again while nobody watched has left its UID', () => {
    const sink = new SealedSecretSink(new WorkQueue(new FakeClock()), { cleansUp: true });
    sink.seen(metadata({ uid: 'first' }));
    sink.seen(metadata({ uid: 'second' }));
    assert.equal(sink.deletedUid(ref), 'first');
    assert.ok(sink.has(ref));
  });

  test('or has changed is told to whoever works on it, and our own status is not', () => {
    const changed: string[] = [];
    const edited: string[] = [];
    const sink = new SealedSecretSink(new WorkQueue(new FakeClock()), {
      onChange: ({ name }) => changed.push(name),
      onEdit: ({ name }) => edited.push(name),
    });
    sink.seen(metadata());
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.equal(changed.length, 1);
    assert.equal(edited.length, 0, 'what is new is no edit');
    sink.seen(metadata({ generation: 2 }));
    assert.equal(edited.length, 1);
    sink.seen(metadata({ uid: 'another' }));
    sink.gone(ref);
    assert.equal(changed.length, 4);
    assert.equal(edited.length, 1);
  });
});

suite('a Secret', () => {
  test('that was repaired a moment ago waits until it may be repaired again', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    const sink = new SecretSink(
      queue,
      () => true,
      () => 1000,
    );
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), []);
    await clock.pass(1000);
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('is looked at when a SealedSecret has its name, and it changed or went', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink(queue, ({ name }) => name === 'db');
    sink.seen(metadata());
    sink.seen(metadata({ name: 'other' }));
    assert.deepEqual(await queued(queue), ['db']);
    sink.seen(metadata());
    assert.deepEqual(await queued(queue), [], 'the same again');
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.deepEqual(await queued(queue), ['db']);
    sink.gone({ namespace: 'ns', name: 'db' });
    sink.gone({ namespace: 'ns', name: 'db' });
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('is part of the backlog until the first list is complete', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink(queue, () => true);
    sink.seen(metadata());
    queue.add({ namespace: 'ns', name: 'new' }, 'fresh');
    assert.deepEqual(await queued(queue), ['new', 'db']);
  });

  test('that was read, and went before the watch told of it, is looked at', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink(queue, () => true);
    sink.note(metadata());
    for (const [key, ref] of [...sink.known()]) if (key === 'ns/db') sink.gone(ref);
    assert.deepEqual(await queued(queue), ['db']);
  });

  test('that we have written ourselves is no news', async () => {
    const queue = new WorkQueue(new FakeClock());
    const sink = new SecretSink(queue, () => true);
    sink.note(metadata({ resourceVersion: '5' }));
    sink.seen(metadata({ resourceVersion: '5' }));
    assert.deepEqual(await queued(queue), []);
    sink.seen(metadata({ resourceVersion: '6' }));
    assert.deepEqual(await queued(queue), ['db']);
  });
});
