import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8Text } from '../../../shared/bytes.ts';
import { decodeBase64 } from '../../../shared/api/base64.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseSecret } from '../../../shared/api/secret.ts';

const CANARY = 'hunter2-canary';
const PLACE = { source: 'secret.yaml', document: 2 };

suite('a Secret', () => {
  test('may omit its kind, and spell its fields in any letter case', () => {
    const secret = parseSecret({ Metadata: { NAME: 'n' }, StringData: { Key: 'x' } }, PLACE);
    assert.equal(secret.metadata.name, 'n');
    assert.deepEqual([...secret.data], [['Key', Buffer.from('x')]]);
  });

  test('prefers stringData to data, and reads null as an empty text', () => {
    const secret = parseSecret(
      { data: { a: 'eA==', b: null, c: 'eA\n==\r\n' }, stringData: { a: 'y', d: null } },
      PLACE,
    );
    assert.deepEqual(Object.fromEntries([...secret.data].map(([item, value]) => [item, utf8Text(value)])), {
      a: 'y',
      b: '',
      c: 'x',
      d: '',
    });
  });

  const slip = { [`password:${CANARY}`]: null };
  const refusals: [string, unknown, string][] = [
    [
      'no value, and a name that no item can have',
      { stringData: slip },
      'secret.yaml: document 2: stringData[…] is null, not a string',
    ],
    ['the same in data', { data: slip }, 'secret.yaml: document 2: data[…] is null, not a string'],
    ['a list', [], 'secret.yaml: document 2 is a list, not an object'],
    ['a text', CANARY, 'secret.yaml: document 2 is a string, not an object'],
    ['another kind', { kind: 'ConfigMap' }, 'secret.yaml: document 2 is a ConfigMap, not a Secret'],
    [
      'another version',
      { kind: 'Secret', apiVersion: 'v2' },
      'secret.yaml: document 2 has apiVersion v2, not v1',
    ],
    [
      'a number for a value',
      { stringData: { pin: 83 } },
      'secret.yaml: document 2: stringData.pin is a number, not a string: put it in quotes',
    ],
    [
      'a boolean for an annotation',
      { metadata: { annotations: { 'x/cluster-wide': true } } },
      'secret.yaml: document 2: metadata.annotations["x/cluster-wide"] is a boolean, not a string: put it in quotes',
    ],
    [
      'a map for a value',
      { data: { a: { b: CANARY } } },
      'secret.yaml: document 2: data.a is a map, not a string',
    ],
    [
      'null in a list of texts',
      { metadata: { finalizers: [null] } },
      'secret.yaml: document 2: metadata.finalizers[0] is null, not a string',
    ],
    ['a text for the data', { data: CANARY }, 'secret.yaml: document 2: data is a string, not a map'],
    [
      'a name that is a number',
      { metadata: { name: 1 } },
      'secret.yaml: document 2: metadata.name is a number, not a string: put it in quotes',
    ],
    [
      'no base64',
      { data: { a: `${CANARY}!` } },
      'secret.yaml: document 2: data.a: illegal base64 data at input byte 7 (plain text belongs in stringData)',
    ],
    [
      'a field given twice',
      { data: {}, Data: { a: 'eA==' } },
      'secret.yaml: document 2: data is specified twice',
    ],
  ];
  for (const [what, document, words] of refusals) {
    test(`is not ${what}`, () => {
      assert.throws(() => parseSecret(document, PLACE), { name: 'SealedSecretsError', message: words });
    });
  }
});

suite('a SealedSecret', () => {
  test('is parsed even if values are not strings, since those fail alone', () => {
    const sealed = parseSealedSecret(
      { kind: 'SealedSecret', spec: { encryptedData: { a: 'x', b: 5, c: null } } },
      PLACE,
    );
    assert.deepEqual(
      [...sealed.encryptedData],
      [
        ['a', 'x'],
        ['b', null],
        ['c', null],
      ],
    );
  });

  test('needs its kind', () => {
    assert.throws(() => parseSealedSecret({ spec: {} }, PLACE), /secret.yaml: document 2: kind is missing/);
    assert.throws(() => parseSealedSecret({ kind: 'Secret' }, PLACE), /is a Secret, not a SealedSecret/);
  });
});

suite('base64', () => {
  // The offsets are those that Go's encoding/base64 reports.
  const table: [string, number][] = [
    ['***', 0],
    ['eHh4*', 4],
    ['eA', 0],
    ['eHh4eA', 4],
    ['eHh4e', 4],
    ['eA=', 3],
    ['eA=x', 2],
    ['e===', 1],
    ['=', 0],
    ['eA==eA==', 4],
    ['eHg=\neHh4', 5],
    ['eH-_', 2],
    ['eHh4 eHh4', 4],
  ];
  for (const [text, offset] of table) {
    test(`${JSON.stringify(text)} is illegal at ${offset}`, () =>
      assert.deepEqual(decodeBase64(text), { ok: false, offset }));
  }
});
