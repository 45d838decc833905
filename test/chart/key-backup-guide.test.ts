import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dump, load, loadAll } from 'js-yaml';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Cluster, itemsOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { commandsUnder } from '../support/guide.ts';
import { Installation, NAMESPACE } from '../support/installation.ts';
import { keyItems, keySecret, keySecrets, nameOf } from '../support/key-secret.ts';
import { PACKAGE } from '../support/package.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { run, type Ran } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';

/**
 * Runs the commands of docs/keys.md about backups verbatim, in the order of a bad year: a backup, a cluster that is lost
 * and restored from it, and a move to a third cluster.
 */

const IDENTITY = commandsUnder('docs/keys.md', 'An identity for backups');
const MAKE = commandsUnder('docs/keys.md', 'Make a backup');
const VERIFY = commandsUnder('docs/keys.md', 'Verify a backup');
const SCHEDULE = commandsUnder('docs/keys.md', 'On a schedule');
const OFFLINE = commandsUnder('docs/keys.md', 'Use a backup without a cluster');
const [RESTORE = '', APPLY = '', BY_HAND = ''] = commandsUnder('docs/keys.md', 'Restore after a loss');
const MOVE = commandsUnder('docs/keys.md', 'Move to another cluster');

/** The values of the Secrets, by namespace and name. */
const VALUES = new Map([
  [{ namespace: 'shop', name: 'db' }, { password: 'hunter2-db' }],
  [
    { namespace: 'shop', name: 'api' },
    { token: 'hunter2-api', user: 'bob' },
  ],
  [{ namespace: 'pay', name: 'old' }, { password: 'hunter2-old' }],
]);

const shell = new CheckoutShell();
/** The controllers that run, with their clusters. */
const running: { installation: Installation; controller: ControllerProcess | undefined }[] = [];
let keys: readonly unknown[] = [];

before(async () => {
  await shell.open(shell.write('kubeconfig', ''));
  const found = await findBinaries(['age', 'age-keygen'], console.error);
  for (const [tool, path] of found) symlinkSync(path, join(shell.path, 'bin', tool));
});
after(async () => {
  for (const { installation, controller } of running) {
    await controller?.stop('SIGKILL');
    await installation.stop();
  }
});

/** Starts a cluster without keys, in which the manifest of the controller is applied and no controller runs. */
async function newCluster(): Promise<Installation> {
  const installation = await Installation.start();
  running.push({ installation, controller: undefined });
  for (const name of ['shop', 'pay'])
    await installation.plane.request('POST', '/api/v1/namespaces', { metadata: { name } });
  return installation;
}

async function startController(installation: Installation): Promise<ControllerProcess> {
  const own = running.find((each) => each.installation === installation);
  const controller = await installation.startReadyController();
  if (own !== undefined) own.controller = controller;
  return controller;
}

/** Loses a cluster with all that is in it. */
async function lose(installation: Installation): Promise<void> {
  const index = running.findIndex((each) => each.installation === installation);
  const [own] = running.splice(index, 1);
  await own?.controller?.stop('SIGKILL');
  await installation.stop();
}

/** Makes contexts of these names for clusters, of which the first one is the current one. */
function useClusters(clusters: Readonly<Record<string, Installation>>): void {
  const parts = Object.entries(clusters).map(([name, { plane }]) => {
    const own = load(readFileSync(plane.kubeconfig, 'utf8'));
    return {
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: at(own, 'clusters', 0, 'cluster') }],
      users: [{ name, user: at(own, 'users', 0, 'user') }],
    };
  });
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': Object.keys(clusters)[0] },
    contexts: parts.flatMap((part) => part.contexts),
    clusters: parts.flatMap((part) => part.clusters),
    users: parts.flatMap((part) => part.users),
  };
  shell.write('kubeconfig', dump(config));
}

/** Runs commands, which succeed. */
async function follow(commands: string): Promise<Ran> {
  const ran = await shell.run(commands);
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}

/** Checks that each SealedSecret of the files has become its Secret. */
async function allUnsealed({ plane }: Installation): Promise<void> {
  const cluster = new Cluster(plane);
  for (const [ref, items] of VALUES) assert.deepEqual(itemsOf(await cluster.secret(ref)), items);
}

/** The names, labels and data of the key Secrets of a cluster. */
async function keysOf({ plane }: Installation): Promise<readonly unknown[]> {
  const secrets = await keySecrets(new Cluster(plane));
  return secrets.map((secret) => ({
    name: nameOf(secret),
    labels: at(secret, 'metadata', 'labels'),
    type: at(secret, 'type'),
    data: at(secret, 'data'),
  }));
}

let first: Installation;
let second: Installation;

