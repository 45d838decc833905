import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findHelm } from '../../build/helm.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { podAddress } from '../control-plane/network.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { Installation, NAME, NAMESPACE } from '../support/installation.ts';
import { PACKAGE } from '../support/package.ts';
import { KUBESEAL } from '../support/program.ts';
import { run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../control-plane/until.ts';

/**
 * Runs the commands of the README's section "Install", and the one that saves the keys, verbatim in a shell. The test
 * acts as the deployment controller and the kubelet: it starts the Deployment's command and updates the Deployment's
 * status when it is ready.
 */

const folder = temporaryFolder();
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${NAME}`;

let installation: Installation;
let controller: ControllerProcess | undefined;

before(async () => {
  installation = await Installation.start({ install: 'later' });
});
after(async () => {
  await controller?.stop('SIGKILL');
  await installation.stop();
});

/** Returns the code blocks with commands in a section of the README. */
function blocksUnder(heading: string): string[] {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const [, section = ''] = new RegExp(`^## ${heading}\\n([^]*?)^## `, 'm').exec(readme) ?? [];
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
}

function commands(): string {
  return blocksUnder('Install').join('');
}

/** Runs the commands in a folder with the chart in the same place as in a checkout, and the three programs on PATH. */
async function follow(): Promise<Ran> {
  const kubectl = (await findBinaries(['kubectl'], () => undefined)).get('kubectl') ?? 'kubectl';
  const helm = await findHelm(() => undefined);
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  symlinkSync(kubectl, join(bin, 'kubectl'));
  symlinkSync(helm, join(bin, 'helm'));
  const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
  chmodSync(folder.write('bin/kubeseal', `#!/bin/sh\nexec ${words} "$@"\n`), 0o755);
  symlinkSync(join(PACKAGE, 'helm'), join(folder.path, 'helm'));
  return runThere(commands());
}

function runThere(script: string): Promise<Ran> {
  const bin = join(folder.path, 'bin');
  const path = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);
  return run('bash', ['-xeuo', 'pipefail', '-c', script], {
    cwd: folder.path,
    env: { PATH: path, HOME: folder.path, KUBECONFIG: installation.plane.kubeconfig },
  });
}

/** Starts the pod of the Deployment once it exists, and reports when it is available. */
async function playTheNode(address: string): Promise<void> {
  const { plane } = installation;
  const deployment = await until('the Deployment', async () => {
    const { status, body } = await plane.request('GET', DEPLOYMENT);
    return status === 200 ? body : undefined;
  });
  await installation.mountAccount();
  const container = at(deployment, 'spec', 'template', 'spec', 'containers', 0);
  controller = await installation.startBareController(listAt(container, 'args').map(String));
  const url = await controller.url();
  await plane.publish({
    ...{ namespace: NAMESPACE, service: NAME, address },
    ...{ portName: 'http', port: Number(new URL(url).port), servicePort: 8080 },
  });
  const probe = stringAt(container, 'readinessProbe', 'httpGet', 'path');
  await until('a ready controller', async () => ((await fetch(url + probe)).ok ? true : undefined), 120_000);
  const available = { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' };
  const { status } = await plane.request(
    'PATCH',
    `${DEPLOYMENT}/status`,
    { status: { observedGeneration: at(deployment, 'metadata', 'generation'), conditions: [available] } },
    'application/merge-patch+json',
  );
  assert.equal(status, 200);
}

const address = podAddress();

test(
  "the README's commands lead from nothing to a Secret",
  { skip: address === null && 'no address but loopback' },
  async () => {
    assert.match(
      commands(),
      /^helm install .*\nkubectl wait .*\n.*kubeseal.*\nkubectl apply .*\nkubectl wait /m,
    );
    const [ran] = await Promise.all([follow(), playTheNode(address ?? '')]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /deployment\.apps\/sealed-secrets-controller condition met/);
    assert.match(ran.stdout, /sealedsecret\.bitnami\.com\/db condition met/);
    assert.match(ran.stdout, /^db +Opaque +1 /m);
    const { body } = await installation.plane.request('GET', '/api/v1/namespaces/default/secrets/db');
    assert.equal(Buffer.from(stringAt(body, 'data', 'password'), 'base64').toString(), 'hunter2');
    // The content matches the file's name.
    assert.match(readFileSync(join(folder.path, 'sealed.yaml'), 'utf8'), /^---\napiVersion: /);

    const [backup = ''] = blocksUnder('Recover without a cluster');
    const saved = await runThere(`umask 022\n${backup}`);
    assert.equal(saved.code, 0, saved.stderr);
    const keys = join(folder.path, 'sealing-keys.yaml');
    assert.match(readFileSync(keys, 'utf8'), /^ {4}tls\.key: /m);
    assert.equal(statSync(keys).mode & 0o777, 0o600);
  },
);
