import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { InitialSync } from '../../../controller/informer/initial-sync.ts';
import type { WatchObserver } from '../../../controller/informer/watch-observer.ts';

function recording(calls: string[] = []): WatchObserver {
  return {
    restarted: () => void calls.push('restarted'),
    listed: () => void calls.push('listed'),
    listFailed: (failure) => void calls.push(failure),
    heard: () => void calls.push('heard'),
    skipped: () => void calls.push('skipped'),
  };
}

suite('the first lists of SealedSecrets', () => {
  test('are missing until the list is complete, and not missing after later failures', () => {
    const sync = new InitialSync(undefined);
    const observer = sync.observer(undefined, recording());
    assert.equal(sync.missing, 'sealedsecrets have not been listed yet');
    observer.heard();
    observer.skipped();
    observer.restarted();
    observer.listFailed('failed');
    assert.equal(sync.missing, 'sealedsecrets have not been listed yet');
    observer.listed();
    assert.equal(sync.missing, undefined);
    observer.listFailed('failed');
    assert.equal(sync.missing, undefined);
  });

  test('are counted by namespace without names', () => {
    const sync = new InitialSync(['a', 'b', 'c']);
    assert.equal(sync.missing, 'sealedsecrets have not been listed yet in 3 of 3 namespaces');
    sync.observer('b', recording()).listed();
    sync.observer('b', recording()).listed();
    assert.equal(sync.missing, 'sealedsecrets have not been listed yet in 2 of 3 namespaces');
    sync.observer('a', recording()).listed();
    sync.observer('c', recording()).listed();
    assert.equal(sync.missing, undefined);
  });

  for (const failure of ['forbidden', 'missing'] as const) {
    test(`count as complete where listing fails as ${failure}`, () => {
      const sync = new InitialSync(['a']);
      sync.observer('a', recording()).listFailed(failure);
      assert.equal(sync.missing, undefined);
    });
  }

  test('are observed by an observer that forwards every event to another one', () => {
    const calls: string[] = [];
    const observer = new InitialSync(undefined).observer(undefined, recording(calls));
    observer.restarted();
    observer.listFailed('failed');
    observer.heard();
    observer.skipped();
    observer.listed();
    assert.deepEqual(calls, ['restarted', 'failed', 'heard', 'skipped', 'listed']);
  });
});
