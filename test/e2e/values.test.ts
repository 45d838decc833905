import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import { kubeseal } from '../support/run.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

/** The controller makes the Secrets of what `create`, `set` and `unset` write. */
const folder = temporaryFolder();
let namespace: string;
let cert: string;

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  const controller = await setup.use(installation.startReadyController());
  namespace = await plane.createNamespace('values');
  cert = folder.write('cert.pem', (await controller.certificate()).pem);
});

/** Runs kubeseal with the certificate of the controller. Returns what it reported. */
async function run(args: readonly string[], stdin = ''): Promise<string> {
  const env = { KUBECONFIG: setup.plane.kubeconfig, XDG_CACHE_HOME: folder.path };
  const ran = await kubeseal([...args, '--cert', cert], { stdin, env });
  assert.deepEqual([ran.code, ran.stdout], [0, ''], ran.stderr);
  return ran.stderr;
}

async function apply(file: string): Promise<void> {
  await setup.plane.apply(readFileSync(file, 'utf8'));
}

suite('a Secret in the cluster', () => {
  test('follows create, set and unset', async () => {
    const ref = { namespace, name: 'db' };
    const file = `${folder.path}/db.yaml`;
    for (const value of ['first-password', 'second-password', 'a-token']) noteSecret(value);
    const env = folder.write('.env', 'password=first-password\nuser=bob\n');
    const labels = ['--label', 'app=shop', '--type', 'example.com/login'];
    await run(['create', 'generic', 'db', '-n', namespace, '--from-env-file', env, ...labels, '-w', file]);
    await apply(file);
    const made = await setup.cluster.secretWith(ref, { password: 'first-password', user: 'bob' });
    assert.equal(at(made, 'type'), 'example.com/login');
    assert.deepEqual(at(made, 'metadata', 'labels'), { app: 'shop' });

    await run(['set', file, 'password', '--value-stdin'], 'second-password');
    await run(['set', file, 'token', '--value-file', folder.write('token', 'a-token')]);
    await apply(file);
    await setup.cluster.secretWith(ref, { password: 'second-password', user: 'bob', token: 'a-token' });

    const ran = await kubeseal(['unset', file, 'user']);
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: `${file}: user removed, 2 items untouched\n` });
    await apply(file);
    await setup.cluster.secretWith(ref, { password: 'second-password', token: 'a-token' });
  });

  test('tells set which values are there already', async () => {
    const ref = { namespace, name: 'live' };
    const file = `${folder.path}/live.yaml`;
    noteSecret('live-password');
    const create = ['create', 'generic', 'live', '-n', namespace, '--keep-unchanged=false', '-w', file];
    await run([...create, '--from-file', `password=${folder.write('live', 'live-password')}`]);
    await apply(file);
    await setup.cluster.told(ref, 'True');
    const before = readFileSync(file, 'utf8');
    const args = ['set', file, 'password', '--value-stdin', '--from-cluster', '--keep-unchanged=false'];
    assert.equal(
      await run(args, 'live-password'),
      `${file}: password already has this value; nothing changed\n`,
    );
    assert.equal(readFileSync(file, 'utf8'), before);
  });

  test('has what the API server requires of logins to registries and of TLS', async () => {
    const pull = [
      'create',
      'docker-registry',
      'pull',
      '-n',
      namespace,
      '--username',
      'bot',
      '--password-stdin',
    ];
    noteSecret('registry-password');
    await run([...pull, '-w', `${folder.path}/pull.yaml`], 'registry-password\n');
    const tls = {
      'tls.crt': certificatePem('c2048'),
      'tls.key': keyPem('c2048'),
    };
    const [crt, key] = Object.entries(tls).map(([name, text]) => folder.write(name, text));
    const files = ['--tls-cert', crt ?? '', '--tls-key', key ?? ''];
    await run(['create', 'tls', 'web', '-n', namespace, ...files, '-w', `${folder.path}/web.yaml`]);
    for (const name of ['pull', 'web']) await apply(`${folder.path}/${name}.yaml`);
    await setup.cluster.told({ namespace, name: 'pull' }, 'True');
    const login = itemsOf(await setup.cluster.secret({ namespace, name: 'pull' }));
    assert.match(login['.dockerconfigjson'] ?? '', /"username":"bot"/);
    await setup.cluster.secretWith({ namespace, name: 'web' }, tls);
  });
});
