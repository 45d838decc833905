import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { parseConfig } from '../../../cli/config/parse-config.ts';
import { RULE_IDS, ruleOf } from '../../../cli/lint/rules.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { isObject, Reader } from '../../../shared/api/reader.ts';
import { PACKAGE } from '../../support/package.ts';

const schema: unknown = JSON.parse(readFileSync(join(PACKAGE, 'cli/config/kubeseal.schema.json'), 'utf8'));
if (!isObject(schema)) throw new Error('the schema is no object');
const validate = new Ajv().compile(schema);

function parses(text: string): boolean {
  try {
    parseConfig(Buffer.from(text), { file: '.kubeseal.yaml', folder: '/repo' });
    return true;
  } catch (error) {
    if (error instanceof SealedSecretsError) return false;
    throw error;
  }
}

/** Values of each kind, and texts that some field refuses. */
const VALUES: readonly unknown[] = [
  ...[
    '',
    ' ',
    'strict',
    'namespace-wide',
    'cluster-wide',
    'Strict',
    'off',
    'error',
    'warning',
    'note',
    'warn',
  ],
  ...[
    'certs/prod.pem',
    'https://example.com/c',
    'HTTP://example.com',
    'ftp://example.com',
    '/etc/c.pem',
    '-',
  ],
  ...[
    'a/',
    '/a',
    '/',
    '!',
    '!a',
    '!/',
    '#a',
    '!#a',
    './a',
    '../a',
    'a/..',
    'a/./b',
    '...',
    '.a',
    'a..b',
    '**',
    'a\nb',
  ],
  ...[0, 1.5, true, false, null],
  ...[[], ['a/'], ['a/', ''], [''], [1], [null], [['a']], ['./a'], ['!../a'], ['#'], ['a b']],
  ...[
    {},
    { a: 'b' },
    { S001: 'off' },
    { S001: false },
    { s001: 'off' },
    { 'old-key': 'note' },
    { S099: 'off' },
  ],
  ...[{ rules: {} }, { exclude: ['a'] }, { rules: { S001: true } }, { rules: null }, { rule: {} }],
  ...[
    { prod: { context: 'a' } },
    { 'a/b': { context: 'a' } },
    { '..': { context: 'a' } },
    { '': { context: 'a' } },
  ],
  ...[
    { prod: {} },
    { prod: null },
    { prod: { certificate: 'a' } },
    { prod: { paths: ['a'] } },
    { prod: 'a' },
  ],
];
const TOP = ['clusters', 'scope', 'maxScope', 'record', 'lint', 'Scope', 'x-anchor'];
const OF_CLUSTER = ['certificate', 'context', 'controllerName', 'controllerNamespace', 'paths', 'cert'];
const OF_LINT = ['rules', 'exclude', 'Rules'];

suite('the schema of .kubeseal.yaml', () => {
  test('accepts what the parser accepts, and nothing else', () => {
    const configs: unknown[] = [
      ...VALUES,
      ...TOP.flatMap((field) => VALUES.map((value) => ({ [field]: value }))),
      ...OF_CLUSTER.flatMap((field) =>
        VALUES.map((value) => ({ clusters: { a: { context: 'c', [field]: value } } })),
      ),
      ...OF_LINT.flatMap((field) => VALUES.map((value) => ({ lint: { [field]: value } }))),
      ...VALUES.map((value) => ({ lint: { rules: { S001: value } } })),
      ...VALUES.filter((value) => typeof value === 'string').map((name) => ({
        clusters: { [name]: { context: 'c' } },
      })),
    ];
    const counts = { accepted: 0, refused: 0 };
    for (const config of configs) {
      const text = JSON.stringify(config);
      // An empty document is a configuration, and not null.
      if (config === null) continue;
      const accepted = parses(text);
      assert.equal(validate(config), accepted, text);
      counts[accepted ? 'accepted' : 'refused']++;
    }
    assert.ok(counts.accepted > 100 && counts.refused > 300, JSON.stringify(counts));
  });

  test('reads YAML as the parser does, off without quotes included', () => {
    const text = 'lint: {rules: {S004: off, S001: "off"}}\nrecord: true\n';
    assert.equal(parses(text), true);
    assert.equal(validate(load(text)), true);
  });

  test('has every rule by id and name, with its summary', () => {
    const rules = ['properties', 'lint', 'properties', 'rules'].reduce<Reader>(
      (reader, field) => reader.object(field) ?? assert.fail(field),
      new Reader(schema, { source: 'the schema' }),
    );
    const expected = RULE_IDS.flatMap((id) => [id, ruleOf(id).name]);
    assert.deepEqual([...rules.entries('properties').keys()].toSorted(), expected.toSorted());
    for (const id of RULE_IDS) {
      const { name, summary } = ruleOf(id);
      for (const key of [id, name]) {
        const described = rules.object('properties')?.object(key)?.string('description');
        assert.ok(described?.startsWith(summary), key);
      }
    }
  });
});
