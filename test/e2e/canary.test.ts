import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { dump } from 'js-yaml';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { stringAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { itemsOf, uidOf } from '../support/cluster.ts';
import { keySecrets } from '../support/key-secret.ts';
import { pkcs1, rsa } from '../support/keys.ts';
import { leaks } from '../support/leaks.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * Runs everything with unmistakable plaintexts, with good and bad input, and then searches all output for the
 * plaintexts, the keys and the tokens.
 */
const setup = new Setup();
const folder = temporaryFolder();
const canaries: string[] = [];
/** All output, by its source. */
const written = new Map<string, string>();
let namespace: string;
let certificate: Certificate;

function canary(): string {
  const text = `canary${randomBytes(12).toString('hex')}`;
  canaries.push(text);
  return text;
}

async function seal(
  args: readonly string[],
  stdin: string,
): Promise<{ code: number | null; stdout: string }> {
  const { code, stdout, stderr } = await kubeseal(args, {
    stdin,
    env: { KUBECONFIG: setup.plane.kubeconfig },
  });
  written.set(
    `kubeseal ${written.size} ${args.join(' ')}`,
    args.includes('--recovery-unseal') ? stderr : stdout + stderr,
  );
  return { code, stdout };
}

async function controllerRun(work: () => Promise<void>): Promise<void> {
  const controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  await work();
  await controller.stop();
  written.set(`controller ${controller.pid}`, controller.output);
}

function secretText(name: string): string {
  const [data, text] = [canary(), canary()];
  const lastApplied = JSON.stringify({ kind: 'Secret', data: { a: Buffer.from(data).toString('base64') } });
  return dump({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied },
    },
    data: { a: Buffer.from(data).toString('base64') },
    stringData: { b: text, json: JSON.stringify({ password: canary() }) },
  });
}

/** Creates objects that the API server refuses, and quotes, and objects that the controller refuses. */
async function badObjects(): Promise<void> {
  const { cluster } = setup;
  const apply = async (name: string, template: object, items: Record<string, string>): Promise<Ref> => {
    const ref = { namespace, name };
    await cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template }));
    return ref;
  };
  const bad = [
    await apply('no-json', { type: 'kubernetes.io/dockerconfigjson' }, { '.dockerconfigjson': canary() }),
    await apply('no-tls', { type: 'kubernetes.io/tls' }, { 'tls.key': canary() }),
    await apply('no-name', {}, { 'not a name': canary() }),
    await apply('no-label', { metadata: { labels: { 'not a label': 'x' } } }, { a: canary() }),
    await apply('no-string', { metadata: { labels: { a: { b: canary() } } } }, { a: canary() }),
    await apply('template', { data: { config: `${canary()} {{ fail .a }}` } }, { a: canary() }),
  ];
  const foreign = { namespace, name: 'foreign' };
  await cluster.create('secrets', { metadata: foreign, stringData: { a: canary() } });
  bad.push(await apply('foreign', {}, { a: canary() }));

  const body = (ref: Ref, spec: object): object => ({ ...sealedSecret(certificate, ref, {}), spec });
  const specs: Record<string, (ref: Ref) => object> = {
    deprecated: (ref) => ({
      encryptedData: null,
      data: sealedItem(certificate, ref, JSON.stringify({ data: { a: canary() } })),
    }),
    plain: () => ({ encryptedData: { a: canary(), b: `${canary()}*`, c: { d: canary() } } }),
    moved: (ref) => ({ encryptedData: { a: sealedItem(certificate, { ...ref, name: 'x' }, canary()) } }),
  };
  for (const [name, spec] of Object.entries(specs)) {
    const ref = { namespace, name };
    bad.push(ref);
    await cluster.create('sealedsecrets', body(ref, spec(ref)));
  }
  for (const ref of bad) {
    const told = await cluster.told(ref, 'False');
    written.set(`the status of ${ref.name}`, `${told.reason} ${told.message}`);
  }

  const fixed = await apply('fixed', { immutable: true }, { a: canary() });
  await cluster.told(fixed, 'True');
  const b = sealedItem(certificate, fixed, canary());
  await cluster.change('sealedsecrets', fixed, { spec: { encryptedData: { b } } });
  await cluster.told(fixed, 'False');
}

