import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { objectsOf } from '../../../cli/lint/objects.ts';
import type { RuleId } from '../../../cli/lint/rules.ts';
import { CONTENT_RULES } from './content-rules.ts';
import { problemsWith, SEALED } from './rule-on.ts';

/** So much that work for each pair of entries would take an hour. */
const SIZE = 100_000;

interface Shape {
  readonly what: string;
  /** Returns an object of a size. */
  readonly of: (size: number) => object;
  /** How many findings each rule has. */
  readonly findings: Partial<Record<RuleId, number>>;
}

function sealed(spec: object, metadata: object = { name: 'db', namespace: 'shop' }): object {
  return { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata, spec };
}

function entries<T>(size: number, entry: (index: number) => readonly [string, T]): Record<string, T> {
  return Object.fromEntries(Array.from({ length: size }, (_, index) => entry(index)));
}

const SHAPES: readonly Shape[] = [
  {
    what: 'items',
    findings: { S015: 1 },
    of: (size) => sealed({ encryptedData: entries(size, (index) => [`item-${index}`, SEALED]) }),
  },
  {
    what: 'items that are no sealed values, with names that no item has',
    findings: { S005: SIZE, S014: SIZE, S015: 1 },
    of: (size) => sealed({ encryptedData: entries(size, (index) => [`pass word:${index}`, null]) }),
  },
  {
    what: 'unknown fields',
    findings: { S005: SIZE },
    of: (size) => sealed({ encryptedData: {}, ...entries(size, (index) => [`encryptedDat${index}`, 1]) }),
  },
  {
    what: 'labels that are numbers',
    findings: { S005: SIZE },
    of: (size) =>
      sealed({ encryptedData: {} }, { name: 'db', labels: entries(size, (index) => [`l${index}`, 1]) }),
  },
  {
    what: 'templates that do not parse',
    findings: { S011: SIZE, S015: 1 },
    of: (size) =>
      sealed({
        encryptedData: {},
        template: { data: entries(size, (index) => [`t${index}`, '{{ nothing }']) },
      }),
  },
  {
    what: 'missing items in one template',
    // The controller refuses so many words in a template.
    findings: { S011: 1, S015: 1 },
    of: (size) => {
      const url = Array.from({ length: size }, (_, index) => `{{ .item${index} }}`).join('');
      return sealed({ encryptedData: { item: SEALED }, template: { data: { url } } });
    },
  },
  {
    what: 'braces',
    findings: { S005: 1, S011: 1 },
    of: (size) =>
      sealed({ encryptedData: { a: '{'.repeat(size * 10) }, template: { data: { a: '{'.repeat(size) } } }),
  },
  {
    what: 'letters in names',
    findings: { S005: 2, S014: 2 },
    of: (size) =>
      sealed(
        { encryptedData: { ['a:'.repeat(size)]: 1 }, ['b'.repeat(size)]: 1 },
        { name: 'a.-'.repeat(size) },
      ),
  },
];

suite('the rules about SealedSecrets', () => {
  for (const { what, of, findings } of SHAPES) {
    test(`take linear time for many ${what}`, async () => {
      const objects = objectsOf([{ value: of(SIZE), place: { source: 'db.yaml' } }]);
      const counts = new Map<RuleId, number>();
      for (const rule of CONTENT_RULES) {
        for (const { rule: id, message, advice } of await problemsWith(rule, objects)) {
          assert.ok(message.length + advice.length < 1000, message);
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
      }
      assert.deepEqual(Object.fromEntries(counts), findings);
    });
  }
});
