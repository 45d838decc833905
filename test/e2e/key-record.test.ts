import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { RENEW_REQUESTED_AT, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseConfigMap } from '../../shared/api/config-map.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { backupItems, readKeyRecord, renewalPatch, type KeyRecord } from '../../shared/key-record/record.ts';
import { listAt } from '../control-plane/admin-client.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { until } from '../control-plane/until.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { readExposition } from '../support/exposition.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { deleteKeys, keyItems, keySecret, keySecrets } from '../support/key-secret.ts';
import { DAY } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/** What the controller and others write into the key record of a real API server. */
const setup = new Setup();
const RECORD = { namespace: NAMESPACE, name: 'sealed-secrets-keys' };
const QUICK = ['--key-size', '2048'];

beforeEach(async () => {
  await deleteKeys(setup.cluster);
  if (await setup.cluster.get('configmaps', RECORD)) await setup.cluster.delete('configmaps', RECORD);
});

/** Starts a replica of its own name, with the keys that are there or a first one. */
async function start(pod = NAME): Promise<ControllerProcess> {
  const env = { POD_NAME: pod, POD_UID: pod };
  const controller = await setup.use(setup.installation.startBareController(QUICK, { env }));
  await controller.logged('sealing keys loaded');
  return controller;
}

async function read(): Promise<KeyRecord | undefined> {
  const object = await setup.cluster.get('configmaps', RECORD);
  return object === undefined ? undefined : readKeyRecord(parseConfigMap(object, { source: 'test' }));
}

/** Waits until the record lists these states of keys, newest first, and returns it. */
async function states(...wanted: readonly string[]): Promise<KeyRecord> {
  return until(`the key record to list ${wanted.join(', ')}`, async () => {
    const record = await read();
    const found = record?.keys?.keys.map(({ state }) => state) ?? [];
    return found.join() === wanted.join() ? record : undefined;
  });
}

/** Creates a key Secret whose certificate is valid since some days. */
async function bring(name: string, days: number): Promise<string> {
  const items = await keyItems({ notBefore: new Date(Date.now() - days * DAY), validity: 100 * DAY });
  await setup.cluster.create('secrets', keySecret(name, items));
  return items['tls.crt'];
}

async function relabel(name: string, value: string): Promise<void> {
  const labels = { [SEALING_KEY_LABEL]: value };
  await setup.cluster.change('secrets', { namespace: NAMESPACE, name }, { metadata: { labels } });
}

