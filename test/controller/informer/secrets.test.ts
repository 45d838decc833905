import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SecretSink, type SecretSinkOptions } from '../../../controller/informer/secrets.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { metadata } from '../../support/objects.ts';
import { takenFrom } from '../../support/taken.ts';

const REF = { namespace: 'ns', name: 'db' };

interface Bed {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  readonly sink: SecretSink;
  readonly queued: () => Promise<string[]>;
}

function start(options: Partial<SecretSinkOptions> = {}): Bed {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock);
  const sink = new SecretSink({
    queue,
    hasSealedSecret: () => true,
    dropIfUpToDate: () => false,
    ...options,
  });
  return { clock, queue, sink, queued: () => takenFrom(queue) };
}

/** Starts with an empty list that is complete. */
function startListed(options: Partial<SecretSinkOptions> = {}): Bed {
  const bed = start(options);
  bed.sink.caughtUp();
  return bed;
}

/** Takes the object as a reconcile does. */
async function begin({ queue }: Bed): Promise<Ref> {
  queue.add(REF, 'high');
  return queue.take(new AbortController().signal);
}

suite('a Secret', () => {
  test('that was repaired recently is queued after the repair pause', async () => {
    const { sink, clock, queued } = startListed({ repairPause: () => 1000 });
    sink.seen(metadata());
    assert.deepEqual(await queued(), []);
    await clock.pass(1000);
    assert.deepEqual(await queued(), ['db']);
  });

  test('queues the SealedSecret of the same name when it changes or is deleted', async () => {
    const { sink, queued } = startListed({ hasSealedSecret: ({ name }) => name === 'db' });
    sink.seen(metadata());
    sink.seen(metadata({ name: 'other' }));
    assert.deepEqual(await queued(), ['db']);
    sink.seen(metadata());
    assert.deepEqual(await queued(), [], 'the same version again');
    sink.seen(metadata({ resourceVersion: '2' }));
    assert.deepEqual(await queued(), ['db']);
    sink.gone(REF);
    sink.gone(REF);
    assert.deepEqual(await queued(), ['db']);
  });

  test('of the first list queues nothing, unless the controller has written it meanwhile', async () => {
    const { sink, queued } = start();
    sink.seen(metadata());
    assert.deepEqual(await queued(), []);
    sink.record(metadata({ name: 'new', resourceVersion: '5' }));
    sink.seen(metadata({ name: 'new', resourceVersion: '6' }));
    assert.deepEqual(await queued(), ['new'], 'someone else has changed it since');
  });

  test('that was recorded, and deleted before its first watch event, is queued', async () => {
    const { sink, queued } = startListed();
    sink.record(metadata());
    for (const [key, ref] of [...sink.known()]) if (key === 'ns/db') sink.gone(ref);
    assert.deepEqual(await queued(), ['db']);
  });

  test('that the controller wrote itself is not queued', async () => {
    const { sink, queued } = startListed();
    sink.record(metadata({ resourceVersion: '5' }));
    sink.seen(metadata({ resourceVersion: '5' }));
    assert.deepEqual(await queued(), []);
    sink.seen(metadata({ resourceVersion: '6' }));
    assert.deepEqual(await queued(), ['db']);
  });

  test('is not queued if the status of its SealedSecret says that it is right', async () => {
    const { sink, queued } = startListed({ dropIfUpToDate: () => true });
    sink.seen(metadata());
    assert.deepEqual(await queued(), []);
  });
});

suite('a Secret that changes during its reconcile', () => {
  test('is not queued again for the write of the reconcile, whichever arrives first', async () => {
    for (const eventFirst of [true, false]) {
      const bed = startListed();
      const ref = await begin(bed);
      const written = metadata({ resourceVersion: '5' });
      if (eventFirst) bed.sink.seen(written);
      bed.sink.record(written);
      if (!eventFirst) bed.sink.seen(written);
      bed.sink.settle(ref);
      bed.queue.done(ref);
      assert.deepEqual(await bed.queued(), []);
    }
  });

  test('is queued again if another client has changed it after that write', async () => {
    const bed = startListed();
    const ref = await begin(bed);
    bed.sink.seen(metadata({ resourceVersion: '5' }));
    bed.sink.seen(metadata({ resourceVersion: '6' }));
    bed.sink.record(metadata({ resourceVersion: '5' }));
    bed.sink.settle(ref);
    bed.queue.done(ref);
    assert.deepEqual(await bed.queued(), ['db']);
  });

  test('is queued again if another client has deleted it', async () => {
    const bed = startListed();
    const ref = await begin(bed);
    bed.sink.seen(metadata({ resourceVersion: '5' }));
    bed.sink.gone(REF);
    bed.sink.record(metadata({ resourceVersion: '5' }));
    bed.sink.settle(ref);
    bed.queue.done(ref);
    assert.deepEqual(await bed.queued(), ['db']);
  });

  test('is queued again if the reconcile ends without a write', async () => {
    const bed = startListed();
    const ref = await begin(bed);
    bed.sink.seen(metadata({ resourceVersion: '6' }));
    bed.sink.settle(ref);
    bed.queue.done(ref);
    assert.deepEqual(await bed.queued(), ['db']);
  });
});

suite('the cache of Secrets', () => {
  test('knows nothing about missing Secrets before the first list is complete', () => {
    const { sink } = start();
    assert.ok(!sink.isMissing(REF));
    sink.caughtUp();
    assert.ok(sink.isMissing(REF));
    sink.record(metadata());
    assert.ok(!sink.isMissing(REF));
    sink.gone(REF);
    assert.ok(sink.isMissing(REF));
  });

  test('is at the version that the watch delivered last, and not at one that was only written', () => {
    const { sink } = startListed();
    sink.record(metadata({ uid: 'secret', resourceVersion: '5' }));
    assert.ok(!sink.isAt(REF, 'secret 5'));
    sink.seen(metadata({ uid: 'secret', resourceVersion: '5' }));
    assert.ok(sink.isAt(REF, 'secret 5'));
    sink.seen(metadata({ uid: 'secret', resourceVersion: '6' }));
    assert.ok(!sink.isAt(REF, 'secret 5'));
  });
});
