import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { allPem } from '../../shared/crypto/pem.ts';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { until } from '../control-plane/until.ts';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { ACTIVE, keyItems, keySecret } from '../support/key-secret.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Two controllers with keys of their own stand for the controllers of two clusters. */
const folder = temporaryFolder();
let prod: ControllerProcess;
let staging: ControllerProcess;

const OTHER = 'other-cluster';

const setup = new Setup(async () => {
  const { installation, plane } = setup;
  prod = await setup.use(installation.startReadyController());
  const namespace = await plane.createNamespace(OTHER);
  const port = await freePort();
  const address = podAddress() ?? '127.0.0.1';
  const args = ['--key-size', '2048', '--listen-addr', `${address}:${port}`, '--label-selector', 'none=none'];
  staging = await setup.use(installation.startBareController(args, { env: { POD_NAMESPACE: namespace } }));
  await staging.logged('sealing keys loaded');
  await plane.publish({ namespace, service: NAME, port, portName: 'http', address });
  folder.write(
    '.kubeseal.yaml',
    `clusters:
  prod: {certificate: certs/prod.pem, context: test, controllerNamespace: ${NAMESPACE}}
  staging: {certificate: certs/staging.pem, context: test, controllerNamespace: ${namespace}}
`,
  );
  for (const name of ['certs', 'prod', 'staging']) mkdirSync(join(folder.path, name));
});

function run(args: readonly string[], stdin = ''): Promise<Ran> {
  return kubeseal(args, { cwd: folder.path, stdin, env: { KUBECONFIG: setup.plane.kubeconfig } });
}

async function served(controller: ControllerProcess): Promise<string> {
  return (await ask('GET', `${await controller.url()}/v1/cert.pem`)).body;
}

function certificatesIn(name: string): readonly string[] {
  return allPem(readFileSync(join(folder.path, name), 'utf8'), ['CERTIFICATE']).map((pem) => `${pem}\n`);
}

suite('kubeseal certs update', () => {
  test('fetches the certificate of each cluster, and after a renewal puts the new one first', async (t) => {
    if (podAddress() === null) return t.skip('the API server has no way to the controllers here');
    const first = await run(['certs', 'update']);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.match(
      first.stdout,
      /^prod: certs\/prod\.pem: created: SHA256:.*\nstaging: .*created: SHA256:.*\n$/,
    );
    const [before, other] = [await served(prod), await served(staging)];
    assert.notEqual(before, other);
    assert.deepEqual(certificatesIn('certs/prod.pem'), [before]);
    assert.deepEqual(certificatesIn('certs/staging.pem'), [other]);
    assert.equal((await run(['certs', 'update', '--check'])).code, 0);

    const items = await keyItems({ notBefore: new Date(Date.now() - 1000) });
    await setup.cluster.create('secrets', keySecret('sealed-secrets-key-renewed', items, { labels: ACTIVE }));
    await until('the new certificate', async () => (await served(prod)) === items['tls.crt'] || undefined);
    const check = await run(['certs', 'update', '--check']);
    assert.equal(check.code, 1);
    assert.match(check.stdout, /^prod: certs\/prod\.pem: not the newest: .*\nstaging: .*: current: .*\n$/);
    assert.deepEqual(certificatesIn('certs/prod.pem'), [before]);

    const second = await run(['certs', 'update']);
    const [old, renewed] = [before, items['tls.crt']].map((pem) => parseCertificate(pem, 'test').fingerprint);
    assert.ok(second.stdout.startsWith(`prod: certs/prod.pem: updated from ${old ?? ''} `), second.stdout);
    assert.ok(second.stdout.includes(` to ${renewed ?? ''} `), second.stdout);
    assert.deepEqual(certificatesIn('certs/prod.pem'), [items['tls.crt'], before]);
  });

  test('writes files that --to seals with, which the controller of the cluster unseals', async (t) => {
    if (podAddress() === null) return t.skip('the API server has no way to the controllers here');
    const namespace = await setup.plane.createNamespace('sealed-for-prod');
    const secret = `metadata: {name: db, namespace: ${namespace}}\nstringData: {password: hunter2}\n`;
    const ran = await run(['--to', 'prod,staging', '--split', '{cluster}/db.json'], secret);
    assert.equal(ran.code, 0, ran.stderr);
    const object = JSON.parse(readFileSync(join(folder.path, 'prod/db.json'), 'utf8')) as object;
    await setup.cluster.create('sealedsecrets', object);
    await setup.cluster.secretWith({ namespace, name: 'db' }, { password: 'hunter2' });
    const wrong = JSON.parse(
      readFileSync(join(folder.path, 'staging/db.json'), 'utf8').replaceAll('"db"', '"staging"'),
    ) as object;
    await setup.cluster.create('sealedsecrets', wrong);
    assert.equal((await setup.cluster.told({ namespace, name: 'staging' }, 'False')).reason, 'NoKey');
  });

  test('re-encrypts the file of each cluster with its own controller', async (t) => {
    if (podAddress() === null) return t.skip('the API server has no way to the controllers here');
    const before = ['prod', 'staging'].map((name) =>
      readFileSync(join(folder.path, name, 'db.json'), 'utf8'),
    );
    const ran = await run(['re-encrypt', '--to', 'prod,staging', '--split', '{cluster}/db.json']);
    assert.equal(ran.code, 0, ran.stderr);
    for (const [index, name] of ['prod', 'staging'].entries())
      assert.notEqual(readFileSync(join(folder.path, name, 'db.json'), 'utf8'), before[index]);
  });
});
