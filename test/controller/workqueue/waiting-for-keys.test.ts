import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WaitingForKeys } from '../../../controller/workqueue/waiting-for-keys.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('a SealedSecret that no key opens', () => {
  const ref = { namespace: 'ns', name: 'db' };

  test('is requeued once when keys are added', () => {
    const requeued: string[] = [];
    const waiting = new WaitingForKeys(({ name }) => requeued.push(name));
    waiting.add(ref, waiting.generation);
    waiting.add({ ...ref, name: 'opened' }, waiting.generation);
    waiting.remove({ ...ref, name: 'opened' });
    waiting.onKeysAdded();
    waiting.onKeysAdded();
    assert.deepEqual(requeued, ['db']);
  });

  test('is requeued at once if keys were added during its reconcile', () => {
    const requeued: string[] = [];
    const waiting = new WaitingForKeys(({ name }) => requeued.push(name));
    const { generation } = waiting;
    waiting.onKeysAdded();
    waiting.add(ref, generation);
    assert.deepEqual(requeued, ['db']);
  });

  test('is queued when a key is added, unless it was removed', async () => {
    const queue = new WorkQueue(new FakeClock());
    const waiting = new WaitingForKeys((each) => queue.add(each, 'retry'));
    for (const name of ['a', 'b', 'c']) waiting.add({ namespace: 'ns', name }, waiting.generation);
    waiting.remove({ namespace: 'ns', name: 'b' });
    waiting.onKeysAdded();
    const names: string[] = [];
    while (queue.size > 0) names.push((await queue.take(new AbortController().signal)).name);
    assert.deepEqual(names, ['a', 'c']);
  });
});
