import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  parseCertificate,
  parsePrivateKey,
  sealValue,
  unseal,
  type Scope,
  type SealValueOptions,
} from '../../library/index.ts';
import { SCOPES, scopeAnnotations } from '../../shared/seal/scope.ts';
import { RAW_CASES, certificatePem, keyPem } from '../support/vectors.ts';
import { rejectsWith } from './rejects-with.ts';

const certificate = await parseCertificate(certificatePem('c2048'));
const privateKeys = [await parsePrivateKey(keyPem('c2048'))];
const PLACE = { name: 'db', namespace: 'prod' };

/** Returns the bytes of a sealed value that is used at a scope under a name and namespace. */
async function opened(ciphertext: string, scope: Scope, place = PLACE): Promise<Buffer> {
  const annotations = Object.fromEntries(scopeAnnotations(scope));
  const metadata = { ...place, annotations };
  const sealed = { kind: 'SealedSecret', metadata, spec: { encryptedData: { item: ciphertext } } };
  const { data } = await unseal(sealed, { privateKeys });
  return Buffer.from(data['item'] ?? '', 'base64');
}

suite('sealValue', () => {
  const values: readonly [string, string | Uint8Array][] = [
    ['text', 'pässword €'],
    ['an empty text', ''],
    ['bytes that are no text', Uint8Array.of(0, 255, 128, 10)],
    ['a part of other bytes', new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
    ['1 MiB', new Uint8Array(1 << 20).fill(7)],
  ];
  for (const [what, value] of values) {
    test(`seals ${what}`, async () => {
      const ciphertext = await sealValue(value, { certificate, ...PLACE });
      assert.deepEqual(await opened(ciphertext, 'strict'), Buffer.from(value));
    });
  }

  const targets: readonly (Partial<SealValueOptions> & { scope: Scope })[] = [
    { scope: 'strict', ...PLACE },
    { scope: 'namespace-wide', namespace: 'prod' },
    { scope: 'cluster-wide' },
  ];
  for (const target of targets) {
    test(`binds a value to its place: ${target.scope}`, async () => {
      const ciphertext = await sealValue('hunter2', { certificate, ...target } as SealValueOptions);
      const places = [PLACE, { ...PLACE, name: 'other' }, { ...PLACE, namespace: 'other' }];
      const opens = await Promise.all(
        places.map((place) => opened(ciphertext, target.scope, place).then(String, () => 'refused')),
      );
      const [own, renamed, moved] = opens;
      assert.equal(own, 'hunter2');
      assert.equal(renamed, target.scope === 'strict' ? 'refused' : 'hunter2');
      assert.equal(moved, target.scope === 'cluster-wide' ? 'hunter2' : 'refused');
    });
  }

  test('makes another ciphertext each time', async () => {
    const options = { certificate, ...PLACE };
    assert.notEqual(await sealValue('a', options), await sealValue('a', options));
  });

  test('refuses a name that could be another namespace', async () => {
    await rejectsWith('BadName', sealValue('a', { certificate, name: 'b', namespace: 'a/b' }));
  });

  test('refuses a place that lacks what the scope binds', async () => {
    const options = { certificate, scope: 'strict', namespace: 'prod' } as unknown as SealValueOptions;
    await rejectsWith('BadName', sealValue('a', options));
  });

  test('names both types that a value may have', async () => {
    const value = new ArrayBuffer(4) as unknown as Uint8Array;
    const message = 'value must be a string or a Uint8Array';
    await assert.rejects(sealValue(value, { certificate, ...PLACE }), { name: 'TypeError', message });
  });

  test('throws TypeError for a value, a name or a scope of another type, without showing it', async () => {
    for (const [value, options] of [
      [12345678, { certificate, ...PLACE }],
      ['a', { certificate, ...PLACE, name: 12345678 }],
      ['a', { certificate, ...PLACE, scope: '12345678' }],
      ['a', { certificate: undefined, ...PLACE }],
    ] as unknown as [string, SealValueOptions][]) {
      await assert.rejects(sealValue(value, options), (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.doesNotMatch(error.message, /12345678/);
        return true;
      });
    }
  });
});

suite('the single values of the reference', () => {
  for (const { scope, label, key, plaintext, ciphertext } of RAW_CASES) {
    test(`${scope}: unseal`, async () => {
      const [namespace = '', name = ''] = label.split('/');
      const found = SCOPES.find((each) => each === scope) ?? 'strict';
      const metadata = {
        name: name || 'any',
        namespace: namespace || 'any',
        annotations: Object.fromEntries(scopeAnnotations(found)),
      };
      const sealed = {
        kind: 'SealedSecret',
        metadata,
        spec: { encryptedData: { item: ciphertext.toString('base64') } },
      };
      const { data } = await unseal(sealed, { privateKeys: [await parsePrivateKey(keyPem(key))] });
      assert.deepEqual(Buffer.from(data['item'] ?? '', 'base64'), plaintext);
    });
  }
});
