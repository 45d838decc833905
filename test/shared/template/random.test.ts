import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './differences.ts';
import { buildOracle } from './oracle.ts';
import { randomCases } from './random.ts';

const COUNT = 1500;

test('random templates come out as Go has them', async (t) => {
  const ask = await buildOracle().catch(() => null);
  if (ask === null) return t.skip('needs Go and its modules');
  const { differences, outputs } = await compare(randomCases(COUNT, 20260101), ask);
  assert.deepEqual(differences, []);
  // That many get through is what makes this a test.
  assert.ok(outputs > COUNT / 5, `only ${outputs} outputs`);
});
