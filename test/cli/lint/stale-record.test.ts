import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { staleRecord } from '../../../cli/lint/rules/stale-record.ts';
import { SEALING_RECORD } from '../../../shared/api/annotations.ts';
import { linesIn, problemsIn, sealedObject } from './sealed-lint.ts';

const AT = `note metadata.annotations["${SEALING_RECORD}"]`;

suite('a sealing record is stale (S017)', () => {
  test('not if it has an entry for each item, or if there is none', async () => {
    assert.deepEqual(await linesIn(staleRecord, await sealedObject()), []);
    assert.deepEqual(await linesIn(staleRecord, await sealedObject({ record: false })), []);
  });

  test('if a ciphertext has changed', async () => {
    const object = await sealedObject();
    const other = await sealedObject();
    object.spec.encryptedData['user'] = other.spec.encryptedData['user'] ?? '';
    assert.deepEqual(await linesIn(staleRecord, object), [
      `${AT}: the sealing record has 1 entry for items that are not there or were sealed again`,
      `${AT}: the sealing record has no entry for the item "user"`,
    ]);
  });

  test('if items were removed, and the fix drops their entries', async () => {
    const object = await sealedObject({ items: { a: 'canary-a', b: 'canary-b', c: 'canary-c' } });
    const { encryptedData } = object.spec;
    object.spec.encryptedData = { b: encryptedData['b'] ?? '' };
    const [problem, ...more] = await problemsIn(staleRecord, object);
    assert.deepEqual(more, []);
    assert.equal(
      problem?.message,
      'the sealing record has 2 entries for items that are not there or were sealed again',
    );
    const annotations = (problem.fix?.get('metadata') as Map<string, Map<string, string>>).get('annotations');
    object.metadata.annotations[SEALING_RECORD] = annotations?.get(SEALING_RECORD) ?? '';
    assert.deepEqual(await linesIn(staleRecord, object), []);
  });

  test('if it is that of another object', async () => {
    const object = await sealedObject();
    object.metadata.annotations = (await sealedObject()).metadata.annotations;
    assert.deepEqual(await linesIn(staleRecord, object), [
      `${AT}: the sealing record has 2 entries for items that are not there or were sealed again`,
      `${AT}: the sealing record has no entry for any item`,
    ]);
  });

  test('if it cannot be read', async () => {
    const object = await sealedObject();
    const table = [
      ['{"v":2}', 'a newer version of kubeseal wrote it'],
      ['canary', 'it is malformed'],
      ['x'.repeat(100_000), 'it is longer than 64 KiB'],
    ] as const;
    for (const [text, reason] of table) {
      object.metadata.annotations[SEALING_RECORD] = text;
      assert.deepEqual(await linesIn(staleRecord, object), [
        `${AT}: the sealing record cannot be read: ${reason}`,
      ]);
    }
  });

  test('not if a placeholder stands for it, or an item holds no ciphertext', async () => {
    const object = await sealedObject();
    object.spec.encryptedData['token'] = 'no base64';
    assert.deepEqual(await linesIn(staleRecord, object), []);
    object.metadata.annotations[SEALING_RECORD] = '${RECORD}';
    assert.deepEqual(await linesIn(staleRecord, object), []);
  });
});
