import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { uidOf, versionOf } from '../support/cluster.ts';
import { comparable } from '../support/comparable.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { readExposition } from '../support/exposition.ts';
import { NAMESPACE } from '../support/installation.ts';
import { ACTIVE, keySecret, keySecrets, nameOf } from '../support/key-secret.ts';
import { pkcs1 } from '../support/keys.ts';
import { Recorder } from '../support/recorder.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';
import { CASES, certificatePem, keyPem, type Case } from '../support/vectors.ts';

/** Tests a cluster as the reference leaves it: its keys, SealedSecrets with their status, and their Secrets. */

const KEYS = ['a4096', 'b4096', 'c2048', 'expired'];
const NAMESPACES = ['prod', 'edge', 'other', 'y'];
/** Skipped: with all of these keys, one opens this case, which is about a missing key. */
const OTHER_KEYS = 'wrong-key';
/** Rejected by the reference's command line, but unsealed by its controller. */
const DEPRECATED = 'deprecated-v1-data';
const DEPRECATED_SECRET = {
  metadata: { name: 'v1', namespace: 'prod', labels: { l: '1' } },
  data: { k: Buffer.from('old').toString('base64') },
};
/** The time of an object's first status from the reference. */
const TIME = '2026-01-02T03:04:05Z';

let recorder: Recorder;
let kubeconfig: string;

const setup = new Setup(async () => {
  const { cluster, installation, plane } = setup;
  recorder = await Recorder.start(plane);
  kubeconfig = join(plane.folder, 'kubeconfig-recorded');
  writeFileSync(kubeconfig, recorder.kubeconfig(await installation.token()), { mode: 0o600 });
  for (const [index, key] of KEYS.entries()) {
    const items = { 'tls.crt': certificatePem(key), 'tls.key': pkcs1(createPrivateKey(keyPem(key))) };
    const metadata = { labels: ACTIVE };
    const secret = keySecret(`sealed-secrets-keyv${index}`, items, metadata);
    await cluster.create('secrets', { ...secret, type: 'kubernetes.io/tls' });
  }
  for (const name of NAMESPACES) await plane.request('POST', '/api/v1/namespaces', { metadata: { name } });
});

after(() => recorder.stop());

function refOf(vector: Case): Ref {
  const metadata = at(vector.sealedSecret, 'metadata');
  return { namespace: stringAt(metadata, 'namespace'), name: stringAt(metadata, 'name') };
}

/** Groups the cases into rounds in which names are unique, because a strictly sealed object cannot be renamed. */
function rounds(): Case[][] {
  const all: Case[][] = [];
  for (const each of CASES.filter(({ name }) => name !== OTHER_KEYS)) {
    const { namespace, name } = refOf(each);
    const free = all.find((round) =>
      round.every((other) => refOf(other).name !== name || refOf(other).namespace !== namespace),
    );
    if (free) free.push(each);
    else all.push([each]);
  }
  return all;
}

/**
 * Creates the SealedSecret, its Secret and its status as the reference would. Returns whether the API server accepts
 * it.
 */
