import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privateOperationsOn } from '../../../controller/keys/private-operations.ts';

test('private operations keep each core busy, within the threads that Node has', () => {
  assert.deepEqual([1, 2, 3, 64].map(privateOperationsOn), [2, 4, 4, 4]);
});
