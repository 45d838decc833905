import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespacesOf } from '../../../controller/informer/namespaces.ts';

test('the namespaces are all, or its own, or its own and those that are named', () => {
  const scope = { allNamespaces: true, additionalNamespaces: [] };
  assert.equal(namespacesOf(scope, 'own'), undefined);
  assert.deepEqual(namespacesOf({ ...scope, allNamespaces: false }, 'own'), ['own']);
  for (const allNamespaces of [true, false]) {
    const named = { allNamespaces, additionalNamespaces: ['a', 'own', 'a'] };
    assert.deepEqual(namespacesOf(named, 'own'), ['own', 'a']);
  }
});