test('a backup is made and verified, and a CronJob makes more', async () => {
  first = await newCluster();
  const cluster = new Cluster(first.plane);
  // A key of long ago, which no controller would make again.
  const old = await keyItems({ notBefore: new Date('2020-01-01T00:00:00Z'), validity: 1000 });
  await cluster.create('secrets', keySecret('sealed-secrets-keyold', old));
  const { pem } = await (await startController(first)).certificate();
  mkdirSync(join(shell.path, 'clusters', 'prod', 'shop'), { recursive: true });
  for (const [ref, items] of VALUES) {
    const to = parseCertificate(ref.name === 'old' ? old['tls.crt'] : pem, 'test');
    shell.write(
      `clusters/prod/${ref.name === 'old' ? '' : 'shop/'}${ref.name}.yaml`,
      dump(sealedSecret(to, ref, items)),
    );
  }
  useClusters({ prod: first });
  await follow('kubectl apply --recursive -f clusters/prod');
  await allUnsealed(first);

  await follow([...IDENTITY, ...MAKE].join(''));
  assert.match(shell.read('recipients.txt'), /^age1[a-z0-9]{58}\n$/);
  const verified = await follow(VERIFY.join(''));
  assert.equal(verified.stdout, 'keys.age: 2 of 2 keys; opens 6 of 6 objects\n');
  keys = await keysOf(first);

  await follow(SCHEDULE.join(''));
  await runCronJob();
});

/** Applies the manifest of the page, and runs the command of its container with the rights of its ServiceAccount. */
async function runCronJob(): Promise<void> {
  const { plane } = first;
  const page = readFileSync(join(PACKAGE, 'docs', 'keys.md'), 'utf8');
  const [, manifest = ''] = /^### On a schedule\n[^]*?^```yaml\n([^]*?)^```$/m.exec(page) ?? [];
  await follow(`kubectl apply -f ${shell.write('cronjob.yaml', manifest)}`);
  await rightsInForce(plane);
  const job = loadAll(manifest).find((object) => at(object, 'kind') === 'CronJob');
  const pod = at(job, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  const container = at(pod, 'containers', 0);
  const { body } = await plane.request(
    'GET',
    `/api/v1/namespaces/${NAMESPACE}/configmaps/sealing-key-recipients`,
  );
  mkdirSync(join(shell.path, 'recipients'));
  mkdirSync(join(shell.path, 'backups'));
  for (const [name, text] of Object.entries(at(body, 'data') ?? {}))
    shell.write(`recipients/${name}`, String(text));
  const mounts = listAt(container, 'volumeMounts').map((mount) => stringAt(mount, 'mountPath'));
  assert.deepEqual(mounts, ['/backups', '/recipients']);
  const args = listAt(container, 'args').map((each) =>
    mounts.reduce((text, mount) => text.replaceAll(`${mount}/`, `${shell.path}${mount}/`), String(each)),
  );
  const token = await plane.serviceAccountToken(NAMESPACE, stringAt(pod, 'serviceAccountName'));
  const [command = '', ...flags] = listAt(container, 'command').map(String);
  const ran = await run(command, [...flags, ...args], {
    cwd: shell.path,
    env: {
      PATH: `${join(shell.path, 'bin')}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: plane.kubeconfigFor(token, { namespace: NAMESPACE }),
    },
  });
  assert.equal(ran.code, 0, ran.stderr);
  const [file = ''] = readdirSync(join(shell.path, 'backups'));
  assert.match(file, /^keys-\d{8}T\d{6}Z\.age$/);
  await follow(
    `kubeseal keys verify-backup backups/${file} --identity backup-identity.txt --against cluster`,
  );
}

test('a cluster that is lost comes back from the backup alone', async () => {
  await lose(first);
  const { stdout } = await follow(OFFLINE.join(''));
  assert.deepEqual(itemsOf(JSON.parse(stdout)), { password: 'hunter2-db' });
  second = await newCluster();
  useClusters({ prod: second });
  // The backup is also what kubectl restores.
  await follow(BY_HAND);
  assert.deepEqual(await keysOf(second), keys);
  await follow(`kubectl delete secrets -n ${NAMESPACE} --all`);
  assert.deepEqual(await keysOf(second), []);

  const restored = await follow(RESTORE);
  assert.match(
    restored.stdout,
    /sealed-secrets-keyold would be restored\n[^]*sealed-secrets-keyold restored\n/,
  );
  assert.deepEqual(await keysOf(second), keys);
  await startController(second);
  const applied = await follow(APPLY);
  assert.match(applied.stdout, /^keys\.age: 2 of 2 keys; opens 3 of 3 objects\n/m);
  await allUnsealed(second);
  // The controller found keys, and made none.
  assert.deepEqual(await keysOf(second), keys);
});

test('SealedSecrets move to a cluster that has a key of its own', async () => {
  const third = await newCluster();
  await startController(third);
  const own = await until('the key of the new cluster', async () => {
    const found = await keysOf(third);
    return found.length === 1 ? found : undefined;
  });
  useClusters({ old: second, new: third });
  const moved = await follow(MOVE.join(''));
  const recorded = String.raw`\(recorded in the ConfigMap kube-system/sealed-secrets-keys\)`;
  const lines = [
    `^moved\\.age: 2 keys, verified.*\n${recorded}$`,
    '^the controller uses 2 restored keys$',
    `^new\\.age: 3 keys, verified.*\n${recorded}$`,
  ];
  assert.match(moved.stderr, new RegExp(lines.join('[^]*'), 'm'));
  await allUnsealed(third);
  assert.equal((await keysOf(third)).length, own.length + keys.length);
});
