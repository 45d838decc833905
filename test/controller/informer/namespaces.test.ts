import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchedNamespaces } from '../../../controller/informer/namespaces.ts';

test('the controller watches all namespaces, its own, or its own and the additional ones', () => {
  const flags = { allNamespaces: true, additionalNamespaces: [] };
  assert.equal(watchedNamespaces(flags, 'own'), undefined);
  assert.deepEqual(watchedNamespaces({ ...flags, allNamespaces: false }, 'own'), ['own']);
  for (const allNamespaces of [true, false]) {
    const named = { allNamespaces, additionalNamespaces: ['a', 'own', 'a'] };
    assert.deepEqual(watchedNamespaces(named, 'own'), ['own', 'a']);
  }
});