const ROLES = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`;
const KEY_ADMIN = `${ROLES}/sealed-secrets-key-admin`;
const PROXIER = `${ROLES}/sealed-secrets-service-proxier`;
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';

async function rulesOf(role: string): Promise<readonly unknown[]> {
  const { status, body } = await setup.plane.request('GET', role);
  assert.equal(status, 200);
  return listAt(body, 'rules');
}

async function setRules(rules: readonly unknown[], role = KEY_ADMIN): Promise<void> {
  const type = 'application/merge-patch+json';
  const { status } = await setup.plane.request('PATCH', role, { rules }, type);
  assert.equal(status, 200);
  await rightsInForce(setup.plane);
}

suite('the key record', () => {
  test('follows the keys: the first one, others that come, are taken out of use, and go', async () => {
    const controller = await start();
    const first = await states('newest');
    const own = await controller.certificate();
    assert.equal(first.certificate?.fingerprint, own.fingerprint);
    assert.deepEqual(first.problems, []);
    assert.doesNotMatch(JSON.stringify(await setup.cluster.get('configmaps', RECORD)), /PRIVATE/);

    const old = parseCertificate(await bring('sealed-secrets-keyold', 5), 'test');
    await states('newest', 'active');
    const namespace = await setup.plane.createNamespace('recorded');
    const object = sealedSecret(old, { namespace, name: 'db' }, { a: 'one' });
    await setup.cluster.create('sealedsecrets', object);
    await setup.cluster.told({ namespace, name: 'db' }, 'True');
    await relabel('sealed-secrets-keyold', 'retired');
    const retired = await states('newest', 'retired');
    assert.equal(retired.keys?.keys[1]?.fingerprint, old.fingerprint);
    await relabel('sealed-secrets-keyold', 'compromised');
    await states('newest', 'compromised');
    await relabel('sealed-secrets-keyold', 'active');
    await states('newest', 'active');
    await setup.cluster.delete('secrets', { namespace: NAMESPACE, name: 'sealed-secrets-keyold' });
    await states('newest');
    await controller.stop();
  });

  test('comes back after it is deleted, and keeps what kubeseal writes', async () => {
    const controller = await start();
    const { certificate } = await states('newest');
    const { fingerprint } = certificate ?? assert.fail('no certificate');
    await setup.cluster.delete('configmaps', RECORD);
    await states('newest');
    const verified = new Date('2026-01-01T00:00:00Z');
    await setup.cluster.change('configmaps', RECORD, {
      data: backupItems(new Map([[fingerprint, verified]])),
    });
    const metric = 'sealed_secrets_controller_key_backup_verified_timestamp_seconds';
    await until('the metric of the backup', async () => {
      const sample = readExposition(await controller.metrics()).samples.find(({ name }) => name === metric);
      return sample?.value === verified.getTime() / 1000 && sample.labels['fingerprint'] === fingerprint
        ? true
        : undefined;
    });
    await bring('sealed-secrets-keyold', 5);
    const record = await states('newest', 'active');
    assert.deepEqual(record.backups, new Map([[fingerprint, verified]]));
    await controller.stop();
  });

  test('says once that it may not be written, and the controller works', async () => {
    const before = await rulesOf(KEY_ADMIN);
    await setRules(before.filter((rule) => !listAt(rule, 'resources').includes('configmaps')));
    const controller = await start();
    await controller.logged('not allowed to write the key record');
    await bring('sealed-secrets-keyold', 5);
    await controller.logged('sealing key added');
    const lines = controller.log.filter(({ message }) => message.includes('key record'));
    assert.equal(lines.length, 1);
    assert.equal(await read(), undefined);
    await controller.stop();
    await setRules(before);
  });
});

suite('a request for a new key', () => {
  test('from a time without a leader makes one key, whoever leads', async () => {
    await bring('sealed-secrets-keyold', 5);
    const at = new Date();
    await setup.cluster.create('configmaps', {
      metadata: { ...RECORD, annotations: { [RENEW_REQUESTED_AT]: at.toISOString() } },
    });
    const [one, two] = await Promise.all([start('one'), start('two')]);
    const { certificate } = await states('newest', 'active');
    for (const each of [one, two]) {
      await until('the new certificate', async () =>
        (await each.certificate()).fingerprint === certificate?.fingerprint ? true : undefined,
      );
    }
    // The same request again, an older one, and another leader.
    const earlier = renewalPatch(new Date(at.getTime() - DAY));
    await setup.cluster.change('configmaps', RECORD, earlier);
    await setup.cluster.change('configmaps', RECORD, renewalPatch(at));
    const isLeading = ({ log }: ControllerProcess): boolean =>
      log.some(({ message }) => message === 'sealing key generated');
    const [leader, standby] = isLeading(one) ? [one, two] : [two, one];
    await leader.stop();
    await setup.cluster.delete('configmaps', RECORD);
    await states('newest', 'active');
    assert.equal((await keySecrets(setup.cluster)).length, 2);
    assert.ok(!isLeading(standby));
    await standby.stop();
  });

  test('that is malformed is said once and ignored', async () => {
    const controller = await start();
    await states('newest');
    await setup.cluster.change('configmaps', RECORD, {
      metadata: { annotations: { [RENEW_REQUESTED_AT]: 'soon' } },
    });
    await controller.logged('ignoring a malformed part of the key record');
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    await controller.stop();
  });
});

suite('kubeseal without the right to reach the controller', () => {
  test('takes the certificate of the key record, if it may read that', async () => {
    const controller = await start();
    await states('newest');
    const { fingerprint, pem } = await controller.certificate();
    const { plane } = setup;
    const proxier = await rulesOf(PROXIER);
    const records = proxier.filter((rule) => listAt(rule, 'resources').includes('configmaps'));
    assert.equal(records.length, 1);
    const token = await plane.newServiceAccountToken('default', 'developer');
    const env = { KUBECONFIG: plane.kubeconfigFor(token) };
    await setRules(records, PROXIER);
    const taken = await kubeseal(['--fetch-cert'], { env });
    assert.deepEqual([taken.code, taken.stdout], [0, pem]);
    assert.match(taken.stderr, /^note: [^\n]+: 403 Forbidden; using the certificate [^\n]+\n$/);
    assert.ok(taken.stderr.includes(fingerprint));
    await setRules([], PROXIER);
    const refused = await kubeseal(['--fetch-cert'], { env });
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^error: [^\n]+: 403 Forbidden; the key record [^\n]+ is not available either: [^\n]+\n$/,
    );
    await setRules(proxier, PROXIER);
    const warned = await kubeseal(['--warn-unverified-backup'], { env, stdin: SECRET });
    assert.equal(warned.code, 0);
    assert.match(warned.stderr, /^warning: no backup with the sealing key SHA256:/m);
    await controller.stop();
  });
});
