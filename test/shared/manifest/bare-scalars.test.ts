import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { textOf } from '../../support/text-of.ts';
import { parseSecret, type Secret } from '../../../shared/api/secret.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';

/** The Secret of a YAML text. */
function read(text: string): Secret {
  const [document] = readDocuments(Buffer.from(text), 'f');
  assert.ok(document);
  return parseSecret(document.value, document.place);
}

/** Where a string is wanted: a template of YAML with `%` for the scalar. */
const PLACES: [string, string][] = [
  ['stringData.p', 'stringData:\n  p: %\n'],
  ['data.p', 'data:\n  p: %\n'],
  ['metadata.labels.l', 'metadata:\n  labels:\n    l: %\n'],
  ['metadata.annotations["a/b"]', 'metadata:\n  annotations:\n    a/b: %\n'],
  ['metadata.name', 'metadata:\n  name: %\n'],
  ['metadata.namespace', 'metadata:\n  namespace: %\n'],
  ['type', 'type: %\n'],
];

// What Kubernetes' YAML reader (sigs.k8s.io/yaml 1.6) makes of each: a boolean or a number, and not what stands there.
const MISREAD: [string, readonly string[]][] = [
  ['a boolean', ['yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON', 'true', 'True', 'TRUE']],
  ['a boolean', ['no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE']],
  ['a number', ['0', '7', '-1', '+1', '0123', '0777', '-0777', '1_000', '0x1F', '0b11', '-0b11']],
  ['a number', ['1.10', '1.0', '.5', '.5_5', '5.', '1e3', '1E3', '1.e3', '1e+3', '1e-3', '685.230_15e+03']],
  ['a number', ['.inf', '-.inf', '+.inf', '.Inf', '.INF', '.nan', '.NaN', '.NAN']],
  ['a number', ['123456789012345678901234567890', '0777777777777777777777777', '08', '1e308', '-0.0']],
  ['a number', ['0o644', '0O17', '-0o7', '+0o7', '0X1F', '-0xff', '0B11', '+0B1', '0b-1', '0b+1']],
  ['a number', ['+_1', '-__1', '0_x1F', '0_o7', '0x_1', '1_', '1_.5', '1._5', '1e_3', '1_e3', '0_8', '0_']],
  ['a number', ['0xffffffffffffffff', '-0x8000000000000000', '0b' + '1'.repeat(64)]],
];

// Strings to that reader, quoted or not.
const STRINGS = [
  ...['yEs', 'oN', 'tRue', 'nUll', 'yess', 'none', 'nil', 'inf', 'nan', 'NaN', '.nAn'],
  ...['2024-01-01', '2024-01-01T10:00:00Z', '2001-12-14 21:59:43.10 -5', '12:30:45', '1:2', '190:20:30'],
  ...['1.2.3', '1,000', '1-2', '0x', '0b', '0xg', '0b2', '1e', '10.0.0.1', '=', '_1', '__', '1st'],
  // Beyond 64 bits.
  ...['0x10000000000000000', '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2', '0b1' + '0'.repeat(64)],
  ...['-0x8000000000000001', '+0xffffffffffffffff', '0o7777777777777777777777', '1e309', '-1e999'],
  ...[
    '0o8',
    '0o',
    '0X',
    '0b',
    '0B2',
    '-0b-1',
    '0x-1',
    '0o-7',
    '.5_',
    '.5__5',
    '.1e1000',
    '._5',
    '1__a',
    '0x1p4',
  ],
  ...['.', '-.', '+.', 'e8', 'E7', 'e1', 'e10', '-e1', 'e-2'],
];

suite('a bare scalar where a string is wanted', () => {
  for (const [found, scalars] of MISREAD) {
    test(`is refused as ${found}: ${scalars.join(' ')}`, () => {
      for (const scalar of scalars) {
        for (const [at, template] of PLACES) {
          assert.throws(() => read(template.replace('%', scalar)), {
            name: 'SealedSecretsError',
            message: `f: ${at} is ${found}, not a string: put it in quotes`,
          });
        }
      }
    });
  }

  for (const scalar of STRINGS) {
    test(`is the string that stands there: ${scalar}`, () => {
      for (const text of [scalar, `"${scalar}"`, `'${scalar}'`, `!!str ${scalar}`]) {
        assert.equal(textOf(read(`stringData:\n  p: ${text}\n`), 'p'), scalar);
      }
    });
  }

  test('is the string that stands there once it is in quotes, whatever it is', () => {
    for (const scalar of [...MISREAD.flatMap(([, scalars]) => scalars), '~', 'null', '']) {
      for (const text of [`"${scalar}"`, `'${scalar}'`, `!!str ${scalar}`]) {
        const secret = read(`metadata:\n  labels:\n    l: ${text}\nstringData:\n  p: ${text}\n`);
        assert.equal(textOf(secret, 'p'), scalar);
        assert.equal(secret.metadata.labels.get('l'), scalar);
      }
    }
  });

  test('is an empty string where it is null, in stringData, data, labels and annotations', () => {
    for (const scalar of ['', '~', 'null', 'Null', 'NULL']) {
      for (const at of ['stringData', 'data']) {
        const { data } = read(`${at}:\n  p: ${scalar}\n`);
        assert.deepEqual(data, new Map([['p', Buffer.alloc(0)]]));
      }
      for (const at of ['labels', 'annotations'] as const) {
        const { metadata } = read(`metadata:\n  ${at}:\n    p: ${scalar}\n`);
        assert.deepEqual(metadata[at], new Map([['p', '']]));
      }
    }
  });

  test('of the scope is refused, so that no unquoted word widens it', () => {
    for (const scope of ['cluster-wide', 'namespace-wide']) {
      for (const word of ['yes', 'on', 'true', 'y', '1']) {
        const text = `metadata:\n  annotations:\n    sealedsecrets.bitnami.com/${scope}: ${word}\n`;
        assert.throws(() => read(text), /put it in quotes$/);
      }
    }
  });
});
