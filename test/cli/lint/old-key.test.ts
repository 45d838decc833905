import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { oldKey } from '../../../cli/lint/rules/old-key.ts';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import { clusterOf, LARGE, linesIn, sealedObject, SMALL } from './sealed-lint.ts';

const cluster = clusterOf('prod', LARGE, SMALL);
const AT_HINT = `metadata.annotations["${SEALING_KEY}"]`;
const OLD = `an older key of the cluster "prod" sealed it (${SMALL.fingerprint}); the newest one is ${LARGE.fingerprint}`;
const proven = (what: string): string =>
  `the newest key of the cluster "prod" (${LARGE.fingerprint}) cannot have sealed ${what}, and an older one can`;

suite('a SealedSecret is sealed with an old key (S004)', () => {
  test('if its record or its hint names that key', async () => {
    assert.deepEqual(await linesIn(oldKey, await sealedObject(), { cluster }), [
      `note spec.encryptedData.password: ${OLD}`,
    ]);
    const hinted = await sealedObject({ record: false, keyHint: true });
    assert.deepEqual(await linesIn(oldKey, hinted, { cluster }), [`note ${AT_HINT}: ${OLD}`]);
  });

  test('if only the older key can have sealed it', async () => {
    const object = await sealedObject({ record: false });
    assert.deepEqual(await linesIn(oldKey, object, { cluster }), [
      `note spec.encryptedData.password: ${proven('it')}`,
    ]);
    const mixed = await sealedObject({ record: false, certificate: LARGE });
    mixed.spec.encryptedData['user'] = object.spec.encryptedData['user'] ?? '';
    mixed.metadata.annotations[SEALING_KEY] = LARGE.fingerprint;
    assert.deepEqual(await linesIn(oldKey, mixed, { cluster }), [
      `note spec.encryptedData.user: ${proven('the item "user"')}`,
    ]);
  });

  test('not with the newest key', async () => {
    for (const sealing of [{}, { record: false, keyHint: true }, { record: false }])
      assert.deepEqual(
        await linesIn(oldKey, await sealedObject({ ...sealing, certificate: LARGE }), { cluster }),
        [],
      );
  });

  test('not with a key of no known certificate, which another rule is about', async () => {
    const newest = { cluster: clusterOf('prod', LARGE) };
    for (const sealing of [{}, { record: false, keyHint: true }, { record: false }])
      assert.deepEqual(await linesIn(oldKey, await sealedObject(sealing), newest), []);
    assert.deepEqual(await linesIn(oldKey, await sealedObject()), []);
  });

  test('in part, if the record names the keys of the items', async () => {
    const object = await sealedObject({ certificate: LARGE });
    const old = await sealedObject({ record: false });
    object.spec.encryptedData['token'] = old.spec.encryptedData['user'] ?? '';
    object.metadata.annotations[SEALING_KEY] = `${SMALL.fingerprint},${LARGE.fingerprint}`;
    assert.deepEqual(await linesIn(oldKey, object, { cluster }), [
      `note ${AT_HINT}: ${OLD.replace('sealed it', 'sealed the item "token"')}`,
    ]);
  });
});
