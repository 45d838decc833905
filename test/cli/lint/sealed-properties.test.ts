import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { suite, test } from 'node:test';
import type { LintCluster } from '../../../cli/lint/object.ts';
import { oldKey } from '../../../cli/lint/rules/old-key.ts';
import { staleRecord } from '../../../cli/lint/rules/stale-record.ts';
import { wrongCluster } from '../../../cli/lint/rules/wrong-cluster.ts';
import { wrongPlace } from '../../../cli/lint/rules/wrong-place.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import { certificateOf, rsa } from '../../support/keys.ts';
import { clusterOf, destination, linesIn, problemsIn, sealedObject, type Sealing } from './sealed-lint.ts';

/** Keys of one size: only the modulus may tell them apart. */
const KEYS: readonly Certificate[] = await Promise.all(
  Array.from({ length: 12 }, async () => parseCertificate(await certificateOf(rsa()), 'test')),
);
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');
const RULES = [wrongPlace, wrongCluster, oldKey, staleRecord];

function pick<T>(values: readonly T[]): T {
  const value = values[randomInt(values.length)];
  assert.ok(value !== undefined);
  return value;
}

function randomName(): string {
  return Array.from({ length: 1 + randomInt(20) }, () => pick(LETTERS)).join('');
}

function randomSealing(): Sealing {
  const items = Array.from(
    { length: 1 + randomInt(4) },
    (_, index) => [`item-${index}`, randomName()] as const,
  );
  return {
    name: randomName(),
    namespace: randomName(),
    scope: pick(SCOPES),
    keyHint: randomInt(2) === 0,
    record: randomInt(2) === 0,
    items: Object.fromEntries(items),
  };
}

/** Returns two clusters with some keys each. */
function randomClusters(): readonly [LintCluster, LintCluster] {
  const shuffled = KEYS.toSorted(() => randomInt(3) - 1);
  const count = 1 + randomInt(4);
  return [
    clusterOf('prod', ...shuffled.slice(0, count)),
    clusterOf('staging', ...shuffled.slice(count, count + 1 + randomInt(4))),
  ];
}

function newestOf({ certificates }: LintCluster): Certificate {
  const [newest] = certificates;
  assert.ok(newest);
  return newest.certificate;
}

suite('for random objects, keys and clusters, lint', () => {
  test('finds nothing in what the newest key sealed for its place', async () => {
    for (let round = 0; round < 200; round++) {
      const [cluster, other] = randomClusters();
      const sealing = { ...randomSealing(), certificate: newestOf(cluster) };
      const object = await sealedObject(sealing);
      for (const rule of RULES)
        assert.deepEqual(await linesIn(rule, object, { cluster, clusters: [other, cluster] }), []);
    }
  });

  test('finds every name and namespace that a recorded item cannot be unsealed under', async () => {
    for (let round = 0; round < 200; round++) {
      const sealing = { ...randomSealing(), record: true };
      const object = await sealedObject(sealing);
      if (randomInt(2) === 0) object.metadata.name = randomName();
      if (randomInt(2) === 0) object.metadata.namespace = randomName();
      const { name, namespace } = object.metadata;
      const isLost =
        (sealing.scope === 'strict' && name !== sealing.name) ||
        (sealing.scope !== 'cluster-wide' && namespace !== sealing.namespace);
      const found = await problemsIn(wrongPlace, object);
      assert.equal(found.length > 0, isLost, `${sealing.scope ?? ''} ${JSON.stringify(object.metadata)}`);
    }
  });

  test('finds every destination that an item cannot be unsealed under, with and without a record', async () => {
    for (let round = 0; round < 200; round++) {
      const sealing = randomSealing();
      const object = await sealedObject(sealing);
      const name = randomInt(2) === 0 ? randomName() : (sealing.name ?? '');
      const namespace = randomInt(2) === 0 ? randomName() : (sealing.namespace ?? '');
      const isLost =
        (sealing.scope === 'strict' && name !== sealing.name) ||
        (sealing.scope !== 'cluster-wide' && namespace !== sealing.namespace);
      const found = await problemsIn(wrongPlace, object, { destinations: [destination(name, namespace)] });
      assert.equal(found.length > 0, isLost);
    }
  });

  test('finds every other key that the record or the hint names', async () => {
    for (let round = 0; round < 200; round++) {
      const [cluster, other] = randomClusters();
      const certificate = pick(KEYS);
      const named = randomInt(2) === 0 ? { record: true } : { record: false, keyHint: true };
      const object = await sealedObject({ ...randomSealing(), ...named, certificate });
      const context = { cluster, clusters: [cluster, other] };
      const isIn = ({ certificates }: LintCluster): boolean =>
        certificates.some((each) => each.certificate === certificate);
      const severities = (await problemsIn(wrongCluster, object, context)).map(
        ({ severity = 'error' }) => severity,
      );
      assert.deepEqual(severities, isIn(cluster) ? [] : isIn(other) ? ['error'] : ['warning']);
      const isOld = isIn(cluster) && newestOf(cluster) !== certificate;
      assert.equal((await problemsIn(oldKey, object, context)).length > 0, isOld);
    }
  });

  test('says nothing false by proof: what it says about unnamed keys is always true', async () => {
    let proofs = 0;
    for (let round = 0; round < 300; round++) {
      const [cluster, other] = randomClusters();
      const certificate = pick(KEYS);
      const object = await sealedObject({ ...randomSealing(), record: false, keyHint: false, certificate });
      const context = { cluster, clusters: [cluster, other] };
      const isOwn = cluster.certificates.some((each) => each.certificate === certificate);
      const foreign = await problemsIn(wrongCluster, object, context);
      const old = await problemsIn(oldKey, object, context);
      if (foreign.length > 0) assert.ok(!isOwn);
      if (old.length > 0) assert.notEqual(newestOf(cluster), certificate);
      proofs += foreign.length + old.length;
    }
    assert.ok(proofs > 0, 'no proof was tested');
  });
});
