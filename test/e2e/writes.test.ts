import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { OWNER_UID } from '../../shared/api/annotations.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { Recorder } from '../support/recorder.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let recorder: Recorder;
let certificate: Certificate;
let namespace: string;

/** The controller reaches the API server through a recorder that makes it validate strictly. */
const setup = new Setup(async () => {
  const { installation, plane } = setup;
  recorder = await Recorder.start(plane);
  const file = join(plane.folder, 'kubeconfig-recorded');
  writeFileSync(file, recorder.kubeconfig(await installation.token()), { mode: 0o600 });
  const args = ['--listen-addr', '127.0.0.1:0', '--key-size', '2048', '--kubeconfig', file];
  const controller = new ControllerProcess(args, { POD_NAMESPACE: NAMESPACE });
  await setup.use(Promise.resolve(controller));
  certificate = await (await controller.logged('sealing keys loaded'), controller.certificate());
  namespace = await plane.createNamespace('writes');
});
after(() => recorder.stop());

async function seal(name: string, template: object = {}): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }, { template }));
  return ref;
}

function secretPath({ name }: Ref): RegExp {
  return new RegExp(`/namespaces/${namespace}/secrets/${name}$`);
}

/** Has somebody else change an object between the controller's GET and PUT. */
async function edited(ref: Ref, before: () => Promise<unknown>): Promise<void> {
  recorder.beforeNext('PUT', secretPath(ref), before);
  await setup.cluster.change('secrets', ref, { data: { a: Buffer.from('edited').toString('base64') } });
}

suite('between reading and writing', () => {
  test('a Secret that the SealedSecret no longer owns is not overwritten', async () => {
    const { cluster } = setup;
    const ref = await seal('taken');
    await cluster.told(ref, 'True');
    const annotations = { [OWNER_UID]: null };
    await edited(ref, () =>
      cluster.change('secrets', ref, { metadata: { ownerReferences: null, annotations } }),
    );
    assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'edited' });
    assert.deepEqual(
      recorder.of('PUT', secretPath(ref)).map(({ status }) => status),
      [409],
    );
  });
});

/** Writes in every possible way, once each. */
async function everything(): Promise<void> {
  const { cluster } = setup;
  const metadata = { labels: { app: 'shop' }, annotations: { a: 'b' }, finalizers: ['example.com/kept'] };
  const ref = await seal('everything', { type: 'example.com/x', immutable: false, metadata });
  await cluster.told(ref, 'True');
  await cluster.change('sealedsecrets', ref, { spec: { template: { metadata: { labels: { app: 'x' } } } } });
  await cluster.told(ref, 'True');
  await cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a: 'AAAA' } } });
  await cluster.told(ref, 'False');
  await cluster.events(ref, 'ErrUnsealFailed');
}

suite('everything that the controller has sent', () => {
  test('passes strict validation and contains no null', async () => {
    await everything();
    const writes = recorder.passed.filter(({ method }) => method !== 'GET');
    for (const { method, path, sent, status } of writes) {
      // 404 and 409 mean that another client was faster.
      assert.ok([200, 201, 404, 409].includes(status), `${method} ${path} was answered ${status}`);
      const own = path.endsWith('/status') ? at(sent, 'status') : sent;
      assert.ok(typeof own === 'object' && !JSON.stringify(own).includes(':null'), path);
    }
  });

  test('creates Secrets and events, replaces Secrets and status, patches the key record alone, deletes nothing', () => {
    const kinds = recorder.passed
      .filter(({ method }) => method !== 'GET')
      .map(
        ({ method, path }) =>
          `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '').replace(/\/[^/]+/, '/NAME')}`,
      );
    assert.deepEqual([...new Set(kinds)].sort(), [
      'PATCH configmaps/NAME',
      'POST configmaps',
      'POST events',
      'POST leases',
      'POST secrets',
      'PUT leases/NAME',
      'PUT sealedsecrets/NAME/status',
      'PUT secrets/NAME',
    ]);
  });

  test("is allowed by the controller's rights", () => {
    const refused = recorder.passed.filter(({ status }) => status === 401 || status === 403);
    assert.deepEqual(
      refused.map(({ method, path }) => `${method} ${path}`),
      [],
    );
  });

  test('replaces only Secrets that it has just read', () => {
    for (const [index, { method, path, sent }] of recorder.passed.entries()) {
      // The watch delivers SealedSecrets, and the leader knows its own Lease. Both carry the version they are based on.
      if (method !== 'PUT' || !/\/secrets\/[^/]+$/.test(path)) {
        if (method === 'PUT') assert.notEqual(versionOf(sent), undefined, path);
        continue;
      }
      const copy = recorder.passed
        .slice(0, index)
        .findLast((other) => other.method === 'GET' && other.path === path);
      assert.equal(versionOf(sent), versionOf(copy?.received), path);
      assert.equal(uidOf(sent), uidOf(copy?.received), path);
    }
  });

  test('requests foreign Secrets only by name, and lists only metadata', () => {
    const metadataOnly = /as=PartialObjectMetadata(List)?;/;
    const lists = recorder.of('GET', /\/secrets(\?|$)/);
    const ofKeys = lists.filter(({ path }) => path.startsWith(`/api/v1/namespaces/${NAMESPACE}/secrets?`));
    // The active keys, and the one from an early version.
    const own =
      /labelSelector=sealedsecrets\.bitnami\.com%2F|fieldSelector=metadata\.name%3Dsealed-secrets-key(&|$)/;
    for (const { path } of ofKeys) assert.match(path, own);
    const ofAll = lists.filter((list) => !ofKeys.includes(list));
    assert.ok(ofAll.length >= 2, 'a list and a watch');
    for (const { accept, path } of ofAll) assert.match(accept, metadataOnly, path);
  });
});

test('everything that kubeseal writes passes strict validation, as JSON and as YAML', async () => {
  const cert = folder.write('cert.pem', certificate.pem);
  const metadata = { labels: { app: 'shop' }, annotations: { a: 'b' }, creationTimestamp: null };
  for (const scope of ['strict', 'namespace-wide', 'cluster-wide']) {
    for (const format of ['json', 'yaml']) {
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `${scope}-${format}`, namespace, ...metadata },
        type: 'Opaque',
        immutable: true,
        data: { a: 'b25l' },
        stringData: { b: 'two' },
        status: {},
      };
      const args = ['--cert', cert, '--scope', scope, '-o', format];
      const { stdout } = await kubeseal(args, { stdin: dump(secret) });
      const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets?fieldValidation=Strict`;
      const { status, body } = await setup.plane.request('POST', path, stdout, `application/${format}`);
      assert.equal(status, 201, String(at(body, 'message')));
      assert.doesNotMatch(stdout, /null|creationTimestamp|status/);
      await setup.cluster.told({ namespace, name: `${scope}-${format}` }, 'True');
    }
  }
});
