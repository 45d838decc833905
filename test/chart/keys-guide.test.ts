import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { SEALING_KEY, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { insideOwnNetwork } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Cluster, itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { commandsUnder } from '../support/guide.ts';
import { Installation, NAMESPACE } from '../support/installation.ts';
import { keyItems, keySecret, type KeyItems } from '../support/key-secret.ts';
import type { Ran } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';

/**
 * Runs the commands of docs/keys.md verbatim against a real controller, in the order of the life of a key: it is seen,
 * replaced by a renewal, and retired once a repository is rotated.
 */

const LIST = commandsUnder('docs/keys.md', 'What keys there are').join('');
const USAGE = commandsUnder('docs/keys.md', 'Which key sealed what').join('');
const RENEW = commandsUnder('docs/keys.md', 'Renew').join('');
const ROTATE = commandsUnder('docs/keys.md', 'Rotate a repository').join('');
const [RETIRE = '', UNRETIRE = ''] = commandsUnder('docs/keys.md', 'Retire a key');
const [EXPOSED = '', NEW_VALUES = '', LABEL = ''] = commandsUnder('docs/keys.md', 'A key is compromised');
const OWN = commandsUnder('docs/keys.md', 'Bring your own key').join('');
const EXPORT = commandsUnder('docs/keys.md', 'Certificates for auditors').join('');

const OLD = 'sealed-secrets-keyold';
const DB = { namespace: 'shop', name: 'db' };

const shell = new CheckoutShell();
let installation: Installation;
let controller: ControllerProcess | undefined;
let cluster: Cluster;
let old: KeyItems;
let password = 'hunter2-db';

/** Runs commands, which succeed. */
async function follow(commands: string): Promise<Ran> {
  const ran = await shell.run(commands);
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}

/** Runs commands, which fail. */
async function fails(commands: string): Promise<string> {
  const ran = await shell.run(commands);
  assert.equal(ran.code, 1, ran.stdout);
  return ran.stderr;
}

async function labelOf(name: string): Promise<unknown> {
  const secret = await cluster.secret({ namespace: NAMESPACE, name });
  return at(secret, 'metadata', 'labels', SEALING_KEY_LABEL);
}

/** Returns the line of a key or an object in the output of a command. */
function lineOf(name: string, { stdout }: Ran): string {
  return stdout.split('\n').find((line) => line.startsWith(`${name} `)) ?? '';
}

/** Waits until the Secret has the password. */
async function unsealed(): Promise<void> {
  await until('the Secret', async () => {
    const secret = await cluster.secret(DB);
    return (secret && itemsOf(secret)['password'] === password) || undefined;
  });
}

/** Seals the password with the old key, applies the file, and commits it. */
async function sealWithOld(): Promise<void> {
  const certificate = parseCertificate(old['tls.crt'], OLD);
  const sealed = sealedSecret(certificate, DB, { password });
  const annotations = { ...sealed.metadata.annotations, [SEALING_KEY]: certificate.fingerprint };
  shell.write('clusters/prod/db.yaml', dump({ ...sealed, metadata: { ...sealed.metadata, annotations } }));
  await follow('kubectl apply --recursive -f clusters/prod');
  await follow(
    'git init -q; git add clusters; git -c user.name=Ann -c user.email=ann@example.com commit -qm x',
  );
  await follow('kubectl wait --for=condition=Synced sealedsecrets --all --all-namespaces --timeout=60s');
}

before(async () => {
  installation = await Installation.start();
  cluster = new Cluster(installation.plane);
  await shell.open(installation.plane.kubeconfig);
  await installation.plane.request('POST', '/api/v1/namespaces', { metadata: { name: DB.namespace } });
  old = await keyItems();
  await cluster.create('secrets', keySecret(OLD, old));
  mkdirSync(join(shell.path, 'clusters', 'prod'), { recursive: true });
  const to = parseCertificate(old['tls.crt'], OLD);
  shell.write('clusters/prod/db.yaml', dump(sealedSecret(to, DB, { password })));
  // Applied first, so that the first counts in the key record have it: later ones come after a minute.
  await follow('kubectl apply --recursive -f clusters/prod');
  controller = await installation.startReadyController();
  await unsealed();
});
after(async () => {
  await controller?.stop('SIGKILL');
  await installation.stop();
});

suite('the commands of docs/keys.md', { skip: !insideOwnNetwork() && 'no address but loopback' }, () => {
  test('show the keys and what they sealed', async () => {
    await until('the counts in the key record', async () => {
      const listed = await follow('kubeseal keys list');
      return / {3,}newest {3,}1 {3,}never$/.test(lineOf(OLD, listed)) || undefined;
    });
    const listed = await follow(LIST);
    assert.equal(listed.stderr.match(/^\(/gm), null, 'the key record is read, and nothing is missing');
    const usage = await follow(USAGE);
    assert.match(lineOf('shop/db', usage), new RegExp(`^shop/db {3,}${OLD}: proven$`));
    assert.match(
      usage.stdout,
      new RegExp(`^shop/db {3,}${OLD}: proven {3,}${OLD}: proven {3,}clusters/prod/db\\.yaml$`, 'm'),
    );
  });

  test('renew the key, and refuse to retire one that is newest or needed', async () => {
    assert.match(await fails(RETIRE), /error: sealed-secrets-keyold is the newest key/);
    const [renewed, again] = await Promise.all([follow(RENEW), follow(RENEW)]);
    assert.match(renewed.stdout, /^sealed-secrets-key\w+ \(SHA256:\S+\) is the newest key\n$/);
    assert.equal(renewed.stdout, again.stdout, 'two people at once get one key');
    assert.match(
      await fails(RETIRE),
      /error: sealed-secrets-keyold is still needed by 2 SealedSecrets: shop\/db, shop\/db \(clusters\/prod\/db\.yaml\): /,
    );
    assert.equal(await labelOf(OLD), 'active');
  });

  test('rotate a repository, after which the old key retires and comes back', async () => {
    const rotated = await follow(ROTATE);
    assert.match(rotated.stdout, /^sealed-secrets-key\w+ \(SHA256:\S+\) was made a moment ago\n/);
    assert.match(readFileSync(join(shell.path, 'clusters/prod/db.yaml'), 'utf8'), /sealing-key: SHA256:/);
    assert.ok(!/^shop\/db .*keyold/m.test(rotated.stdout));
    await follow(RETIRE);
    assert.equal(await labelOf(OLD), 'retired');
    await until('the state in the key record', async () => {
      return lineOf(OLD, await follow('kubeseal keys list')).includes('   retired   ') || undefined;
    });
    await unsealed();
    await follow(UNRETIRE);
    assert.equal(await labelOf(OLD), 'active');
  });

  test('replace what a compromised key exposes, and then label it', async () => {
    await sealWithOld();
    const ran = await shell.run(EXPOSED);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /error: sealed-secrets-keyold is not labelled yet, since 2 SealedSecrets may need it/,
    );
    assert.match(ran.stdout, /^shop\/db {3,}clusters\/prod\/db\.yaml {3,}yes {3,}Ann <ann@example\.com>$/m);
    assert.equal(await labelOf(OLD), 'active');
    password = 'hunter2-new';
    await follow(`NEW_PASSWORD=${password}\n${NEW_VALUES}`);
    await unsealed();
    await follow(LABEL);
    assert.equal(await labelOf(OLD), 'compromised');
    await until('the state in the key record', async () => {
      return lineOf(OLD, await follow('kubeseal keys list')).includes('   compromised   ') || undefined;
    });
    await unsealed();
    assert.match(
      await fails(UNRETIRE),
      /error: sealed-secrets-keyold is labelled as compromised, and stays so/,
    );
  });

  test('name the right that is missing, as the API server refuses it', async () => {
    // Everyone may read the key record.
    assert.match((await follow('kubeseal keys list --as nobody')).stdout, /^sealed-secrets-keyold /m);
    for (const [command, right] of [
      ['keys usage', 'list sealedsecrets.bitnami.com in all namespaces: it takes a ClusterRole'],
      [`keys retire ${OLD}`, 'list secrets in the namespace kube-system: it takes a Role'],
    ]) {
      const refused = await fails(`kubeseal ${command} --as nobody`);
      assert.ok(refused.includes(`error: you are not allowed to ${right}`), refused);
    }
    // Without a key record and without keys, as in a namespace that has no controller.
    const elsewhere = await follow('kubeseal keys list --controller-namespace shop');
    assert.match(
      elsewhere.stderr,
      /\(the namespace shop has no key record .*\nno sealing keys in the namespace shop$/m,
    );
  });

  test('bring a key of their own, and export all certificates', async () => {
    await follow(OWN);
    await until('the own key is the newest', async () => {
      const listed = await follow('kubeseal keys list');
      return lineOf('sealed-secrets-own', listed).includes('   newest   ') || undefined;
    });
    await follow(EXPORT);
    const certificates = shell.read('certs.pem');
    assert.equal(certificates.match(/-----BEGIN CERTIFICATE-----/g)?.length, 3);
    assert.match(certificates, /^# sealed-secrets-own \(newest\)$/m);
    assert.doesNotMatch(certificates, /PRIVATE/);
  });
});
