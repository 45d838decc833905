import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { plainContext } from '../../../cli/lint/context.ts';
import { countOf, FindingList, MAX_FILE_FINDINGS } from '../../../cli/lint/finding-list.ts';
import { formatText, summaryOf } from '../../../cli/lint/formats/text.ts';
import { lintFile, type FileReport } from '../../../cli/lint/lint-file.ts';
import type { Finding } from '../../../cli/lint/problem.ts';

const CONTEXT = plainContext(new Date('2026-11-30T12:00:00Z'));
const VALUE = 'a-value-of-a-test';

function check(text: string, isManifest = true): Promise<FileReport> {
  return lintFile({ file: 'a.yaml', bytes: Buffer.from(text), isManifest }, CONTEXT);
}

function repeated(count: number, part: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => part(index)).join('');
}

const SEALED = 'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec:\n';

/** Files with more parts than a function of JavaScript can have arguments, or with more than a report lists. */
const MANY: readonly { readonly what: string; readonly errors: number; readonly of: () => string }[] = [
  {
    what: 'items with mistakes',
    // One more says that the object is too large.
    errors: 130_001,
    of: () => `${SEALED}  encryptedData:\n${repeated(130_000, (index) => `    item-${index}: 1\n`)}`,
  },
  {
    what: 'documents',
    errors: 20_000,
    of: () => repeated(20_000, () => `kind: Secret\nstringData: {a: ${VALUE}}\n---\n`),
  },
  {
    what: 'objects in a List',
    errors: 20_000,
    of: () => {
      const secret = { kind: 'Secret', stringData: { a: VALUE } };
      const items = Array.from({ length: 130_000 }, (_, index) => (index < 20_000 ? secret : {}));
      return JSON.stringify({ kind: 'List', items });
    },
  },
];

suite('a file with very many', () => {
  for (const { what, errors, of } of MANY)
    test(`${what} has its first findings listed, and the others counted`, async () => {
      const report = await check(of());
      assert.deepEqual(report.unchecked, []);
      assert.equal(report.findings.length, MAX_FILE_FINDINGS);
      assert.equal(countOf('error', report), errors);
      const lines = report.findings.map(({ line }) => line);
      assert.deepEqual(
        lines,
        [...lines].sort((a, b) => a - b),
      );
      const text = formatText({ ...report, files: 1 });
      assert.match(text, new RegExp(`\\na\\.yaml: not listed: ${errors - MAX_FILE_FINDINGS} errors\\n$`));
      assert.ok(!text.includes(VALUE));
      assert.equal(summaryOf({ ...report, files: 1 }), `${errors} errors in 1 of 1 file`);
    });

  test('private keys has its first findings listed, and the others counted', async () => {
    const key = `AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}\n`;
    const report = await check(key.repeat(130_000), false);
    assert.equal(report.findings.length, MAX_FILE_FINDINGS);
    assert.equal(countOf('error', report), 130_000);
  });
});

suite('a file that is nested', () => {
  const depth = 100_000;
  for (const [what, text] of [
    ['lists in YAML', `kind: Secret\ndata: ${'['.repeat(depth)}`],
    ['lists in JSON', `{"kind":"Secret","data":${'['.repeat(depth)}${']'.repeat(depth)}}`],
    ['maps in JSON', `{"kind":"Secret","data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`],
    ['block lists', `kind: Secret\ndata:\n  ${'- '.repeat(depth)}a`],
    ['template actions', `kind: Secret\ndata:\n  a: ${'{{ if '.repeat(depth)}`],
  ] as const)
    test(`deeply, as ${what}, is reported in one short line`, async () => {
      const { findings, unchecked } = await check(text);
      assert.equal(findings.length + unchecked.length, 1);
      for (const failure of unchecked) {
        assert.equal(failure.code, 'NotLinted');
        assert.match(failure.describe(), /^a\.yaml: .{1,500}$/);
      }
    });
});

suite('aliases that repeat a Secret', () => {
  test('many times are one finding', async () => {
    const bomb = repeated(9, (index) => `l${index + 1}: &l${index + 1} [${`*l${index}, `.repeat(9)}]\n`);
    const report = await check(`l0: &l0 {kind: Secret, stringData: {a: ${VALUE}}}\n${bomb}`);
    assert.deepEqual([report.findings.length + report.unchecked.length], [1]);
  });
});

suite('the list of findings', () => {
  const finding: Finding = {
    rule: 'S001',
    severity: 'error',
    file: 'a.yaml',
    line: 1,
    column: 1,
    object: undefined,
    message: 'plain text: stringData.a',
    advice: 'seal it',
  };

  test('adds what another list leaves out to what it leaves out itself, for each file', () => {
    const first = new FindingList(1);
    for (const severity of ['error', 'warning', 'note'] as const) first.add({ ...finding, severity });
    const all = new FindingList(2);
    all.addList(first.listed());
    all.addList({ findings: [finding, finding, { ...finding, file: 'b.yaml' }], omitted: [] });
    assert.deepEqual(all.listed(), {
      findings: [finding, finding],
      omitted: [
        { file: 'a.yaml', counts: { error: 1, warning: 1, note: 1 } },
        { file: 'b.yaml', counts: { error: 1, warning: 0, note: 0 } },
      ],
    });
    assert.equal(countOf('error', all.listed()), 4);
  });
});
