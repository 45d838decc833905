import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { labelFor, scopeOf, SCOPES } from '../../../shared/seal/scope.ts';

const PLACE = { source: 'test' };
const NAMESPACE_WIDE = 'sealedsecrets.bitnami.com/namespace-wide';
const CLUSTER_WIDE = 'sealedsecrets.bitnami.com/cluster-wide';

suite('the scope', () => {
  const table: [Record<string, string>, string][] = [
    [{}, 'strict'],
    [{ [NAMESPACE_WIDE]: 'true' }, 'namespace-wide'],
    [{ [CLUSTER_WIDE]: 'true' }, 'cluster-wide'],
    [{ [CLUSTER_WIDE]: 'true', [NAMESPACE_WIDE]: 'true' }, 'cluster-wide'],
    [{ [CLUSTER_WIDE]: 'True' }, 'strict'],
    [{ [CLUSTER_WIDE]: 'yes', [NAMESPACE_WIDE]: '1' }, 'strict'],
    [{ 'sealedsecrets.bitnami.com/Cluster-Wide': 'true' }, 'strict'],
  ];
  for (const [annotations, scope] of table) {
    test(`of ${JSON.stringify(annotations)} is ${scope}`, () => {
      assert.equal(scopeOf(new Map(Object.entries(annotations))), scope);
    });
  }

  test('ignores inherited properties', () => {
    const inherited = Object.create({ [CLUSTER_WIDE]: 'true' }) as Record<string, string>;
    assert.equal(scopeOf(new Map(Object.entries(inherited))), 'strict');
  });
});

suite('a label', () => {
  test('has the form of the format', () => {
    const object = { name: 'db', namespace: 'prod' };
    assert.deepEqual(
      SCOPES.map((scope) => labelFor(scope, object, PLACE).toString()),
      ['prod/db', 'prod', ''],
    );
  });

  test('never stands for two objects', () => {
    const part = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[a-z/.-]{0,6}$/));
    const objects = fc.record({ name: part, namespace: part });
    fc.assert(
      fc.property(objects, objects, (one, two) => {
        const labels = [one, two].map((object) => tryLabel(object));
        if (labels.includes(undefined) || labels[0] !== labels[1]) return;
        assert.deepEqual(one, two);
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  for (const [name, namespace] of [
    ['a/b', 'ns'],
    ['b', 'ns/a'],
    ['', 'ns'],
    ['a', ''],
    ['a\u0000', 'ns'],
    ['a', 'n\ns'],
    ['{{ a/b }}', 'ns'],
  ] as const) {
    test(`is refused for "${name.slice(0, 8)}" in "${namespace.slice(0, 8)}"`, () => {
      assert.throws(() => labelFor('strict', { name, namespace }, PLACE), /is not a valid name/);
    });
  }

  // The API server refuses these names; a placeholder never reaches it.
  for (const [name, namespace] of [
    ['testSecret', 'ns'],
    ['{{ .Release.Name }}-db', '{{ .Release.Namespace }}'],
    ['${APP}-db', '${NAMESPACE}'],
    ['a..b', 'n.s'],
    ['-a', 'ns'],
    ['ä', 'Ns'],
    ['a'.repeat(254), 'n'.repeat(64)],
  ] as const) {
    test(`is the unchanged text for "${name.slice(0, 12)}" in "${namespace.slice(0, 12)}"`, () => {
      assert.equal(labelFor('strict', { name, namespace }, PLACE).toString(), `${namespace}/${name}`);
    });
  }
});

function tryLabel(object: { name: string; namespace: string }): string | undefined {
  try {
    return labelFor('strict', object, PLACE).toString();
  } catch {
    return undefined;
  }
}
