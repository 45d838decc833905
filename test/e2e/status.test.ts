import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { itemsOf, versionOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { Recorder } from '../support/recorder.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

let recorder: Recorder;
let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

/** Starts a controller that reaches the API server through the recorder. */
async function start(...flags: readonly string[]): Promise<ControllerProcess> {
  const { installation, plane } = setup;
  const file = join(plane.folder, 'kubeconfig-recorded');
  writeFileSync(file, recorder.kubeconfig(await installation.token()), { mode: 0o600 });
  const args = ['--listen-addr', '127.0.0.1:0', '--key-size', '2048', '--kubeconfig', file, ...flags];
  const started = new ControllerProcess(args, { POD_NAMESPACE: NAMESPACE });
  await setup.use(Promise.resolve(started));
  await started.logged('sealing keys loaded');
  return started;
}

const setup = new Setup(async () => {
  recorder = await Recorder.start(setup.plane);
  controller = await start();
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('status');
});
after(() => recorder.stop());

async function seal(name: string): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
  return ref;
}

async function edit(ref: Ref, value: string): Promise<void> {
  const encryptedData = { a: sealedItem(certificate, ref, value) };
  await setup.cluster.change('sealedsecrets', ref, { spec: { encryptedData } });
}

/** Delays the next GET of the Secret by some ms, or until a promise is settled. */
function slow(ref: Ref, delay: number | Promise<void>): void {
  const path = new RegExp(`/namespaces/${namespace}/secrets/${ref.name}$`);
  recorder.beforeNext('GET', path, () => (typeof delay === 'number' ? sleep(delay) : delay));
}

/** Returns the reasons that were written for `Synced`, in order. */
function said(ref: Ref): unknown[] {
  const path = new RegExp(`/sealedsecrets/${ref.name}/status$`);
  return recorder.of('PUT', path).map(({ sent }) => at(sent, 'status', 'conditions', 0, 'reason'));
}

function conditions(object: unknown): unknown[] {
  return listAt(object, 'status', 'conditions').map((condition) => [
    at(condition, 'type'),
    at(condition, 'status'),
    at(condition, 'reason'),
  ]);
}

suite('a reconcile that takes more than two seconds', () => {
  test('sets Processing for an edited object', async () => {
    const { cluster } = setup;
    const ref = await seal('slow-edit');
    await cluster.told(ref, 'True');
    let goOn = (): void => undefined;
    slow(ref, new Promise((resolve) => (goOn = resolve)));
    await edit(ref, 'two');
    const announced = await until('Processing', async () => {
      const object = await cluster.get('sealedsecrets', ref);
      return at(object, 'status', 'conditions', 0, 'reason') === 'Processing' ? object : undefined;
    }).finally(goOn);
    assert.deepEqual(conditions(announced), [
      ['Synced', 'Unknown', 'Processing'],
      ['Reconciling', 'True', 'Processing'],
    ]);
    assert.equal(at(announced, 'status', 'observedGeneration'), 2);
    // The cluster has the status before the recorder has passed on the answer to its write.
    await until('the last write', () => (said(ref).length >= 3 ? true : undefined));
    const told = await cluster.told(ref, 'True');
    assert.deepEqual(conditions(told.object), [['Synced', 'True', 'Unsealed']]);
    assert.deepEqual(said(ref), ['Unsealed', 'Processing', 'Unsealed']);
  });
});

suite('a status that cannot be written', () => {
  test('because the cluster refuses it is retried and logged once, while the Secret is created', async () => {
    const { cluster, plane } = setup;
    const ref = { namespace, name: 'refused' };
    const probe = await seal('refused-probe');
    await cluster.told(probe, 'True');
    const policy = 'ValidatingAdmissionPolicy';
    const match = {
      resourceRules: [
        {
          apiGroups: ['bitnami.com'],
          apiVersions: ['*'],
          operations: ['UPDATE'],
          resources: ['sealedsecrets/status'],
        },
      ],
    };
    await plane.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'admissionregistration.k8s.io/v1',
            kind: policy,
            metadata: { name: 'no-status' },
            spec: {
              matchConstraints: match,
              validations: [{ expression: '!object.metadata.name.startsWith("refused")' }],
            },
          },
          {
            apiVersion: 'admissionregistration.k8s.io/v1',
            kind: `${policy}Binding`,
            metadata: { name: 'no-status' },
            spec: { policyName: 'no-status', validationActions: ['Deny'] },
          },
        ],
      }),
    );
    // A policy takes effect some time after its creation.
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/${probe.name}/status`;
    await until('the policy', async () => {
      const { status } = await plane.request('PUT', path, await cluster.get('sealedsecrets', probe));
      return status === 422 || undefined;
    });

    await seal(ref.name);
    assert.deepEqual(itemsOf(await cluster.secretWith(ref, { a: 'one' })), { a: 'one' });
    await cluster.events(ref, 'Unsealed');
    const tries = (): number =>
      recorder.of('PUT', /\/refused\/status$/).filter(({ status }) => status === 422).length;
    await until('three tries', () => (tries() >= 3 ? true : undefined));
    const binding = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/no-status';
    await plane.request('DELETE', binding);
    await cluster.told(ref, 'True');
    assert.equal((await cluster.events(ref, 'Unsealed')).length, 1);
    const lines = controller.log.filter(({ message }) => message === 'failed to update status');
    assert.equal(lines.length, 1);
    assert.match(lines[0]?.failure ?? '', /refused to update the status of SealedSecret .+: 422 Invalid/);
  });
});

suite('with --skip-recreate', () => {
  test('Secrets are listed and watched only in the namespace of the keys', async () => {
    const { cluster } = setup;
    await controller.stop();
    const before = recorder.passed.length;
    controller = await start('--skip-recreate');
    const ref = await seal('unwatched');
    await cluster.told(ref, 'True');
    await edit(ref, 'two');
    await cluster.secretWith(ref, { a: 'two' });
    await cluster.told(ref, 'True');
    const lists = recorder.passed.slice(before).filter(({ path }) => /\/secrets(\?|$)/.test(path));
    const elsewhere = lists.filter(
      ({ method, path }) => method === 'GET' && !path.startsWith(`/api/v1/namespaces/${NAMESPACE}/secrets`),
    );
    assert.deepEqual(
      elsewhere.map(({ path }) => path),
      [],
    );
  });

  test('an unsealed SealedSecret is not written again at a restart', async () => {
    const ref = { namespace, name: 'unwatched' };
    const before = [await setup.cluster.get('sealedsecrets', ref), await setup.cluster.get('secrets', ref)];
    await controller.stop();
    controller = await start('--skip-recreate');
    await setup.cluster.told(await seal('after-unwatched'), 'True');
    const now = [await setup.cluster.get('sealedsecrets', ref), await setup.cluster.get('secrets', ref)];
    assert.deepEqual(now.map(versionOf), before.map(versionOf));
  });
});
