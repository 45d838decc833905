import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseManifests, SealedSecretsError, toYaml } from '../../library/index.ts';

function failing(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SealedSecretsError);
    assert.equal(error.code, code);
    assert.match(error.message, /^a\.yaml/);
    assert.doesNotMatch(String(error.stack), /canary/);
    return true;
  };
}

suite('parseManifests', () => {
  test('reads YAML, JSON and Lists, as text and as bytes', () => {
    const text = 'kind: A\n---\n---\nkind: List\nitems:\n  - kind: B\n  - kind: C\n';
    for (const input of [text, Buffer.from(text)]) {
      assert.deepEqual(
        parseManifests(input).map(({ kind }) => kind),
        ['A', 'B', 'C'],
      );
    }
    assert.deepEqual(parseManifests('{"kind":"A","x":1}'), [{ kind: 'A', x: 1 }]);
  });

  test('fails with the place, and quotes nothing', () => {
    const source = 'a.yaml';
    assert.throws(() => parseManifests('canary: [', { source }), failing('Syntax'));
    assert.throws(() => parseManifests('a-canary', { source }), failing('WrongType'));
    assert.throws(() => parseManifests('kind: 1', { source }), failing('WrongType'));
    assert.throws(() => parseManifests('kind: A\n---\napiVersion: []', { source }), failing('WrongType'));
    assert.throws(() => parseManifests(Uint8Array.of(0xff, 0xfe, 0x41), { source }), failing('NotUtf8'));
  });
});

suite('toYaml', () => {
  test('writes documents that parse again', () => {
    const manifests = [
      { kind: 'A', data: { a: '012', b: 'yes', c: 'x\ny' } },
      { kind: 'B', gone: undefined },
    ];
    const text = toYaml(...manifests);
    assert.equal(text, '---\ndata:\n  a: "012"\n  b: "yes"\n  c: |-\n    x\n    y\nkind: A\n---\nkind: B\n');
    assert.deepEqual(parseManifests(text), [manifests[0], { kind: 'B' }]);
  });
});
