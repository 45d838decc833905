import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { ask } from '../support/ask.ts';
import { itemsOf, uidOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { Recorder } from '../support/recorder.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/**
 * Tests the rights that the reference's chart grants with namespaced roles: the controller's in each additional
 * namespace, and in its own those that it needs for its keys, without watch. None are cluster-wide.
 */
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const RULES = [
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets/status'], verbs: ['update'] },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get', 'list', 'create', 'update', 'delete', 'watch'],
  },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
];
const SUBJECT = { kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE };

let recorder: Recorder;
let controller: ControllerProcess;
let certificate: Certificate;

const setup = new Setup(async () => {
  const { installation, plane } = setup;
  await plane.request('DELETE', `${RBAC}/clusterrolebindings/${NAME}`);
  recorder = await Recorder.start(plane);
  const file = join(plane.folder, 'kubeconfig-recorded');
  writeFileSync(file, recorder.kubeconfig(await installation.token()), { mode: 0o600 });
  for (const name of ['team-a', 'team-b', 'team-c']) await makeNamespace(name);
  for (const name of ['team-a', 'team-b']) await allow(name);
  await rightsInForce(plane);
  const args = ['--listen-addr', '127.0.0.1:0', '--key-size', '2048', '--kubeconfig', file];
  const namespaces = '--additional-namespaces=team-a,team-b,team-c,team-late';
  controller = new ControllerProcess([...args, '--all-namespaces=false', namespaces], {
    POD_NAMESPACE: NAMESPACE,
  });
  await setup.use(Promise.resolve(controller));
  certificate = await (await controller.logged('sealing keys loaded'), controller.certificate());
});
after(() => recorder.stop());

async function makeNamespace(name: string): Promise<void> {
  const { status } = await setup.plane.request('POST', '/api/v1/namespaces', { metadata: { name } });
  assert.equal(status, 201);
}

/** Grants the controller its rights in a namespace. */
async function allow(namespace: string): Promise<void> {
  const path = `${RBAC}/namespaces/${namespace}`;
  const metadata = { name: 'sealed-secrets', namespace };
  await setup.plane.request('POST', `${path}/roles`, { metadata, rules: RULES });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sealed-secrets' };
  const binding = { metadata, roleRef, subjects: [SUBJECT] };
  const { status } = await setup.plane.request('POST', `${path}/rolebindings`, binding);
  assert.equal(status, 201);
}

async function seal(ref: Ref): Promise<Ref> {
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
  return ref;
}

/** Returns the distinct requests that the API server has forbidden, without versions and limits. */
function forbidden(): string[] {
  const refused = recorder.passed.filter(({ status }) => status === 403);
  return [
    ...new Set(
      refused.map(({ method, path }) => {
        const { pathname, searchParams } = new URL(path, 'http://localhost');
        const verb = searchParams.has('watch') ? 'watch' : method;
        const selector = searchParams.get('labelSelector') ?? searchParams.get('fieldSelector') ?? '';
        return `${verb} ${pathname.replace(/^.*\/namespaces\//, '')} ${selector}`.trim();
      }),
    ),
  ].sort();
}

suite('under namespaced roles', () => {
  test('the SealedSecrets of each namespace are unsealed, and their Secrets are repaired', async () => {
    const { cluster } = setup;
    for (const namespace of ['team-a', 'team-b']) {
      const ref = await seal({ namespace, name: 'db' });
      await cluster.told(ref, 'True');
      await cluster.events(ref, 'Unsealed');
      const secret = await cluster.secret(ref);
      await cluster.change('secrets', ref, { data: { a: 'ZWRpdGVk' } });
      await cluster.secretWith(ref, { a: 'one' });
      await cluster.delete('secrets', ref);
      assert.deepEqual(itemsOf(await cluster.secret(ref, uidOf(secret))), { a: 'one' });
      await cluster.change('sealedsecrets', ref, {
        spec: { encryptedData: { a: sealedItem(certificate, ref, 'two') } },
      });
      await cluster.secretWith(ref, { a: 'two' });
      await cluster.delete('sealedsecrets', ref);
    }
  });

  test('those of its own namespace, which it may not read, are ignored and delay no others', async () => {
    const ref = await seal({ namespace: NAMESPACE, name: 'own' });
    await setup.cluster.told(await seal({ namespace: 'team-a', name: 'beside-own' }), 'True');
    assert.equal(await setup.cluster.get('secrets', ref), undefined);
    // Readiness does not wait for forbidden namespaces either.
    const url = await controller.url();
    for (const path of ['/v1/cert.pem', '/readyz']) {
      await until(path, async () => (await ask('GET', url + path)).status === 200 || undefined);
    }
  });

  test('a forbidden namespace is logged once, and watched when it is allowed', async () => {
    const { cluster } = setup;
    const ref = await seal({ namespace: 'team-c', name: 'db' });
    const told = (): number =>
      controller.log.filter(({ line }) => /not allowed to list.*"team-c"/.test(line)).length;
    // One line for SealedSecrets, and one for Secrets.
    await until('two lines', () => (told() === 2 ? true : undefined));
    assert.equal(await cluster.get('secrets', ref), undefined);
    await allow('team-c');
    await cluster.told(ref, 'True', 240_000);
    assert.equal(told(), 2);
  });

  test('a namespace that does not exist yet is watched when it exists and is allowed', async () => {
    await makeNamespace('team-late');
    await allow('team-late');
    await setup.cluster.told(await seal({ namespace: 'team-late', name: 'db' }), 'True', 240_000);
  });

  test('no request is refused except those that these roles do not allow', () => {
    assert.deepEqual(forbidden(), [
      `GET ${NAMESPACE}/sealedsecrets`,
      'GET team-a',
      'GET team-b',
      'GET team-c',
      'GET team-c/sealedsecrets',
      'GET team-c/secrets',
      'GET team-late',
      'GET team-late/sealedsecrets',
      'GET team-late/secrets',
      `watch ${NAMESPACE}/secrets`,
      `watch ${NAMESPACE}/secrets metadata.name=sealed-secrets-key`,
      `watch ${NAMESPACE}/secrets sealedsecrets.bitnami.com/sealed-secrets-key in (active,retired,compromised)`,
    ]);
  });

  test('a namespace that is deleted with its roles and recreated delays no others', async () => {
    const { cluster, plane } = setup;
    await cluster.told(await seal({ namespace: 'team-b', name: 'leaving' }), 'True');
    await plane.startControllerManager();
    await plane.request('DELETE', '/api/v1/namespaces/team-b');
    await until(
      'the namespace to be gone',
      async () => (await plane.request('GET', '/api/v1/namespaces/team-b')).status === 404 || undefined,
      240_000,
    );
    await cluster.told(await seal({ namespace: 'team-a', name: 'beside-leaving' }), 'True');
    await makeNamespace('team-b');
    await allow('team-b');
    await cluster.told(await seal({ namespace: 'team-b', name: 'again' }), 'True', 240_000);
    assert.ok(!controller.output.includes('crashed'));
    assert.equal(await controller.stop(), 0);
  });
});
