import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { stringAt } from '../control-plane/admin-client.ts';
import { insideOwnNetwork, podAddress } from '../control-plane/network.ts';
import { entriesIn } from '../docs/messages/entries.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { runDeployment } from '../support/deployed-pod.ts';
import { commandsUnder } from '../support/guide.ts';
import { Installation } from '../support/installation.ts';
import { PACKAGE } from '../support/package.ts';
import type { Ran } from '../support/run.ts';
import { until } from '../control-plane/until.ts';

/**
 * Runs the commands of the README that need a cluster, verbatim in a shell, one section after the other. The test acts as
 * the deployment controller and the kubelet: it starts the Deployment's command and updates the Deployment's status when
 * it is ready.
 */

const INSTALL = commandsUnder('README.md', 'The controller').join('');
const [BACKUP = '', RESTORE = '', RECOVER = ''] = commandsUnder('README.md', 'Recover without a cluster');

const shell = new CheckoutShell();
let installation: Installation;
let controller: ControllerProcess | undefined;

before(async () => {
  installation = await Installation.start({ install: 'later' });
  await shell.open(installation.plane.kubeconfig);
});
after(async () => {
  await controller?.stop('SIGKILL');
  await installation.stop();
});

/** Runs commands, which succeed. */
async function follow(commands: string): Promise<Ran> {
  const ran = await shell.run(commands);
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}

async function playTheNode(): Promise<void> {
  controller = await runDeployment(installation);
}

async function passwordIn(namespace: string): Promise<string> {
  const { body } = await installation.plane.request('GET', `/api/v1/namespaces/${namespace}/secrets/db`);
  return Buffer.from(stringAt(body, 'data', 'password'), 'base64').toString();
}

