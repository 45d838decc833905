import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { explain, parseCertificate, seal } from '../../library/index.ts';
import { certificatePem } from '../support/vectors.ts';
import { rejectsWith } from './rejects-with.ts';

const certificate = await parseCertificate(certificatePem('c2048'), { source: 'cert.pem' });
const other = await parseCertificate(certificatePem('a4096'));
const secret = { metadata: { name: 'db', namespace: 'prod' }, stringData: { password: 'hunter2' } };

suite('explain', () => {
  test('tells what a SealedSecret is', async () => {
    const sealed = await seal(secret, { certificate, keyHint: true });
    const { certificates, hintedKeys, ...rest } = await explain(sealed, {
      certificates: [certificate, other],
    });
    assert.deepEqual(rest, {
      name: 'db',
      namespace: 'prod',
      unseals: { scope: 'strict', name: 'db', namespace: 'prod' },
      type: 'Opaque',
      immutable: false,
      items: [{ name: 'password', leftOut: false, keyBits: 2048, length: 7 }],
      template: { labels: {}, annotations: {}, data: [] },
      notes: [],
    });
    assert.deepEqual(
      certificates.map(({ from, mayHaveSealed, cannotHaveSealed }) => [
        from,
        mayHaveSealed,
        cannotHaveSealed,
      ]),
      [
        ['cert.pem', ['password'], []],
        ['certificate', [], [{ item: 'password', because: 'size' }]],
      ],
    );
    assert.deepEqual(
      hintedKeys.map(({ fingerprint }) => fingerprint),
      [certificate.fingerprint],
    );
  });

  test('tells what templates use, and which of them are wrong', async () => {
    const sealed = await seal(secret, { certificate });
    const data = { url: '{{ .password | b64enc }}{{ .user }}', bad: '{{ nosuch . }}' };
    const { template } = await explain({ ...sealed, spec: { ...sealed.spec, template: { data } } });
    assert.deepEqual(template.data, [
      { name: 'url', uses: ['password', 'user'], missing: ['user'], usesAll: false },
      { name: 'bad', problem: 'template: bad:1: function "nosuch" not defined' },
    ]);
  });

  test('says which items are no sealed values', async () => {
    const { items } = await explain({ kind: 'SealedSecret', spec: { encryptedData: { a: 'b' } } });
    assert.deepEqual(items, [{ name: 'a', leftOut: false, problem: 'illegal base64 data at input byte 0' }]);
  });

  test('fails for another kind', async () => {
    await rejectsWith('WrongKind', explain({ kind: 'Secret' }, { source: 'a.yaml' }), {
      message: /^a\.yaml/,
    });
  });
});
