import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { at } from '../control-plane/admin-client.ts';
import { ScriptedEditor } from '../cli/scripted-editor.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let controller: ControllerProcess;
let namespace: string;
/** The kubeconfig of a ServiceAccount without any granted rights. */
let developer: string;

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  controller = await setup.use(installation.startReadyController());
  namespace = await plane.createNamespace('live');
  developer = plane.kubeconfigFor(await plane.newServiceAccountToken(namespace, 'developer'), { namespace });
});

/** Seals items into a file, and applies it. */
async function applied(name: string, items: Readonly<Record<string, string>>): Promise<string> {
  for (const value of Object.values(items)) noteSecret(value);
  const cert = ['--cert', folder.write('cert.pem', (await controller.certificate()).pem)];
  const stdin = dump({ metadata: { name, namespace }, stringData: items });
  const sealed = await kubeseal([...cert, '-o', 'yaml'], { stdin });
  assert.equal(sealed.code, 0, sealed.stderr);
  await setup.plane.apply(sealed.stdout);
  await setup.cluster.told({ namespace, name }, 'True');
  return folder.write(`${name}.yaml`, sealed.stdout);
}

function get(file: string, kubeconfig = setup.plane.kubeconfig): Promise<Ran> {
  return kubeseal(['get', file, 'password', '--from-cluster', '--kubeconfig', kubeconfig]);
}

test('kubeseal get reads a value from the Secret in the cluster, if the user may', async () => {
  const file = await applied('read', { password: 'of-the-cluster' });
  assert.deepEqual(await get(file), { code: 0, stdout: 'of-the-cluster', stderr: '' });
  assert.deepEqual(await get(file, developer), {
    code: 1,
    stdout: '',
    stderr:
      `error: --from-cluster: cannot read the Secret ${namespace}/read: 403 Forbidden; ` +
      'you need the right to get secrets and sealedsecrets in this namespace\n',
  });
});

test('kubeseal edit shows values of the cluster, and what it seals becomes the Secret', async () => {
  const file = await applied('edited', { password: 'before-the-edit', user: 'bob-of-the-cluster' });
  const before = readFileSync(file, 'utf8');
  noteSecret('after-the-edit');
  const editor = new ScriptedEditor(`sed -i 's/^password: .*/password: after-the-edit/' "$1"`);
  const cert = ['--cert', `${folder.path}/cert.pem`];
  const args = ['edit', file, '--from-cluster', '--kubeconfig', setup.plane.kubeconfig, ...cert];
  const ran = await kubeseal(args, { env: editor.env });
  assert.deepEqual([ran.code, ran.stderr], [0, `${file}: password replaced, 1 item untouched\n`]);
  assert.match(editor.buffer(), /^password: before-the-edit\nuser: bob-of-the-cluster\n$/m);
  const userOf = (text: string): string | undefined => /^ {4}user: .*$/m.exec(text)?.[0];
  const edited = readFileSync(file, 'utf8');
  assert.equal(userOf(edited), userOf(before));

  // Until the file is applied, the cluster does not tell the new value.
  const early = await get(file);
  assert.equal(early.stdout, '');
  assert.match(early.stderr, /: the SealedSecret in the cluster has another ciphertext for it\n$/);

  const [changed] = await setup.plane.apply(edited);
  assert.equal(at(changed, 'metadata', 'generation'), 2);
  const items = { password: 'after-the-edit', user: 'bob-of-the-cluster' };
  await setup.cluster.secretWith({ namespace, name: 'edited' }, items);
  await setup.cluster.told({ namespace, name: 'edited' }, 'True');
  assert.equal((await get(file)).stdout, 'after-the-edit');
});
