import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { keyItems, keySecret, nameOf } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** More objects than fit on one page of a list. */
const MANY = 520;

let certificate: Certificate;
let namespace: string;
let controller: ControllerProcess;
let late: Ref;

/** All objects but the new one exist before the first controller starts. */
const setup = new Setup(async () => {
  const { cluster, plane } = setup;
  const items = await keyItems();
  certificate = parseCertificate(items['tls.crt'], 'test');
  await cluster.create('secrets', keySecret('sealed-secrets-keymany', items));
  namespace = await plane.createNamespace('many');
  for (let first = 0; first < MANY; first += 20) {
    const bodies = Array.from({ length: 20 }, (_, index) => good(refOf(first + index)));
    await Promise.all(bodies.map((body) => cluster.create('sealedsecrets', body)));
  }
  // Slows the controller down, so that the new object arrives among the others on a slow machine too.
  const slowly = ['--kubeclient-qps', '100', '--kubeclient-burst', '1'];
  controller = await setup.use(setup.installation.startReadyController(slowly));
  // Wait until it has seen them all: the objects that it finds at its start have no order.
  await until('the first Secrets', async () => {
    const all = await cluster.list('secrets', namespace);
    return all.length > 20 || undefined;
  });
  late = { namespace, name: 'new' };
  await cluster.create('sealedsecrets', good(late));
});

async function allAreUnsealed(): Promise<void> {
  await until(
    'all of them to be told',
    async () => {
      const all = await setup.cluster.list('sealedsecrets', namespace);
      return all.every((object) => at(object, 'status', 'conditions', 0, 'status') === 'True') || undefined;
    },
    120_000,
  );
}

/** Returns the references in the order in which the API server lists them. */
function refOf(index: number): Ref {
  return { namespace, name: `item-${String(index).padStart(4, '0')}` };
}

function good(ref: Ref): object {
  return sealedSecret(certificate, ref, { a: `of ${ref.name}` });
}

/** Returns all objects of a kind, by name, as UID and version. */
async function versions(plural: 'secrets' | 'sealedsecrets'): Promise<Map<string, string>> {
  const objects = await setup.cluster.list(plural, namespace);
  return new Map(objects.map((object) => [nameOf(object), `${uidOf(object)} ${versionOf(object)}`]));
}

suite(`beside ${MANY} SealedSecrets that wait`, () => {
  test('a new one does not wait for them', async () => {
    await setup.cluster.told(late, 'True');
    // Versions increase across all objects in etcd.
    const made = Number(versionOf(await setup.cluster.secret(late)));
    const secrets = await setup.cluster.list('secrets', namespace);
    const earlier = secrets.filter((secret) => Number(versionOf(secret)) < made).length;
    assert.ok(earlier < MANY - 20, `${earlier} were made before the new one`);
  });

  test('all of them are unsealed, on every page of the list', async () => {
    await allAreUnsealed();
    const secrets = await setup.cluster.list('secrets', namespace);
    assert.equal(secrets.length, MANY + 1);
    for (const secret of secrets) assert.deepEqual(itemsOf(secret), { a: `of ${nameOf(secret)}` });
    assert.deepEqual(
      controller.log.filter(({ level }) => level !== 'info'),
      [],
    );
  });

  test('a restart writes no correct Secret, and creates missing ones', async () => {
    const { cluster } = setup;
    await allAreUnsealed();
    assert.equal(await controller.stop(), 0);
    const last = refOf(MANY - 1);
    const uid = uidOf(await cluster.secret(last));
    await cluster.delete('secrets', last);
    const before = { secrets: await versions('secrets'), sealedsecrets: await versions('sealedsecrets') };

    controller = await setup.use(setup.installation.startReadyController());
    await cluster.secret(last, uid);
    await until('its status', async () => {
      const { applied } = await cluster.told(last, 'True');
      return at(applied, 'secretUID') !== uid || undefined;
    });
    for (const kind of ['secrets', 'sealedsecrets'] as const) {
      const after = [...(await versions(kind))];
      const written = after.filter(([name, version]) => before[kind].get(name) !== version);
      assert.deepEqual(
        written.map(([name]) => name),
        [last.name],
        kind,
      );
    }
  });
});