async function leave(vector: Case): Promise<boolean> {
  const { cluster, plane } = setup;
  const ref = refOf(vector);
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets`;
  const { status, body: sealed } = await plane.request('POST', path, vector.sealedSecret);
  if (status === 422) return false;
  const secret = vector.name === DEPRECATED ? DEPRECATED_SECRET : vector.recovered;
  if (secret) {
    const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: ref.name };
    const ownerReferences = [{ ...owner, uid: uidOf(sealed), controller: true }];
    const body = comparable(secret);
    const metadata = { ...fields(at(body, 'metadata')), ownerReferences };
    await cluster.create('secrets', { ...fields(body), metadata });
  }
  const condition = secret
    ? { status: 'True' }
    : { status: 'False', message: (vector.error ?? '').replace(/^error: /, '') };
  const times = { lastUpdateTime: TIME, lastTransitionTime: TIME };
  const told = { observedGeneration: 1, conditions: [{ type: 'Synced', ...times, ...condition }] };
  const answer = await plane.request('PUT', `${path}/${ref.name}/status`, {
    ...fields(sealed),
    status: told,
  });
  assert.equal(answer.status, 200);
  return true;
}

function fields(object: unknown): object {
  assert.ok(typeof object === 'object' && object !== null);
  return object;
}

/** Returns all objects of a kind in the cluster, as UID and version. */
async function versions(plural: 'secrets' | 'sealedsecrets'): Promise<Record<string, string>> {
  const objects = await setup.cluster.list(plural);
  return Object.fromEntries(
    objects.map((object) => [
      `${stringAt(object, 'metadata', 'namespace')}/${nameOf(object)}`,
      `${uidOf(object)} ${versionOf(object)}`,
    ]),
  );
}

/** Starts this controller behind the recorder, after clearing the recorded requests. */
async function start(): Promise<ControllerProcess> {
  recorder.passed.length = 0;
  const args = ['--listen-addr', '127.0.0.1:0', '--key-size', '2048', '--key-renew-period=0'];
  const controller = new ControllerProcess([...args, '--kubeconfig', kubeconfig], {
    POD_NAMESPACE: NAMESPACE,
  });
  await setup.use(Promise.resolve(controller));
  await controller.logged('sealing keys loaded');
  return controller;
}

/** Returns the controller's requests other than GET, without names and without those of the leader election. */
function writes(): string[] {
  const sent = recorder.passed.filter(({ method, path }) => method !== 'GET' && !path.includes('/leases'));
  return sent.map(({ method, path }) => `${method} ${path.replace(/^.*\/namespaces\//, '')}`).sort();
}

/** Waits until the controller has set a reason on an object, and returns the reason. */
function reasonOf(vector: Case): Promise<string> {
  return until(`a reason for ${vector.name}`, async () => {
    const sealed = await setup.cluster.get('sealedsecrets', refOf(vector));
    const reason = at(sealed, 'status', 'conditions', 0, 'reason');
    return typeof reason === 'string' ? reason : undefined;
  });
}

/** Waits until the controller has reconciled this number of objects again, and has unsealed a newer one. */
async function lookedAt(count: number, later: Ref, controller: ControllerProcess): Promise<void> {
  await until(`${count} reconciles`, async () => {
    const { samples } = readExposition(await controller.metrics());
    const counts = samples.filter(({ name }) => name.endsWith('reconcile_duration_seconds_count'));
    return counts.reduce((sum, { value }) => sum + value, 0) >= count ? true : undefined;
  });
  await setup.cluster.create(
    'sealedsecrets',
    sealedSecret(await controller.certificate(), later, { a: 'one' }),
  );
  await setup.cluster.told(later, 'True');
}

async function remove(vector: Case): Promise<void> {
  const { namespace, name } = refOf(vector);
  await setup.cluster.delete('sealedsecrets', { namespace, name });
  if ((await setup.cluster.get('secrets', { namespace, name })) === undefined) return;
  await setup.cluster.change('secrets', { namespace, name }, { metadata: { finalizers: null } });
  await setup.plane.request('DELETE', `/api/v1/namespaces/${namespace}/secrets/${name}`);
}

suite('a cluster that the reference leaves', () => {
  const [first = [], ...others] = rounds();
  let left: Case[] = [];

  for (const [index, round] of [...others, first].entries()) {
    test(`keeps its Secrets unchanged at the first start of this controller: part ${index + 1}`, async () => {
      for (const vector of left) await remove(vector);
      left = [];
      for (const vector of round) if (await leave(vector)) left.push(vector);
      const before = await versions('secrets');
      const controller = await start();
      for (const vector of left) {
        const { name, error } = vector;
        const good = error === undefined || name === DEPRECATED;
        assert.equal((await reasonOf(vector)) === 'Unsealed', good, name);
      }
      assert.equal(await controller.stop(), 0);
      assert.deepEqual(await versions('secrets'), before);
      // Only the reason, the cause of a failure, and the key record are new.
      for (const write of writes())
        assert.match(
          write,
          /^(PUT [^/]+\/sealedsecrets\/[^/]+\/status|POST .*\/events|(PATCH|POST) .*\/configmaps(\/sealed-secrets-keys)?)$/,
        );
      const events = recorder.of('POST', /\/events$/).map(({ sent }) => at(sent, 'type'));
      assert.ok(!events.includes('Normal'), 'that it is unsealed is no news');
    });
  }

  test('keeps all objects at another start, and its Secrets when a key is renewed', async () => {
    assert.ok(left.length > 3);
    const before = [await versions('secrets'), await versions('sealedsecrets')];
    const controller = await start();
    // What the status says is right needs no reconcile.
    const failed = left.filter(({ error, name }) => error !== undefined && name !== DEPRECATED).map(refOf);
    await lookedAt(failed.length, { namespace: 'other', name: 'later' }, controller);
    await unchanged(before);
    controller.signal('SIGUSR1');
    await controller.logged('sealing key generated');
    await lookedAt(0, { namespace: 'other', name: 'renewed' }, controller);
    assert.equal(await controller.stop(), 0);
    assert.equal((await keySecrets(setup.cluster)).length, KEYS.length + 1);
    // The message of an object that no key opened has the number of keys.
    await unchanged(before, new Set(failed.map(showRef)));
  });

  test('keeps all objects under a CRD that drops status.applied, too', async () => {
    const properties = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties';
    const { status } = await setup.plane.request(
      'PATCH',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com',
      [{ op: 'remove', path: `${properties}/applied` }],
      'application/json-patch+json',
    );
    assert.equal(status, 200);
    recorder.strict = false;
    const [good] = left.filter(({ error }) => error === undefined);
    assert.ok(good);
    await until('the CRD to be in force', async () => {
      const sealed = await setup.cluster.get('sealedsecrets', refOf(good));
      return at(sealed, 'status', 'applied') === undefined ? true : undefined;
    });
    const before = [await versions('secrets'), await versions('sealedsecrets')];
    const controller = await start();
    await lookedAt(left.length, { namespace: 'other', name: 'dropped' }, controller);
    assert.equal(await controller.stop(), 0);
    await unchanged(before);
  });
});

/** Asserts that the existing objects are unchanged. */
async function unchanged(
  expected: readonly Record<string, string>[],
  but: ReadonlySet<string> = new Set(),
): Promise<void> {
  const now = [await versions('secrets'), await versions('sealedsecrets')];
  for (const [kind, old] of expected.entries()) {
    for (const [name, version] of Object.entries(old)) {
      if (!but.has(name)) assert.equal(now[kind]?.[name], version, name);
    }
  }
}
