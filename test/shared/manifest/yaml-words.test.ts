import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { codeOf, YAML_WORDS } from '../../../shared/manifest/yaml-words.ts';

const CANARY = 'hunter2-canary';

function refusal(text: string): string {
  try {
    readDocuments(Buffer.from(text), 'f');
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.failure.describe();
    throw error;
  }
  return 'accepted';
}

suite('an error of the YAML parser', () => {
  test('has words for each reason of the library, except where its parser lets none happen', () => {
    const library = readFileSync(fileURLToPath(import.meta.resolve('js-yaml')), 'utf8');
    const reasons = [...library.matchAll(/throwError\(state, (["`])(.+?)\1\)/g)].map(
      ([, , reason = '']) => reason,
    );
    assert.ok(reasons.length > 50, `${reasons.length} reasons`);
    assert.deepEqual(
      reasons.filter((reason) => codeOf(reason) === 'IMPOSSIBLE'),
      ['can not read a document'],
    );
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
    [`a:\n  b:\n  \tc: ${CANARY}\n`, YAML_WORDS.TAB_AS_INDENT, 3, 3],
    [`a:\n- b\n\t- ${CANARY}\n`, YAML_WORDS.TAB_AS_INDENT, 3, 1],
    [`a: {\n\tb: ${CANARY}\n}\n`, YAML_WORDS.TAB_AS_INDENT, 2, 2],
    [`a: "${CANARY}\n`, YAML_WORDS.MISSING_CHAR, 2, 1],
    [`a: '${CANARY}\nb: c\n`, YAML_WORDS.MISSING_CHAR, 2, 1],
    [`a: [${CANARY}, b\nc: d\n`, YAML_WORDS.MISSING_CHAR, 2, 1],
    [`a: {b: c d: ${CANARY}}\n`, YAML_WORDS.MISSING_CHAR, 1, 11],
    [`a: "\\xg0${CANARY}"\n`, YAML_WORDS.BAD_DQ_ESCAPE, 1, 5],
    [`a: 1\nb: "\\UFFFFFFFF${CANARY}"\n`, YAML_WORDS.BAD_DQ_ESCAPE, 2, 5],
    [`a:\n  b\n  c: ${CANARY}\n`, YAML_WORDS.MULTILINE_IMPLICIT_KEY, 2, 3],
    [`a:\n  b: c\n  d:${CANARY}\n`, YAML_WORDS.MISSING_COLON, 3, 19],
    [`a: b\n  c: ${CANARY}\n`, YAML_WORDS.BAD_INDENT, 2, 1],
    [`a: "b"${CANARY}\n`, YAML_WORDS.UNEXPECTED_TOKEN, 1, 7],
    [`a: - ${CANARY}\n`, YAML_WORDS.BLOCK_AS_IMPLICIT_KEY, 1, 4],
    [`a: %${CANARY}\n`, YAML_WORDS.BAD_SCALAR_START, 1, 4],
    [`a: \`${CANARY}\n`, YAML_WORDS.BAD_SCALAR_START, 1, 4],
    [`a: >${CANARY}\n  c\n`, YAML_WORDS.BAD_BLOCK, 1, 5],
    [`a: |0\n  ${CANARY}\n`, YAML_WORDS.BAD_BLOCK, 1, 5],
    [`|\n  a\n: ${CANARY}\n`, YAML_WORDS.UNEXPECTED_TOKEN, 3, 1],
    [` a: b\nc: ${CANARY}\n`, YAML_WORDS.UNEXPECTED_TOKEN, 2, 1],
    [`a: b\n- ${CANARY}\n`, YAML_WORDS.UNEXPECTED_TOKEN, 2, 1],
    [`a: [b,, ${CANARY}]\n`, YAML_WORDS.UNEXPECTED_COMMA, 1, 7],
    [`a: b\u0001${CANARY}\n`, YAML_WORDS.CONTROL_CHARACTER, 1, 5],
    [`a: "b\u0001${CANARY}"\n`, YAML_WORDS.CONTROL_CHARACTER, 1, 6],
    [`a: b\n<<: ${CANARY}\n`, YAML_WORDS.BAD_MERGE, 2, 1],
    [`a: &x b\nc: &y *x\n`, YAML_WORDS.ALIAS_PROPS, 2, 7],
    [`a: !!str !!str ${CANARY}\n`, YAML_WORDS.MULTIPLE_TAGS, 1, 10],
    [`a: 1\n---\n"b": 1\n"b": ${CANARY}\n`, YAML_WORDS.DUPLICATE_KEY, 4, 1],
    [`a: 1\n80: 1\n80: ${CANARY}\n`, YAML_WORDS.DUPLICATE_KEY, 3, 1],
    [`a: 1\n&b !!str a: ${CANARY}\n`, YAML_WORDS.DUPLICATE_KEY, 2, 4],
    [`a: 1\n&b a: ${CANARY}\n`, YAML_WORDS.DUPLICATE_KEY, 2, 1],
    [`a: 1\nb:\n  : ${CANARY}\n`, YAML_WORDS.NON_STRING_KEY, 3, 3],
    [`a: !!int ${CANARY}\n`, YAML_WORDS.TAG_RESOLVE_FAILED, 1, 4],
    [`%YAML 1.2\n---\na: ${CANARY}\n`, YAML_WORDS.WRONG_VERSION, 1, 1],
    [`%YAML 1.1\na: ${CANARY}\n`, YAML_WORDS.BAD_DIRECTIVE, 2, 1],
  ];
  for (const [text, words, line, column] of texts) {
    test(`is told in plain words, with its place: ${words}`, () => {
      assert.equal(refusal(text), `f: neither JSON nor YAML: ${words} at line ${line}, column ${column}`);
    });
  }
});