/** Returns what docs/troubleshooting.md says about a message that somebody searches it for. */
function explanationOf(message: string): string {
  const entries = entriesIn(readFileSync(join(PACKAGE, 'docs', 'troubleshooting.md'), 'utf8'));
  const found = entries.filter(({ messages, text }) =>
    [...messages, ...(text.match(/(?<=`)[^`]+(?=`)/g) ?? [])].some((each) => {
      const parts = each.split(/«[^»]*»/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      // What is little more than a name or a number fits everything.
      return parts.join('').length > 15 && new RegExp(parts.join('.+')).test(message);
    }),
  );
  return found.map(({ text }) => text).join('\n');
}

const address = podAddress();

suite("the README's commands", { skip: address === null && 'no address but loopback' }, () => {
  test('lead from nothing to a Secret', async () => {
    const chart = commandsUnder('helm/sealed-secrets/README.md', 'Sealed Secrets, as a chart').join('');
    assert.ok(INSTALL.startsWith(chart));
    assert.match(
      INSTALL,
      /^helm install .*\nkubectl wait .*\n.*kubeseal.*\nkubectl apply .*\nkubectl wait /m,
    );
    const [ran] = await Promise.all([follow(INSTALL), playTheNode()]);
    assert.match(ran.stdout, /deployment\.apps\/sealed-secrets-controller condition met/);
    assert.match(ran.stdout, /sealedsecret\.bitnami\.com\/db condition met/);
    assert.match(ran.stdout, /^db +Opaque +1 /m);
    assert.equal(await passwordIn('default'), 'hunter2');
    // The content matches the file's name.
    assert.match(shell.read('sealed.yaml'), /^---\napiVersion: /);
  });

  test('are followed by what goes wrong, each with a message that docs/troubleshooting.md explains', async () => {
    const seal = (name: string): string =>
      `kubectl create secret generic ${name} --from-literal password=x --dry-run=client -o yaml | kubeseal -o yaml`;
    const broken = {
      renamed: `${seal('db')} | sed 's/name: db$/name: renamed/' | kubectl apply -f -`,
      widened: `${seal('widened')} > w.yaml; kubectl apply -f w.yaml
        kubectl annotate sealedsecret widened sealedsecrets.bitnami.com/cluster-wide=true`,
      taken: `kubectl create secret generic taken --from-literal a=b; ${seal('taken')} | kubectl apply -f -`,
      misspelt: `${seal('misspelt')} > m.yaml; kubectl apply -f m.yaml
        kubectl patch sealedsecret misspelt --type merge -p '{"spec":{"template":{"data":{"url":"{{ upperr .password }}"}}}}'`,
    };
    const cures = {
      renamed: /the place, the key or the bytes/,
      widened: /added or removed the annotation of the scope/,
      taken: /Delete it, or let the controller take it over/,
      misspelt: /function "upperr" not defined/,
    };
    for (const name of ['renamed', 'widened', 'taken', 'misspelt'] as const) {
      await follow(broken[name]);
      await follow(`kubectl wait --for=condition=Synced=False sealedsecret/${name} --timeout=60s`);
      const path = `{.status.conditions[?(@.type=="Synced")].message}`;
      const { stdout } = await follow(`kubectl get sealedsecret ${name} -o jsonpath='${path}'`);
      assert.match(explanationOf(stdout), cures[name], stdout);
    }
    const elsewhere = await shell.run(`${seal('db')} --controller-namespace default`);
    assert.equal(elsewhere.code, 1);
    assert.match(explanationOf(elsewhere.stderr), /has another name or namespace than kubeseal looks for/);
  });

  test('save the keys in a file that only their user can read, as the guide to migrate does', async () => {
    const migrating = commandsUnder('docs/migrating.md', 'Migrating from the reference, and back');
    for (const backup of [...migrating, BACKUP]) {
      await follow(`rm -f sealing-keys.yaml; umask 022\n${backup}`);
      assert.match(shell.read('sealing-keys.yaml'), /^ {4}tls\.key: /m);
      assert.equal(statSync(join(shell.path, 'sealing-keys.yaml')).mode & 0o777, 0o600);
    }
  });

  test('seal, merge, re-encrypt and recover as the reference does', async () => {
    const ran = await follow(commandsUnder('README.md', 'As the reference does it').join(''));
    // Of --raw.
    assert.match(ran.stdout, /^[\w+/]{300,}=*$/m);
    await follow(RECOVER);
    assert.match(shell.read('secret.yaml'), /^ {2}password: aHVudGVyMg==$/m);
    assert.match(shell.read('secret.yaml'), /^ {2}token: YWJj$/m);
    assert.equal(statSync(join(shell.path, 'secret.yaml')).mode & 0o777, 0o600);
  });

  test('restore the keys in a new cluster, where what was sealed for the old one works', async () => {
    const fresh = await Installation.start();
    try {
      const restored = await shell.run(`export KUBECONFIG='${fresh.plane.kubeconfig}'\n${RESTORE}`);
      assert.equal(restored.code, 0, restored.stderr);
      const controller = await fresh.startReadyController();
      const applied = await shell.run(`export KUBECONFIG='${fresh.plane.kubeconfig}'
        kubectl create namespace shop
        kubectl apply -f sealed.yaml
        kubectl wait --for=condition=Synced sealedsecret/db -n shop
        kubectl get secrets -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o name`);
      assert.equal(applied.code, 0, applied.stderr);
      // The controller has made no key of its own.
      assert.equal(applied.stdout.match(/^secret\//gm)?.length, 1);
      assert.equal(await controller.stop(), 0);
    } finally {
      await fresh.stop();
    }
  });

  test('run the controller outside of the cluster', { skip: !insideOwnNetwork() }, async () => {
    assert.equal(await controller?.stop(), 0);
    const [start = '', use = ''] = commandsUnder('README.md', 'Outside the cluster');
    const stop = shell.start(start);
    try {
      await until('a certificate', async () => {
        const answer = await fetch('http://localhost:8080/v1/cert.pem').catch(() => undefined);
        return answer?.ok === true ? true : undefined;
      });
      const ran = await follow(use);
      assert.match(ran.stdout, /sealedsecret\.bitnami\.com\/db condition met/);
      assert.equal(await passwordIn('shop'), 'hunter2');
    } finally {
      await stop();
    }
  });
});