/** Runs kubeseal with input that it refuses, and recoveries that fail. */
async function badInput(sealed: string): Promise<void> {
  const secrets = [
    `kind: Secret\nmetadata: {name: a, namespace: b}\ndata: {a: "${canary()}*"}\n`,
    `kind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {a: [${canary()}]}\n`,
    `kind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {a: !!binary ${canary()}}\n`,
    `kind: Secret\nstringData:\n  a: ${canary()}\n b: ${canary()}\n`,
    `{"kind":"Secret","stringData":{"a":"${canary()}","a":"${canary()}"}}`,
    `{"kind":"Secret","stringData":{"a":"${canary()}"`,
    `kind: ConfigMap\nmetadata: {name: a}\ndata: {a: ${canary()}}\n`,
    canary(),
  ];
  for (const text of secrets) assert.equal((await seal([], text)).code, 1);
  assert.equal((await seal(['--controller-name', 'none'], secretText('no-service'))).code, 1);

  const keys = {
    'text.key': canary(),
    'other.key': pkcs1(rsa()),
    'damaged.key': pkcs1(rsa()).replace(/\n.{30}/, `\n${canary()}`),
    'secret.yaml': dump({
      kind: 'Secret',
      data: { 'tls.key': Buffer.from(canary()).toString('base64') },
    }),
  };
  for (const [name, text] of Object.entries(keys)) {
    const args = ['--recovery-unseal', '--recovery-private-key', folder.write(name, text)];
    assert.equal((await seal(args, sealed)).code, 1);
  }
  assert.equal(
    (await seal(['--cert', folder.write('cert.pem', canary())], secretText('uncertified'))).code,
    1,
  );
}

suite('a whole run', () => {
  test('uses every feature', async () => {
    const { cluster, plane } = setup;
    namespace = await plane.createNamespace('canary');
    let sealed = '';
    const names: string[] = [];
    await controllerRun(async () => {
      // Through the API server, with the administrator's token, if it can reach the controller.
      const cert = podAddress() === null ? ['--cert', folder.write('good.pem', certificate.pem)] : [];
      for (const scope of ['strict', 'namespace-wide', 'cluster-wide']) {
        const { code, stdout } = await seal(['--scope', scope, '-o', 'yaml', ...cert], secretText(scope));
        assert.equal(code, 0);
        await plane.apply(stdout);
        names.push(scope);
        sealed = stdout;
      }
      for (const name of names) await cluster.told({ namespace, name }, 'True');
      await badObjects();
    });
    await badInput(sealed);
    await controllerRun(async () => {
      for (const name of names) {
        const ref = { namespace, name };
        const uid = uidOf(await cluster.secret(ref));
        await cluster.delete('secrets', ref);
        assert.ok(canaries.includes(itemsOf(await cluster.secret(ref, uid))['a'] ?? ''));
      }
    });
    written.set('all events', JSON.stringify(await cluster.list('events')));
    written.set('all SealedSecrets', JSON.stringify(await cluster.list('sealedsecrets')));
  });

  test('shows no plaintext', () => {
    // These SealedSecrets contain canaries in plain text: in a label, in a template, in place of a ciphertext.
    const unsealed = canaries.filter((text) => (written.get('all SealedSecrets') ?? '').includes(text));
    assert.equal(unsealed.length, 5);
    const rest = new Map([...written].filter(([where]) => where !== 'all SealedSecrets'));
    assert.deepEqual(leaks(rest, canaries), []);
    assert.deepEqual(
      leaks(
        written,
        canaries.filter((text) => !unsealed.includes(text)),
      ),
      [],
    );
  });

  test('shows no part of a private key', async () => {
    const keys = await keySecrets(setup.cluster);
    assert.equal(keys.length, 1);
    const pem = itemsOf(keys[0])['tls.key'] ?? '';
    const lines = pem.split('\n').filter((line) => line.length === 64);
    assert.ok(lines.length > 20);
    assert.deepEqual(leaks(written, [...lines, stringAt(keys[0], 'data', 'tls.key')]), []);
    assert.deepEqual(leaks(written, ['PRIVATE KEY']), []);
  });

  test('shows no token', async () => {
    const token = await setup.installation.token();
    const [, , signature = ''] = token.split('.');
    assert.ok(signature.length > 100);
    assert.deepEqual(leaks(written, [token, signature, setup.plane.adminToken]), []);
  });

  test('is searched by a search that finds what is there', async () => {
    const secrets = new Map([['all Secrets', JSON.stringify(await setup.cluster.list('secrets'))]]);
    assert.ok(leaks(secrets, canaries).length >= 10);
    const [key] = await keySecrets(setup.cluster);
    const lines = (itemsOf(key)['tls.key'] ?? '').split('\n').filter((line) => line.length === 64);
    assert.ok(leaks(secrets, lines).length >= lines.length);
    for (const where of ['kubeseal', 'controller', 'the status', 'all events']) {
      assert.ok(
        [...written].some(([name, text]) => name.startsWith(where) && text.length > 10),
        where,
      );
    }
  });
});
