import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { makeImageRoot } from '../../build/image-root.ts';
import { architectureHere, nodePin } from '../../build/pinned-node.ts';
import { readJson } from '../../build/package.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { ask } from '../support/ask.ts';
import { itemsOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import {
  composeRoot,
  containerCommand,
  handOverAccount,
  imageConfig,
  noContainer,
} from '../support/image.ts';
import { commandBlocks } from '../support/guide.ts';
import { keySecrets } from '../support/key-secret.ts';
import { run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../control-plane/until.ts';

const config = imageConfig();
const skip = noContainer(config) ?? false;
const folder = temporaryFolder();
const root = join(folder.path, 'root');
const account = join(folder.path, 'account');
const architecture = architectureHere();
const command = containerCommand(root, account, config);

const setup = new Setup(async () => {
  if (skip) return;
  const tree = join(folder.path, 'tree');
  await makeImageRoot(architecture, () => undefined, tree);
  composeRoot(tree, root);
  handOverAccount(setup.installation.serviceAccountDir, account, config);
});

async function start(env: NodeJS.ProcessEnv = {}): Promise<ControllerProcess> {
  const address = `${podAddress() ?? '127.0.0.1'}:${await freePort()}`;
  const args = ['--key-size', '2048', '--listen-addr', address];
  const controller = new ControllerProcess(args, setup.installation.podEnvironment(), {
    command,
    env: { NODE_OPTIONS: config.nodeOptions, ...env },
  });
  await setup.use(Promise.resolve(controller));
  await controller.logged('sealing keys loaded');
  return controller;
}

/** Returns the uid that owns the controller's files in /proc. */
async function ownerInProc(): Promise<number> {
  const controller = await start();
  const { uid } = statSync(`/proc/${controller.pid}/environ`);
  assert.equal(await controller.stop(), 0, controller.output);
  return uid;
}

/** Returns a field of a process's status in /proc. */
function status(pid: number, field: string): string {
  const line = new RegExp(`^${field}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  );
  return line?.[1] ?? '';
}

suite('the image, in a root made of its files and the libraries of a base', { skip }, () => {
  test('contains the pinned Node, and prints its version', async () => {
    const [program = '', ...args] = command;
    const told = await run(program, [...args, '--version'], { env: { PATH: process.env['PATH'] } });
    assert.equal(told.stderr, '');
    assert.equal(told.stdout, `controller version: ${readJson('package.json').requiredString('version')}\n`);
    const node = join(root, 'usr/local/lib/sealed-secrets/node');
    const { stdout } = await run(node, ['-p', '`${process.version} ${process.release.lts}`']);
    const { version } = nodePin('image', architecture);
    assert.match(
      stdout,
      new RegExp(`^v${version.replaceAll('.', '\\.')} [A-Z][a-z]+\n$`),
      'a release with long support',
    );
  });

  test('creates a key, unseals, renders templates, and verifies a body in separate processes', async () => {
    const controller = await start();
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    const ref = { namespace: await setup.plane.createNamespace('image'), name: 'db' };
    const template = { data: { url: 'postgres://{{ .user }}@{{ upper "db" }}/' } };
    const sealed = sealedSecret(await controller.certificate(), ref, { user: 'ada' }, { template });
    await setup.cluster.create('sealedsecrets', sealed);
    assert.deepEqual(itemsOf(await setup.cluster.secret(ref)), { user: 'ada', url: 'postgres://ada@DB/' });
    await setup.cluster.told(ref, 'True');
    const body = JSON.stringify(sealed);
    const verified = await fetch(`${await controller.url()}/v1/verify`, { method: 'POST', body });
    assert.equal(verified.status, 200);
    assert.equal(await controller.stop(), 0, controller.output);
    assert.deepEqual(
      controller.log.filter(({ level }) => level !== 'info'),
      [],
    );
  });

  test('serves the page that seals in a browser, if its environment says so', async () => {
    const controller = await start({ SEALED_SECRETS_WEB_UI: 'true' });
    const { status, body } = await ask('GET', `${await controller.url()}/`);
    assert.equal(status, 200);
    assert.equal(body, fillPage(readTemplate(), { mode: 'served', certificates: [] }));
    assert.equal(await controller.stop(), 0, controller.output);
  });

  test('runs as its user, without capabilities, on a read-only root', async () => {
    const controller = await start();
    const [uid] = config.user.split(':');
    assert.equal(uid, '1001');
    assert.deepEqual(status(controller.pid, 'Uid').split('\t'), [uid, uid, uid, uid]);
    assert.deepEqual(status(controller.pid, 'Gid').split('\t'), [uid, uid, uid, uid]);
    assert.equal(status(controller.pid, 'Groups'), '');
    assert.equal(Number(`0x${status(controller.pid, 'CapEff')}`), 0);
    assert.equal(status(controller.pid, 'NoNewPrivs'), '1');
    const mounts = readFileSync(`/proc/${controller.pid}/mountinfo`, 'utf8').split('\n');
    const own = mounts.map((line) => line.split(' ')).filter(([, , , , place]) => place === '/');
    assert.match(own.at(-1)?.[5] ?? '', /^ro,/);
    assert.equal(await controller.stop(), 0, controller.output);
  });

  test('leaves no core dump and lets no process of its user read its memory', async () => {
    const node = join(root, 'usr/local/lib/sealed-secrets/node');
    assert.equal(statSync(node).mode & 0o777, 0o711);
    assert.equal(
      await ownerInProc(),
      0,
      'the kernel hands the files of a process that is not to be dumped to root',
    );
    // The file mode makes the difference: a program that its user can read can be dumped.
    chmodSync(node, 0o755);
    try {
      assert.equal(await ownerInProc(), 1001);
    } finally {
      chmodSync(node, 0o711);
    }
  });

  test('opens no debugger on SIGUSR1, and makes a new key', async () => {
    const controller = await start();
    const before = await keySecrets(setup.cluster);
    controller.signal('SIGUSR1');
    await until(
      'a new key',
      async () => (await keySecrets(setup.cluster)).length > before.length || undefined,
    );
    assert.doesNotMatch(controller.output, /Debugger/);
    assert.equal(await controller.stop(), 0, controller.output);
  });

  test('makes a new key for the command that docs/keys.md gives to a pod', async () => {
    const controller = await start();
    const before = await controller.certificate();
    const block = commandBlocks('docs/keys.md').find(({ heading }) => heading === 'Ask a pod for a renewal');
    const [, node = '', code = ''] = / -- \\\n {2}(\S+) -e '(.+)'\n$/.exec(block?.text ?? '') ?? [];
    // In its container, the controller is the process 1.
    const ran = await run(join(root, node), ['-e', code.replace('kill(1,', `kill(${controller.pid},`)]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    await until('another certificate', async () => {
      return (await controller.certificate()).fingerprint !== before.fingerprint || undefined;
    });
    assert.equal(await controller.stop(), 0, controller.output);
  });

  test('opens no debugger although the environment asks for one', async () => {
    const controller = await start({ NODE_OPTIONS: '--inspect-wait=127.0.0.1:9229' });
    assert.match(controller.output, /^Starting inspector on 192\.0\.2\.1:1024 failed/m);
    assert.doesNotMatch(controller.output, /Debugger/);
    assert.equal(await controller.stop(), 0, controller.output);
  });
});
