import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import { describe, SealedSecretsError } from '../../../shared/errors.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { YAML_WORDS } from '../../../shared/manifest/yaml-words.ts';

const CANARY = 'hunter2-canary';

function refusal(text: string): string {
  try {
    readDocuments(Buffer.from(text), 'f');
  } catch (error) {
    if (error instanceof SealedSecretsError) return describe(error.failure);
    throw error;
  }
  return 'accepted';
}

suite('an error of the YAML parser', () => {
  test('has words for each code of the library, and none that is the code itself', () => {
    const types = readFileSync(
      fileURLToPath(import.meta.resolve('yaml')).replace(/index\.js$/, 'errors.d.ts'),
    );
    const [, union = ''] = /type ErrorCode = ([^;]+);/.exec(types.toString()) ?? [];
    const codes = [...union.matchAll(/'([A-Z0-9_]+)'/g)].map(([, code = '']) => code);
    assert.ok(codes.length > 20);
    assert.deepEqual(Object.keys(YAML_WORDS).sort(), codes.sort());
    for (const [code, words] of Object.entries(YAML_WORDS)) {
      assert.notEqual(words, code.toLowerCase().replaceAll('_', ' '));
    }
  });

  const texts: [string, string, number, number][] = [
    [`a: b: ${CANARY}\n`, YAML_WORDS.BLOCK_AS_IMPLICIT_KEY, 1, 4],
    [`a: "C:\\${CANARY.replace('hunter', 'qunter')}"\n`, YAML_WORDS.BAD_DQ_ESCAPE, 1, 7],
    [`a: 1\n${CANARY}\nb: 2\n`, YAML_WORDS.MULTILINE_IMPLICIT_KEY, 2, 1],
    [`a: @${CANARY}\n`, YAML_WORDS.BAD_SCALAR_START, 1, 4],
    [`a: *\n`, YAML_WORDS.BAD_ALIAS, 1, 4],
    [`a: 'b' ${CANARY}\n`, YAML_WORDS.UNEXPECTED_TOKEN, 1, 8],
    [`a:\n\tb: ${CANARY}\n`, YAML_WORDS.TAB_AS_INDENT, 2, 1],
    [`a:\n  b: 1\n c: ${CANARY}\n`, YAML_WORDS.BAD_INDENT, 3, 1],
    [`a: &x &y ${CANARY}\n`, YAML_WORDS.MULTIPLE_ANCHORS, 1, 7],
  ];
  for (const [text, words, line, column] of texts) {
    test(`is told in plain words, with its place: ${words}`, () => {
      assert.equal(refusal(text), `f: neither JSON nor YAML: ${words} at line ${line}, column ${column}`);
    });
  }
});
