import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { mayHoldSecrets } from '../../../cli/lint/mention.ts';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import { corpusContext } from './corpus-context.ts';

const ESCAPED: readonly [string, string][] = [
  ['JSON', String.raw`{"kind": "\u0053ecre\u0074", "data": {"a": "YS12YWx1ZQ=="}}`],
  ['YAML in hexadecimal digits', String.raw`{kind: "\x53ecre\x74", data: {a: YS12YWx1ZQ==}}`],
  ['YAML in many digits', String.raw`{kind: "\U00000053ecre\U00000074", data: {a: YS12YWx1ZQ==}}`],
  ['YAML, divided by a line break', '{kind: "Sec\\\n  ret", data: {a: YS12YWx1ZQ==}}'],
  ['YAML, divided by the line break of Windows', '{kind: "Sec\\\r\n  ret", data: {a: YS12YWx1ZQ==}}'],
];

suite('a kind that is written with escapes', () => {
  for (const [what, text] of ESCAPED) {
    test(`is found in ${what}`, async () => {
      const report = await lintFile(
        { file: 'a.yaml', bytes: Buffer.from(text) },
        await corpusContext('a.yaml'),
      );
      assert.deepEqual(
        report.findings.map(({ rule }) => rule),
        ['S001'],
      );
    });
  }
});

test('a file without the word and without escapes is not parsed', () => {
  for (const text of ['kind: ConfigMap\n', 'path: C:\\Windows\n', '{"a": "b\\n"}'])
    assert.ok(!mayHoldSecrets(Buffer.from(text)), text);
  assert.ok(mayHoldSecrets(Buffer.from('kind: Secret', 'utf16le')));
  assert.ok(mayHoldSecrets(Buffer.from('kind: Secret', 'utf16le').swap16()));
});
