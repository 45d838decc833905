import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SEALING_RECORD } from '../../../shared/api/annotations.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import {
  recordPatch,
  sealingPatch,
  withSealingAnnotations,
} from '../../../shared/input/sealing-annotations.ts';
import { ciphertextDigest, parseRecord } from '../../../shared/seal/sealing-record.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal } from '../../../shared/seal/unseal.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { certificatePem, vectorKey } from '../../support/vectors.ts';

const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const place = { source: 'db.yaml' };
const ENTRY = { key: certificate.fingerprint, scope: 'strict', label: 'shop/db' };
const bare = parseSealedSecret(
  sealedSecret(certificate, { name: 'db', namespace: 'shop' }, { password: 'hunter2', user: 'bob' }),
  place,
);
const { encryptedData } = bare;
const recorded = await withSealingAnnotations(bare, { certificate, keyHint: false, record: true, place });

async function digestOf(item: string): Promise<string> {
  return (await ciphertextDigest(encryptedData.get(item) ?? null)) ?? '';
}

suite('the annotations about sealing', () => {
  test('of a new object have a record only if it was asked for', async () => {
    for (const record of [undefined, false])
      assert.equal(await withSealingAnnotations(bare, { certificate, keyHint: false, record, place }), bare);
    const entries = new Map([
      [await digestOf('password'), ENTRY],
      [await digestOf('user'), ENTRY],
    ]);
    assert.deepEqual(parseRecord(recorded.metadata.annotations), { entries });
  });

  test('say nothing of items whose key and place are unknown', async () => {
    const change = { certificate, sealedItems: new Set(['user']), encryptedData, keyHint: false, place };
    const patch = await sealingPatch(bare, { ...change, record: true });
    const annotations = patch?.get('annotations');
    assert.ok(annotations instanceof Map);
    assert.deepEqual(parseRecord(annotations as Map<string, string>), {
      entries: new Map([[await digestOf('user'), ENTRY]]),
    });
    assert.equal(await sealingPatch(bare, { ...change, record: undefined }), undefined);
  });

  test('stay as they are if the record has every item already', async () => {
    const change = { certificate, sealedItems: new Set<string>(), encryptedData, keyHint: false, place };
    assert.equal(await sealingPatch(recorded, { ...change, record: true }), undefined);
    assert.equal(await recordPatch(recorded, { encryptedData, place }), undefined);
  });

  test('begin a new record in place of one that cannot be read', async () => {
    const annotations = new Map([[SEALING_RECORD, '{"v":1}']]);
    const sealed = { ...bare, metadata: { ...bare.metadata, annotations } };
    const change = { certificate, sealedItems: encryptedData, encryptedData, keyHint: false, place };
    const patch = await sealingPatch(sealed, { ...change, record: undefined });
    assert.equal(
      (patch?.get('annotations') as Map<string, string>).get(SEALING_RECORD),
      recorded.metadata.annotations.get(SEALING_RECORD),
    );
  });

  test('leave a newer record as it is, unless a record was asked for', async () => {
    const annotations = new Map([[SEALING_RECORD, '{"v":2}']]);
    const sealed = { ...bare, metadata: { ...bare.metadata, annotations } };
    const change = { certificate, sealedItems: encryptedData, encryptedData, keyHint: false, place };
    for (const record of [undefined, false])
      assert.equal(await sealingPatch(sealed, { ...change, record }), undefined);
    const patch = await sealingPatch(sealed, { ...change, record: true });
    assert.equal(
      (patch?.get('annotations') as Map<string, string>).get(SEALING_RECORD),
      recorded.metadata.annotations.get(SEALING_RECORD),
    );
  });

  test('do not reach the Secret', async () => {
    const result = await unseal(recorded, {
      decrypter: new Keyring([await vectorKey('c2048')]),
      renderer: inProcessRenderer('full'),
      place,
      signal: new AbortController().signal,
    });
    assert.ok(result.ok);
    assert.deepEqual([...result.unsealed.secret.metadata.annotations.keys()], []);
    assert.deepEqual([...result.unsealed.secret.data.keys()], ['password', 'user']);
  });

  test('are refused if the record would be longer than 64 KiB', async () => {
    const items = Array.from(
      { length: 5000 },
      (_, index) => [`item-${index}`, btoa(`value-${index}`)] as const,
    );
    const many = { ...bare, encryptedData: new Map(items) };
    await assert.rejects(withSealingAnnotations(many, { certificate, keyHint: false, record: true, place }), {
      message:
        'db.yaml: the annotation sealedsecrets.bitnami.com/sealing-record would be longer than 64 KiB: ' +
        'seal without it, and remove the annotation if it is there',
    });
    assert.equal(
      await withSealingAnnotations(many, { certificate, keyHint: false, record: undefined, place }),
      many,
    );
  });
});
