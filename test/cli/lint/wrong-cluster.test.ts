import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { wrongCluster } from '../../../cli/lint/rules/wrong-cluster.ts';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import { clusterOf, LARGE, linesIn, sealedObject, SMALL } from './sealed-lint.ts';

const PROD = clusterOf('prod', LARGE);
const STAGING = clusterOf('staging', SMALL);
const BOTH = { cluster: PROD, clusters: [PROD, STAGING] };
const AT_HINT = `metadata.annotations["${SEALING_KEY}"]`;
const FOREIGN = `a key of the cluster "staging" sealed it (${SMALL.fingerprint}), and the file belongs to the cluster "prod"`;
const UNKNOWN = `the key ${SMALL.fingerprint} sealed it, and the cluster "prod" has no such certificate in certs/prod.pem`;
const PROVEN = 'no certificate of the cluster "prod" in certs/prod.pem can have sealed';

suite('a SealedSecret is sealed for another cluster (S003)', () => {
  test('if its record names a key of that cluster', async () => {
    assert.deepEqual(await linesIn(wrongCluster, await sealedObject(), BOTH), [
      `error spec.encryptedData.password: ${FOREIGN}`,
    ]);
  });

  test('if its hint names a key of that cluster', async () => {
    const object = await sealedObject({ record: false, keyHint: true });
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), [`error ${AT_HINT}: ${FOREIGN}`]);
  });

  test('if its hint names a key of that cluster besides one of its own', async () => {
    const object = await sealedObject({ record: false, certificate: LARGE });
    object.metadata.annotations[SEALING_KEY] = `${LARGE.fingerprint},${SMALL.fingerprint}`;
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), [
      `error ${AT_HINT}: ${FOREIGN.replace('sealed it', 'sealed some of its items')}`,
    ]);
  });

  test('perhaps, with a warning, if no certificate has the key that the record or the hint names', async () => {
    const context = { cluster: PROD };
    assert.deepEqual(await linesIn(wrongCluster, await sealedObject(), context), [
      `warning spec.encryptedData.password: ${UNKNOWN}`,
    ]);
    const hinted = await sealedObject({ record: false, keyHint: true });
    assert.deepEqual(await linesIn(wrongCluster, hinted, context), [`warning ${AT_HINT}: ${UNKNOWN}`]);
  });

  test('perhaps, with a warning, if no certificate of its cluster can have sealed an item', async () => {
    const object = await sealedObject({ record: false });
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), [
      `warning spec.encryptedData.password: ${PROVEN} it`,
    ]);
    const own = await sealedObject({ record: false, certificate: LARGE });
    own.spec.encryptedData['user'] = object.spec.encryptedData['user'] ?? '';
    assert.deepEqual(await linesIn(wrongCluster, own, BOTH), [
      `warning spec.encryptedData.user: ${PROVEN} the item "user"`,
    ]);
  });

  test('perhaps, if its hint names its own key, and an item proves another one', async () => {
    const object = await sealedObject({ record: false });
    object.metadata.annotations[SEALING_KEY] = LARGE.fingerprint;
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), [
      `warning spec.encryptedData.password: ${PROVEN} it`,
    ]);
  });

  test('not if any certificate of its cluster fits', async () => {
    const cluster = clusterOf('prod', LARGE, SMALL);
    for (const sealing of [{}, { record: false, keyHint: true }, { record: false }])
      for (const certificate of [LARGE, SMALL])
        assert.deepEqual(
          await linesIn(wrongCluster, await sealedObject({ ...sealing, certificate }), {
            cluster,
            clusters: [cluster, STAGING],
          }),
          [],
        );
  });

  test('not if nothing is known about its cluster', async () => {
    const object = await sealedObject();
    assert.deepEqual(await linesIn(wrongCluster, object, { clusters: [PROD, STAGING] }), []);
    const unknown = clusterOf('prod');
    assert.deepEqual(await linesIn(wrongCluster, object, { cluster: unknown }), []);
    assert.deepEqual(
      await linesIn(wrongCluster, object, { cluster: unknown, clusters: [unknown, STAGING] }),
      [`error spec.encryptedData.password: ${FOREIGN}`],
    );
  });

  test('by the record alone for items that have an entry, whatever the hint says', async () => {
    const object = await sealedObject({ certificate: LARGE });
    object.metadata.annotations[SEALING_KEY] = SMALL.fingerprint;
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), []);
  });

  test('not by values that are no ciphertexts, which another rule is about', async () => {
    const object = await sealedObject({ record: false, certificate: LARGE });
    object.spec.encryptedData['user'] = 'no base64';
    assert.deepEqual(await linesIn(wrongCluster, object, BOTH), []);
    for (const value of [{ kind: 'Secret' }, { kind: 'SealedSecret', spec: 1 }])
      assert.deepEqual(await linesIn(wrongCluster, value, BOTH), []);
  });
});
