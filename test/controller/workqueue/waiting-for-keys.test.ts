import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WaitingForKeys } from '../../../controller/workqueue/waiting-for-keys.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('what waits for a key', () => {
  const ref = { namespace: 'ns', name: 'db' };

  test('gets another turn when keys come, once', () => {
    const again: string[] = [];
    const waiting = new WaitingForKeys(({ name }) => again.push(name));
    waiting.add(ref, waiting.generation);
    waiting.add({ ...ref, name: 'healed' }, waiting.generation);
    waiting.remove({ ...ref, name: 'healed' });
    waiting.onKeysAdded();
    waiting.onKeysAdded();
    assert.deepEqual(again, ['db']);
  });

  test('gets it at once where keys came while it was tried with those of before', () => {
    const again: string[] = [];
    const waiting = new WaitingForKeys(({ name }) => again.push(name));
    const { generation } = waiting;
    waiting.onKeysAdded();
    waiting.add(ref, generation);
    assert.deepEqual(again, ['db']);
  });

  test('is tried again when a key arrives, and nothing else is', async () => {
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
