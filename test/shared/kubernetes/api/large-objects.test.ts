import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LargeObjects } from '../../../../shared/kubernetes/api/large-objects.ts';

const LARGE = 64 * 1024 + 1;

test('at most four streams hold a large object at once; the next one waits', async () => {
  const all = new LargeObjects();
  const streams = Array.from({ length: 7 }, () => all.stream());
  const holding = new Set<number>();
  for (const [index, stream] of streams.entries()) void stream.follow(LARGE).then(() => holding.add(index));
  await turn();
  assert.deepEqual([...holding], [0, 1, 2, 3]);
  // Streams with a slot keep it, and small objects need none.
  await streams[0]?.follow(LARGE * 2);
  await all.stream().follow(LARGE - 1);

  await streams[1]?.follow(0);
  await turn();
  assert.deepEqual([...holding], [0, 1, 2, 3, 4]);
  streams[2]?.end();
  streams[2]?.end();
  await turn();
  assert.deepEqual([...holding], [0, 1, 2, 3, 4, 5], 'a place is given back once');
});
