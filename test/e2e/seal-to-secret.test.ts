import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dump, load } from 'js-yaml';
import type { Scope } from '../../shared/seal/scope.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { uidOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { kubectl } from '../support/kubectl.ts';
import { kubeseal } from '../support/run.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let controller: ControllerProcess;
let namespace: string;
/** The token and kubeconfig of a ServiceAccount without any granted rights. */
let developer: { token: string; kubeconfig: string };

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  controller = await setup.use(installation.startReadyController());
  namespace = await plane.createNamespace('sealed');
  const token = await plane.newServiceAccountToken(namespace, 'developer');
  developer = { token, kubeconfig: plane.kubeconfigFor(token, { namespace }) };
});

/** Returns the flags to fetch the certificate: through the API server, or directly if it cannot reach pods. */
async function certificate(): Promise<string[]> {
  return podAddress() === null ? ['--cert', `${await controller.url()}/v1/cert.pem`] : [];
}

async function sealed(secret: object, ...args: readonly string[]): Promise<string> {
  const ran = await kubeseal([...args, ...(await certificate()), '-o', 'yaml'], {
    stdin: dump(secret),
    env: { KUBECONFIG: developer.kubeconfig },
  });
  const stderr = args.includes('cluster-wide') ? /^\(<stdin>: cluster-wide: [^\n]*\)\n$/ : /^$/;
  assert.equal(ran.code, 0);
  assert.match(ran.stderr, stderr);
  return ran.stdout;
}

const VALUES = {
  password: Buffer.from('correct-horse\n'),
  'all-bytes.bin': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  empty: Buffer.alloc(0),
  '.hidden': Buffer.from('日本語'),
};
const DATA = Object.fromEntries(
  Object.entries(VALUES).map(([item, value]) => [item, value.toString('base64')]),
);

function secret(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { app: 'shop' }, annotations: { 'example.com/owner': 'team-a' } },
    type: 'example.com/login',
    data: DATA,
  };
}

const needsProxy = { skip: podAddress() === null && 'no address but loopback' };

suite('an account without any right of its own', () => {
  test('may not read Secrets', async () => {
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    assert.equal((await setup.plane.requestAs(developer.token, 'GET', path)).status, 403);
  });

  test('fetches the certificate through the API server', needsProxy, async () => {
    const fetched = await kubeseal(['--fetch-cert'], { env: { KUBECONFIG: developer.kubeconfig } });
    assert.equal(fetched.code, 0, fetched.stderr);
    assert.equal(fetched.stdout, (await controller.certificate()).pem);
  });
});

const ANNOTATIONS: Record<Scope, Record<string, string>> = {
  strict: {},
  'namespace-wide': { 'sealedsecrets.bitnami.com/namespace-wide': 'true' },
  'cluster-wide': { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
};

for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
  test(`a Secret sealed ${scope} is created unchanged in the cluster`, async () => {
    const ref = { namespace, name: `made-${scope}` };
    const [applied] = await setup.plane.apply(await sealed(secret(ref.name), '--scope', scope));
    assert.deepEqual(at(applied, 'metadata', 'annotations') ?? {}, ANNOTATIONS[scope]);

    const told = await setup.cluster.told(ref, 'True');
    const made = await setup.cluster.secret(ref);
    assert.deepEqual(at(made, 'data'), DATA);
    assert.equal(at(made, 'type'), 'example.com/login');
    assert.deepEqual(at(made, 'metadata', 'labels'), { app: 'shop' });
    assert.deepEqual(at(made, 'metadata', 'annotations'), {
      'example.com/owner': 'team-a',
      ...ANNOTATIONS[scope],
      'sealedsecrets.bitnami.com/owner-uid': uidOf(applied),
    });
    assert.deepEqual(at(made, 'metadata', 'ownerReferences'), [
      {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        name: ref.name,
        uid: uidOf(applied),
        controller: true,
      },
    ]);

    assert.deepEqual([told.reason, told.message], ['Unsealed', '']);
    for (const field of ['lastUpdateTime', 'lastTransitionTime']) {
      const time = stringAt(told.object, 'status', 'conditions', 0, field);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, `${field} ${time} is now`);
    }
    assert.deepEqual(told.applied, {
      sealedSecretUID: uidOf(applied),
      generation: 1,
      scope,
      secretUID: uidOf(made),
      secretResourceVersion: versionOf(made),
      ownership: 'Reference',
      keys: [(await controller.certificate()).fingerprint],
    });
    assert.deepEqual(await setup.cluster.events(ref, 'Unsealed'), [
      {
        type: 'Normal',
        reason: 'Unsealed',
        message: 'SealedSecret unsealed successfully',
        component: 'sealed-secrets',
      },
    ]);
  });
}

suite('kubectl', () => {
  test('waits for the condition and shows it in columns', async () => {
    const admin = setup.plane.kubeconfig;
    const inNamespace = (...args: readonly string[]): Promise<string> =>
      kubectl(admin, '-n', namespace, ...args);
    await setup.plane.apply(await sealed(secret('waited-for')));
    assert.equal(
      await inNamespace('wait', '--for=condition=Synced', '--timeout=60s', 'sealedsecret/waited-for'),
      'sealedsecret.bitnami.com/waited-for condition met\n',
    );

    const [header, row] = (await inNamespace('get', 'sealedsecret', 'waited-for')).split('\n');
    assert.deepEqual(header?.split(/\s+/), ['NAME', 'STATUS', 'SYNCED', 'AGE']);
    assert.match(row ?? '', /^waited-for\s+True\s+\d+s$/);
  });
});

suite('offline', () => {
  test('the key recovers a SealedSecret, both in the form that kubectl prints', async () => {
    const ref = { namespace, name: 'recovered' };
    await setup.plane.apply(await sealed(secret(ref.name)));
    await setup.cluster.told(ref, 'True');
    const admin = setup.plane.kubeconfig;
    const selector = 'sealedsecrets.bitnami.com/sealed-secrets-key';
    const list = ['-n', NAMESPACE, 'get', 'secret', '-l', selector, '-o'];
    const name = await kubectl(admin, ...list, 'name');
    const keys = {
      'one.yaml': await kubectl(admin, '-n', NAMESPACE, 'get', name.trim(), '-o', 'yaml'),
      'list.yaml': await kubectl(admin, ...list, 'yaml'),
      'list.json': await kubectl(admin, ...list, 'json'),
    };
    const stdin = await kubectl(admin, '-n', namespace, 'get', 'sealedsecret', ref.name, '-o', 'yaml');
    for (const [file, text] of Object.entries(keys)) {
      const key = folder.write(file, text);
      const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-o', 'yaml'], {
        stdin,
      });
      assert.equal(recovered.code, 0, recovered.stderr);
      assert.deepEqual(at(load(recovered.stdout), 'data'), DATA, file);
    }
  });
});
