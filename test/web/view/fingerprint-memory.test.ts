import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FingerprintMemory, type TextStore } from '../../../web/view/fingerprint-memory.ts';

const FIRST = `SHA256:${'a'.repeat(43)}`;
const SECOND = `SHA256:${'b'.repeat(43)}`;

/** Storage as a browser has it. */
class MapStore implements TextStore {
  readonly texts = new Map<string, string>();

  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  setItem(key: string, text: string): void {
    this.texts.set(key, text);
  }
}

suite('a remembered fingerprint', () => {
  test('is compared with the one that a page sees later', () => {
    const store = new MapStore();
    const before = new FingerprintMemory(() => store);
    assert.deepEqual(before.compare('prod', FIRST), { kind: 'new' });
    before.remember('prod', FIRST);
    const after = new FingerprintMemory(() => store);
    assert.deepEqual(after.compare('prod', FIRST), { kind: 'same' });
    assert.deepEqual(after.compare('prod', SECOND), { kind: 'changed', before: FIRST });
    assert.deepEqual(after.compare('staging', SECOND), { kind: 'new' });
  });

  test('is replaced by the one that is remembered next', () => {
    const store = new MapStore();
    const memory = new FingerprintMemory(() => store);
    memory.remember('prod', FIRST);
    memory.remember('prod', SECOND);
    assert.deepEqual(new FingerprintMemory(() => store).compare('prod', SECOND), { kind: 'same' });
  });

  test('is all that is stored', () => {
    const store = new MapStore();
    new FingerprintMemory(() => store).remember('prod', FIRST);
    assert.deepEqual([...store.texts.values()], [JSON.stringify([['prod', FIRST]])]);
  });

  test('does not undo what another tab remembered', () => {
    const store = new MapStore();
    const [one, other] = [new FingerprintMemory(() => store), new FingerprintMemory(() => store)];
    one.remember('prod', FIRST);
    other.remember('staging', SECOND);
    assert.deepEqual(new FingerprintMemory(() => store).compare('prod', FIRST), { kind: 'same' });
  });

  test('makes room for newer ones', () => {
    const store = new MapStore();
    const memory = new FingerprintMemory(() => store);
    for (let cluster = 0; cluster <= 100; cluster += 1) memory.remember(`cluster-${cluster}`, FIRST);
    const later = new FingerprintMemory(() => store);
    assert.deepEqual(later.compare('cluster-0', FIRST), { kind: 'new' });
    assert.deepEqual(later.compare('cluster-1', FIRST), { kind: 'same' });
  });

  test('may belong to a cluster of any name', () => {
    const store = new MapStore();
    new FingerprintMemory(() => store).remember('__proto__', FIRST);
    const memory = new FingerprintMemory(() => store);
    assert.deepEqual(memory.compare('__proto__', SECOND), { kind: 'changed', before: FIRST });
    assert.deepEqual(memory.compare('constructor', FIRST), { kind: 'new' });
  });

  test('is kept without storage until the page is closed', () => {
    const memory = new FingerprintMemory(() => {
      throw new Error('not allowed');
    });
    memory.remember('prod', FIRST);
    assert.deepEqual(memory.compare('prod', SECOND), { kind: 'changed', before: FIRST });
  });

  for (const stored of ['', '{', 'null', '{"prod":"x"}', '[["prod"]]', '[["prod","hunter2"]]', '[[1,2]]']) {
    test(`is unknown where ${JSON.stringify(stored)} is stored`, () => {
      const store = new MapStore();
      store.setItem('sealed-secrets-fingerprints', stored);
      const memory = new FingerprintMemory(() => store);
      assert.deepEqual(memory.compare('prod', FIRST), { kind: 'new' });
      memory.remember('prod', FIRST);
      assert.deepEqual(new FingerprintMemory(() => store).compare('prod', FIRST), { kind: 'same' });
    });
  }
});
