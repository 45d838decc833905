import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { dump } from 'js-yaml';
import type { Scope } from '../../shared/seal/scope.ts';
import { podAddress } from '../control-plane/network.ts';
import { ask } from '../support/ask.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { deleteKeys, keyItems, keySecret, keySecrets } from '../support/key-secret.ts';
import { rsa } from '../support/keys.ts';
import { kubectl } from '../support/kubectl.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * Runs `kubeseal --validate` and `--re-encrypt` with a controller, through the API server as a user without any
 * rights.
 */
const folder = temporaryFolder();
let controller: ControllerProcess;
let namespace: string;
let developer: { token: string; kubeconfig: string };

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  controller = await setup.use(installation.startReadyController());
  namespace = await plane.createNamespace('doors');
  const token = await plane.newServiceAccountToken(namespace, 'developer');
  developer = { token, kubeconfig: plane.kubeconfigFor(token, { namespace }) };
});

const needsProxy = { skip: podAddress() === null && 'no address but loopback' };

function asDeveloper(...args: readonly string[]): Promise<Ran> {
  return kubeseal(args, { env: { KUBECONFIG: developer.kubeconfig } });
}

async function sealed(name: string, scope: Scope = 'strict'): Promise<string> {
  const template = { metadata: { labels: { app: 'shop' } }, data: { url: 'postgres://{{ .password }}@db' } };
  const body = sealedSecret(
    await controller.certificate(),
    { namespace, name },
    { password: `value of ${name}`, other: 'x' },
    { scope, template },
  );
  return `# by ops\n${dump(body)}`;
}

const COMPROMISED = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'compromised' };
const SILENT: Ran = { code: 0, stdout: '', stderr: '' };

suite('kubeseal --validate, with a controller', needsProxy, () => {
  for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
    test(`prints nothing if the file can be unsealed, ${scope}`, async () => {
      const file = folder.write('good.yaml', await sealed('good', scope));
      assert.deepEqual(await asDeveloper('--validate', '-f', file), SILENT);
    });
  }

  test('names the items that cannot be unsealed', async () => {
    const other = sealedSecret({ publicKey: rsa() }, { namespace, name: 'other' }, { password: 'x' });
    const file = folder.write('other.json', JSON.stringify(other));
    const ran = await asDeveloper('--validate', '-f', file);
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.equal(
      ran.stderr,
      `error: unable to decrypt sealed secret: other [${file}]: no key could decrypt secret (password): ` +
        'sealed for another name, namespace or scope, or with an unknown key, or damaged\n',
    );
  });

  test('reports a template in the words of the status', async () => {
    const ref = { namespace, name: 'typo' };
    const template = { data: { url: '{{ .password | uper }}' } };
    const typo = sealedSecret(await controller.certificate(), ref, { password: 'x' }, { template });
    const file = folder.write('typo.json', JSON.stringify(typo));
    const ran = await asDeveloper('--validate', '-f', file);
    await setup.cluster.create('sealedsecrets', typo);
    const { message } = await setup.cluster.told(ref, 'False');
    assert.match(message, /^template: url:1: function "uper" not defined \(url\)$/);
    assert.equal(ran.stderr, `error: unable to decrypt sealed secret: typo [${file}]: ${message}\n`);
  });

  test('validates five in a file, although the controller accepts three at once', async () => {
    const five = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => sealed(name)));
    const file = folder.write('five.yaml', five.join('---\n'));
    assert.deepEqual(await asDeveloper('--validate', '-f', file), SILENT);
  });
});

suite('kubeseal --re-encrypt, with a controller', needsProxy, () => {
  for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
    test(`changes only the ciphertexts, which open as before, ${scope}`, async () => {
      const name = `again-${scope}`;
      const before = await sealed(name, scope);
      const file = folder.write('sealed.yaml', before);
      assert.deepEqual(await asDeveloper('--re-encrypt', '-f', file), SILENT);
      const after = readFileSync(file, 'utf8');
      const frame = (text: string): string => text.replace(/\bA[A-Za-z0-9+/]{300,}=*/g, 'CIPHERTEXT');
      assert.notEqual(after, before);
      assert.equal(frame(after), frame(before));
      await setup.plane.apply(after);
      await setup.cluster.told({ namespace, name }, 'True');
      const values = itemsOf(await setup.cluster.secret({ namespace, name }));
      assert.deepEqual(values, {
        password: `value of ${name}`,
        other: 'x',
        url: `postgres://value of ${name}@db`,
      });
    });
  }

  test('re-encrypts five in a file with a new key, in place', async () => {
    const names = ['p', 'q', 'r', 's', 't'];
    const file = folder.write(
      'five.yaml',
      (await Promise.all(names.map((each) => sealed(each)))).join('---\n'),
    );
    controller.signal('SIGUSR1');
    await controller.logged('sealing with a different key');
    assert.deepEqual(await asDeveloper('--re-encrypt', '-f', file), SILENT);

    // Only the new key opens them.
    const secrets = await keySecrets(setup.cluster);
    assert.equal(secrets.length, 2);
    const opened = await Promise.all(
      secrets.map(async (secret, index) => {
        const key = folder.write(`key-${index}.yaml`, dump(secret));
        return kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-f', file, '-o', 'json']);
      }),
    );
    assert.deepEqual(opened.map(({ code }) => code).sort(), [0, 1]);
    assert.ok(opened.find(({ code }) => code === 1)?.stderr.includes('no key could decrypt secret'));
  });

  test('does not change a file that another cluster sealed', async () => {
    const other = sealedSecret({ publicKey: rsa() }, { namespace, name: 'other' }, { password: 'x' });
    const text = JSON.stringify(other);
    const file = folder.write('other.json', text);
    const ran = await asDeveloper('--re-encrypt', '-f', file);
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.equal(
      ran.stderr,
      `error: unable to decrypt sealed secret: other [${file}]: no key could decrypt secret (password): ` +
        'sealed for another name, namespace or scope, or with an unknown key, or damaged\n',
    );
    assert.equal(readFileSync(file, 'utf8'), text);
  });
});

