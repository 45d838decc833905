import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseSecret } from '../../../shared/api/secret.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { someSlips, withSlips } from '../../support/yaml-slips.ts';

const CANARY = 'hunter2-canary';

/** The most that a document of a few hundred bytes may be as JSON, in characters: aliases expand to too much. */
const MAX_JSON = 64 * 1024 * 1024;
/** The most memory that reading documents one after the other may take, in kilobytes. */
const MAX_MEMORY = 512 * 1024;

/**
 * Reads the text as either kind and returns the messages of those that refuse it. Any error but our own fails the test,
 * and so does a document that is accepted and cannot be written.
 */
function refusals(text: string): string[] {
  return [parseSecret, parseSealedSecret].flatMap((parse) => {
    try {
      for (const { value, place } of readDocuments(Buffer.from(text), 'f')) {
        assert.ok(JSON.stringify(value).length < MAX_JSON, JSON.stringify(text));
        parse(value, place);
      }
      return [];
    } catch (error) {
      assert.ok(error instanceof SealedSecretsError, `${String(error)} of ${JSON.stringify(text)}`);
      assert.ok(!/[\p{Cc}\u2028\u2029]/u.test(error.message), JSON.stringify(error.message));
      return [error.message];
    }
  });
}

const YAML = `apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: prod
  labels: {app: "shop"}
data:
  z: aHVudGVyMg==
stringData:
  p: "${CANARY}"
  q: |
    ${CANARY}
    x
  r: '${CANARY}'
  s: {${CANARY}: 1}
`;
const JSON_TEXT = JSON.stringify(
  { kind: 'Secret', metadata: { name: 'db' }, data: { a: 'eA==' }, stringData: { p: CANARY } },
  null,
  1,
);

/** How many documents of each format; `npm run hostile` says how to have more. */
const DOCUMENTS = Number(process.env['DOCUMENTS'] ?? 400);
suite('a document with a slip of the hand', () => {
  for (const [format, text] of [
    ['YAML', YAML],
    ['JSON', JSON_TEXT],
  ] as const) {
    test(`in ${format} is read, or refused in one line of our own`, (t) => {
      let refused = 0;
      fc.assert(
        fc.property(someSlips, (edits) => {
          refused += refusals(withSlips(text, edits)).length;
        }),
        { seed: 1, numRuns: DOCUMENTS },
      );
      assert.ok(refused > DOCUMENTS);
      const { maxRSS } = process.resourceUsage();
      t.diagnostic(`${Math.round(maxRSS / 1024)} MiB of memory at the most`);
      assert.ok(maxRSS < MAX_MEMORY);
    });
  }

  // Each of these stands for a slip that people make, and none may put the value into a log.
  const slips: [string, string][] = [
    ['no space after the colon of a flow map', `stringData: {password:${CANARY}}`],
    ['no space after a colon', `stringData:\n  user: admin\n  password:${CANARY}\n`],
    ['no space after the only colon', `stringData:\n  password:${CANARY}\n`],
    ['a value that begins with a bracket', `stringData:\n  password: [${CANARY}\n`],
    ['a value that begins with a brace', `stringData:\n  password: {${CANARY}\n`],
    ['a value that begins with an asterisk', `stringData:\n  password: *${CANARY}\n`],
    ['a value that begins with an ampersand', `data:\n  password: &${CANARY}\n  b: 1`],
    ['a value that begins with an exclamation mark', `stringData:\n  password: !${CANARY} x\n`],
    ['a value that begins with a percent sign', `stringData:\n  password: %${CANARY}\n`],
    ['a value that begins with an at sign', `stringData:\n  password: @${CANARY}\n`],
    ['a value that begins with a backtick', `stringData:\n  password: \`${CANARY}\n`],
    ['a value with a colon in it', `stringData:\n  password: ${CANARY}: x\n`],
    ['a quote in the middle', `stringData:\n  password: "${CANARY}"x"\n`],
    ['an unknown escape', `stringData:\n  password: "\\q${CANARY}"\n`],
    ['a broken JSON escape', `{"stringData": {"password": "\\q${CANARY}"}}`],
    ['no comma in JSON', `{"stringData": {"password": "${CANARY}" "b": "c"}}`],
    ['no quotes in JSON', `{"stringData": {"password": ${CANARY}}, "stringData": {}}`],
    ['plain text in data', `data:\n  password: ${CANARY}\n`],
    ['a map for a value', `stringData:\n  password: {value: ${CANARY}}\n`],
    ['a text for all of data', `data: ${CANARY}\n`],
    ['a number that is a password', `stringData:\n  password: 4711.0815\n`],
  ];
  for (const [what, text] of slips) {
    test(`(${what}) is refused without its value`, () => {
      const said = refusals(text);
      assert.equal(said.length, 2);
      assert.doesNotMatch(said.join(), /canary|hunter2|4711/);
    });
  }
});

suite('a document that is made to be slow or endless', () => {
  test('is refused as YAML from 16 MiB on, unless it is of the plain kind', () => {
    const long = 'x'.repeat(16 * 1024 * 1024);
    const [plain] = readDocuments(Buffer.from(`a: ${long}\n`), 'in');
    assert.deepEqual({ ...(plain?.value as object) }, { a: long });
    assert.throws(
      () => readDocuments(Buffer.from(`a: [${long}]\n`), 'in'),
      /^SealedSecretsError: in: neither JSON nor YAML: more than 16 MiB of YAML: use JSON, or split the file, at line 1/,
    );
  });

  test('has its longest string read whole', () => {
    const long = 'x'.repeat(16 * 1024 * 1024);
    const [document] = readDocuments(Buffer.from(`{"a": "${long}", "b": "\\\\"}`), 'in');
    assert.deepEqual({ ...(document?.value as object) }, { a: long, b: '\\' });
  });

  const nested = (depth: number, open: string, close = ''): string =>
    open.repeat(depth) + close.repeat(depth);
  const bombs: [string, string][] = [
    ['nested lists of YAML', `a: ${nested(3000, '[', ']')}`],
    ['nested maps of YAML', nested(3000, '{a: ', '}')],
    ['nested sequences', `${nested(3000, '- ')}1`],
    ['nested lists of JSON', nested(5_000, '[', ']')],
    ['nested objects of JSON', `${nested(5_000, '{"a":')}1${nested(5_000, '', '}')}`],
    ['aliases of maps', chain('{l: *, r: *}')],
    ['merges of maps', chain('{<<: [*, *], k#: 1}')],
    ['merges within merges', `a: ${'{<<: '.repeat(90)}{${keys(2_000)}}${'}'.repeat(90)}`],
    ['a merge of itself', 'a: &a {<<: *a}'],
    ['a List that holds itself', '&list {kind: List, items: [*list]}'],
    ['a List whose items hold it', 'kind: List\nitems: &items [{kind: List, items: *items}]'],
  ];
  for (const [what, text] of bombs) {
    test(`(${what}) is refused at once`, () => {
      const start = process.cpuUsage();
      assert.equal(refusals(text).length, 2);
      assert.ok(process.cpuUsage(start).user < 3_000_000);
    });
  }

  function keys(count: number): string {
    return Array.from({ length: count }, (_, key) => `k${key}: `).join(',');
  }

  function chain(link: string): string {
    const lines = ['a0: &a0 {x: y}'];
    for (let i = 1; i < 40; i++)
      lines.push(`a${i}: &a${i} ${link.replaceAll('*', `*a${i - 1}`).replace('#', `${i}`)}`);
    return lines.join('\n');
  }
});
