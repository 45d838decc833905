import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseSealedSecret, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseSecret } from '../../../shared/api/secret.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { formatDocuments, sealedSecretJson, secretJson, type Json } from '../../../shared/manifest/write.ts';
import { CASES } from '../../support/vectors.ts';

const PLACE = { source: 'f' };
const SEALED = parseSealedSecret(
  {
    kind: 'SealedSecret',
    metadata: {
      name: 'db',
      namespace: 'prod',
      creationTimestamp: null,
      uid: 'u',
      labels: {},
      annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
    },
    spec: {
      encryptedData: { b: 'AgB=', a: 'AgA=', B: 'x' },
      template: {
        metadata: { creationTimestamp: null, labels: { z: '1', a: 'on' } },
        type: 'Opaque',
        data: null,
      },
    },
    status: { conditions: [] },
  },
  PLACE,
);

suite('a SealedSecret', () => {
  test('is written as JSON with kind and apiVersion first, its maps sorted, and nothing empty', () => {
    assert.equal(
      formatDocuments([sealedSecretJson(SEALED)], 'json'),
      `{
  "kind": "SealedSecret",
  "apiVersion": "bitnami.com/v1alpha1",
  "metadata": {
    "name": "db",
    "namespace": "prod",
    "annotations": {
      "sealedsecrets.bitnami.com/cluster-wide": "true"
    }
  },
  "spec": {
    "template": {
      "metadata": {
        "labels": {
          "a": "on",
          "z": "1"
        }
      },
      "type": "Opaque"
    },
    "encryptedData": {
      "B": "x",
      "a": "AgA=",
      "b": "AgB="
    }
  }
}
`,
    );
  });

  test('is written as YAML with every map sorted, and strings that look otherwise in quotes', () => {
    assert.equal(
      formatDocuments([sealedSecretJson(SEALED)], 'yaml'),
      `---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  annotations:
    sealedsecrets.bitnami.com/cluster-wide: "true"
  name: db
  namespace: prod
spec:
  encryptedData:
    B: x
    a: AgA=
    b: AgB=
  template:
    metadata:
      labels:
        a: "on"
        z: "1"
    type: Opaque
`,
    );
  });
});

test('a Secret is written with kind and apiVersion first', () => {
  const secret = parseSecret(
    { metadata: { name: 'n' }, data: { b: '', a: 'eA==' }, immutable: false },
    PLACE,
  );
  assert.equal(
    formatDocuments([secretJson(secret)], 'json'),
    '{\n  "kind": "Secret",\n  "apiVersion": "v1",\n  "metadata": {\n    "name": "n"\n  },\n' +
      '  "immutable": false,\n  "data": {\n    "a": "eA==",\n    "b": ""\n  }\n}\n',
  );
});

test('no vector is written with a null, or a field that the server owns', () => {
  for (const { sealedSecret, recovered } of CASES) {
    const objects: Json[] = [sealedSecretJson(parseSealedSecret(sealedSecret, PLACE))];
    if (recovered) objects.push(secretJson(parseSecret(recovered, PLACE)));
    for (const object of objects) {
      const text = formatDocuments([object], 'json');
      assert.doesNotMatch(text, /null|creationTimestamp|managedFields|ownerReferences|"status"|"uid"/);
    }
  }
});

suite('what is written as YAML', () => {
  // As sigs.k8s.io/yaml 1.6 reads them: each would be another value, or no YAML at all, without quotes.
  const ambiguous = [
    ...['y', 'Y', 'n', 'N', 'yes', 'No', 'on', 'OFF', 'true', 'FALSE', '~', 'null', 'Null', ''],
    ...[
      '0',
      '0123',
      '1_000',
      '0x1F',
      '0b11',
      '0o17',
      '+_1',
      '1E0_',
      '1e3',
      '.5',
      '5.',
      '.inf',
      '-.INF',
      '.nan',
    ],
    ...[
      '- a',
      'a: b',
      'a #b',
      '#a',
      '? a',
      '{a',
      '[a',
      '&a',
      '*a',
      '!a',
      '|',
      '>',
      '%a',
      '@a',
      '`a',
      '"',
      "'",
    ],
    ...[' a', 'a ', '\ta', 'a\0b', 'a\u0007b', 'a\u001bb', 'a\rb'],
    ...[
      'a\u007fb',
      'a\u0080b',
      'a\u0085b',
      'a\u009fb',
      'a\u2028b',
      'a\u2029b',
      'a\ufeffb',
      'a\ufffeb',
      'a\uffffb',
    ],
  ];
  for (const text of ambiguous) {
    test(`has ${JSON.stringify(text)} in quotes, as key and as value`, () => {
      const yaml = formatDocuments([{ [text]: text, list: [text] }], 'yaml');
      assert.match(
        yaml,
        /^---\n(list:\n- ["'].*["']\n["'].*["']: ["'].*["']\n|["'].*["']: ["'].*["']\nlist:\n- ["'].*["']\n)$/,
      );
      assert.match(yaml, /^[\n\x20-\x7e]*$/, 'no character that a YAML reader of Go refuses');
    });
  }

  test('has << in quotes as a key, where it would merge', () => {
    assert.match(formatDocuments([{ '<<': 'a' }], 'yaml'), /^---\n(["'])<<\1: a\n$/);
  });

  test('has no half of a surrogate pair, of which Go makes a replacement character', () => {
    const [document] = readDocuments(Buffer.from('{"data": {"a\\ud800": ""}, "type": "\\udc00x"}'), 'f');
    assert.ok(document);
    const secret = parseSecret(document.value, document.place);
    for (const format of ['json', 'yaml'] as const)
      assert.doesNotMatch(formatDocuments([secretJson(secret)], format), /\\ud[89a-f]/i);
  });

  test('is the same SealedSecret when it is read back', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...ambiguous, '<<'));
    const strings = fc
      .dictionary(text, text, { maxKeys: 3 })
      .map((object) => new Map(Object.entries(object)));
    const sealed: fc.Arbitrary<SealedSecret> = fc.record({
      metadata: fc.record({
        name: text,
        namespace: text,
        generateName: fc.constant(''),
        labels: strings,
        annotations: strings,
        finalizers: fc.array(text, { maxLength: 2 }),
        server: fc.constant(SEALED.metadata.server),
      }),
      encryptedData: strings,
      hasEncryptedData: fc.constant(true),
      v1Data: fc.constant(undefined),
      template: fc.record({
        metadata: fc.constant(SEALED.template.metadata),
        type: text,
        immutable: fc.constantFrom(undefined, true, false),
        data: strings,
      }),
    });
    fc.assert(
      fc.property(sealed, fc.constantFrom('json', 'yaml'), (object, format) => {
        const [back] = readDocuments(Buffer.from(formatDocuments([sealedSecretJson(object)], format)), 'f');
        assert.ok(back);
        assert.deepEqual(sorted(parseSealedSecret(back.value, back.place)), sorted(object));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

/** Maps as sorted lists: writing sorts them. */
function sorted(value: unknown): unknown {
  if (value instanceof Map) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, sorted(field)]));
}