suite('kubeseal with a folder, with a controller', needsProxy, () => {
  const HINT = 'sealedsecrets.bitnami.com/sealing-key';

  async function treeOfSealed(count: number): Promise<string> {
    const tree = temporaryFolder();
    for (let index = 0; index < count; index++) tree.write(`${index}.yaml`, await sealed(`tree-${index}`));
    return tree.path;
  }

  /** How many requests the controller has refused as too many. */
  async function refused(): Promise<number> {
    const lines = (await controller.metrics()).split('\n');
    const of429 = lines.filter((line) => line.includes('http_requests_total{') && line.includes('"429"'));
    return of429.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  test('re-encrypts every file, and waits when the controller asks for it', async () => {
    const small = 4;
    const tree = await treeOfSealed(small);
    // Each of these counts as many small ones. The controller accepts three at once, and two a second.
    const large = ['a', 'b', 'c', 'd', 'e', 'f'];
    const certificate = await controller.certificate();
    for (const name of large) {
      const body = sealedSecret(certificate, { namespace, name }, { blob: name.repeat(500_000) });
      writeFileSync(`${tree}/${name}.json`, JSON.stringify(body));
    }
    const files = small + large.length;
    const before = await refused();
    const ran = await asDeveloper('re-encrypt', tree);
    assert.ok((await refused()) > before);
    assert.deepEqual([ran.code, ran.stdout], [0, '']);
    const lines = ran.stderr.trimEnd().split('\n');
    assert.equal(lines.length, files + 1);
    const found = `${files} SealedSecrets in ${files} files`;
    assert.equal(lines.at(-1), `${found}: ${files} re-encrypted, 0 with the newest key`);
    const { fingerprint } = certificate;
    assert.ok(readFileSync(`${tree}/0.yaml`, 'utf8').includes(`${HINT}: ${fingerprint}`));
    assert.ok(readFileSync(`${tree}/f.json`, 'utf8').includes(fingerprint));

    const nothing = `${found}: 0 re-encrypted, ${files} with the newest key\n`;
    assert.deepEqual(await asDeveloper('re-encrypt', tree), { ...SILENT, stderr: nothing });
    assert.equal((await asDeveloper('re-encrypt', '--check', tree)).code, 0);
    await setup.plane.apply(readFileSync(`${tree}/3.yaml`, 'utf8'));
    await setup.cluster.told({ namespace, name: 'tree-3' }, 'True');
  });

  test('validates every file, although the controller accepts three at once', async () => {
    const tree = await treeOfSealed(5);
    const wrong = sealedSecret({ publicKey: rsa() }, { namespace, name: 'wrong' }, { password: 'x' });
    writeFileSync(`${tree}/wrong.json`, JSON.stringify(wrong));
    const ran = await asDeveloper('validate', tree);
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.match(
      ran.stderr,
      /^error: unable to decrypt sealed secret: wrong \[[^\n]*wrong\.json\][^\n]*\n6 SealedSecrets in 6 files: 5 valid, 1 failed\n$/,
    );
  });
});

suite('the probes', () => {
  test('are answered directly and, like the certificate, through the API server', async () => {
    const url = await controller.url();
    await until('readiness', async () => (await ask('GET', `${url}/readyz`)).status === 200 || undefined);
    for (const [path, body] of [
      ['/healthz', 'ok\n'],
      ['/readyz', 'ok\n'],
      ['/v1/cert.pem', (await controller.certificate()).pem],
    ] as const) {
      const told = await ask('GET', url + path);
      assert.deepEqual([told.status, told.body], [200, body], path);
      if (podAddress() === null) continue;
      const proxied = `/api/v1/namespaces/${NAMESPACE}/services/http:${NAME}:http/proxy${path}`;
      assert.equal(await kubectl(setup.plane.kubeconfig, 'get', '--raw', proxied), body, path);
    }
  });

  test('report a missing key at first, and when the last one is taken out of use', async () => {
    const { cluster, installation } = setup;
    await controller.stop();
    await deleteKeys(cluster);
    const waiting = await setup.use(installation.startController(['--key-generation=never']));
    await waiting.logged('no sealing key');
    const url = await waiting.url();
    const states = async (): Promise<(number | string)[]> => {
      const body = await sealed('early').catch(() => '');
      const posted = await ask('POST', `${url}/v1/verify`, { body });
      const [health, ready, pem] = await Promise.all(
        ['/healthz', '/readyz', '/v1/cert.pem'].map((path) => ask('GET', url + path)),
      );
      return [health?.status ?? 0, ready?.status ?? 0, ready?.body ?? '', pem?.status ?? 0, posted.status];
    };
    const none = [200, 503, 'there is no sealing key yet\n', 503, 503];
    assert.deepEqual(await states(), none);

    const brought = await keyItems();
    await cluster.create('secrets', keySecret('brought', brought));
    await waiting.logged('sealing keys loaded');
    // Ready also means that SealedSecrets have been listed. Verifying in the meantime would use up the rate limit.
    await until('readiness', async () => (await ask('GET', `${url}/readyz`)).status === 200 || undefined);
    assert.deepEqual((await states()).slice(0, 4), [200, 200, 'ok\n', 200]);

    await cluster.change(
      'secrets',
      { namespace: NAMESPACE, name: 'brought' },
      { metadata: { labels: COMPROMISED } },
    );
    await waiting.logged('sealing key no longer in use');
    assert.deepEqual(await states(), none);
  });
});
