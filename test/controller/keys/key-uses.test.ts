import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KeyUses } from '../../../controller/keys/key-uses.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { Fingerprint } from '../../../shared/crypto/fingerprint.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('a key that is no longer in use', () => {
  const [first, second] = ['SHA256:first', 'SHA256:second'] as const;
  const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'ns', name });

  test('causes SealedSecrets that need it to be reconciled again, after all other work', async () => {
    const inUse = new Set<Fingerprint>([first, second]);
    const queue = new WorkQueue(new FakeClock());
    const uses = new KeyUses(
      (key) => inUse.has(key),
      (each) => queue.add(each, 'low'),
    );
    uses.opened(ref('one'), [first, first]);
    uses.opened(ref('other'), [second]);
    uses.opened(ref('both'), [second, first]);
    uses.opened(ref('deleted'), [first]);
    uses.forget(ref('deleted'));
    uses.opened(ref('closed'), [first]);
    uses.opened(ref('closed'), []);
    inUse.delete(first);
    uses.onKeysRemoved();
    assert.deepEqual([queue.waiting.depths.low, queue.size], [2, 2]);
    const names = [];
    while (queue.size > 0) names.push((await queue.take(new AbortController().signal)).name);
    assert.deepEqual(names.sort(), ['both', 'one']);
  });

  test('that is removed during a reconcile causes that SealedSecret to be reconciled again', () => {
    const again: string[] = [];
    const uses = new KeyUses(
      (key) => key !== first,
      ({ name }) => again.push(name),
    );
    uses.opened(ref('raced'), [first]);
    uses.opened(ref('other'), [second]);
    assert.deepEqual(again, ['raced']);
  });
});
