import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CHART, RELEASE } from '../../build/helm.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { helm, objectsIn, only, template } from '../support/helm.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const ON = ['--set', 'webUi.enabled=true'];
const NAMED = ['--set-string', 'fullnameOverride=sealed-secrets-controller'];

async function notes(...args: readonly string[]): Promise<string> {
  const { namespace, name } = RELEASE;
  const ran = await helm(['install', name, CHART, '-n', namespace, '--dry-run=client', ...args]);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout.replace(/^[^]*^NOTES:/m, '');
}

/** Returns the chart's objects without the arguments of the container. */
async function objects(...args: readonly string[]): Promise<string> {
  const rendered = await template(...NAMED, ...args);
  return rendered.replaceAll(/^ +- "--web-ui=true"\n/gm, '');
}

suite('the value webUi.enabled', () => {
  test('makes the controller serve the page, and is off by default', async () => {
    const args = async (...set: readonly string[]): Promise<readonly unknown[]> => {
      const deployment = only(objectsIn(await template(...set)), 'Deployment');
      return listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'args');
    };
    assert.ok((await args(...ON)).includes('--web-ui=true'));
    assert.doesNotMatch(JSON.stringify(await args()), /web-ui/);
    assert.doesNotMatch(JSON.stringify(await args('--set', 'webUi.enabled=null')), /web-ui/);
  });

  test('changes nothing but a flag: no right, no port and no NetworkPolicy', async () => {
    const policy = ['--set', 'networkPolicy.enabled=true'];
    assert.equal(await objects(...policy, ...ON), await objects(...policy));
  });

  test('is a boolean, and has no neighbours', async () => {
    for (const [set, words] of [
      ['webUi.enabled=yes', /webUi\/enabled|webUi\.enabled/],
      ['webUi.enable=true', /webUi/],
    ] as const) {
      const ran = await helm(['template', RELEASE.name, CHART, '--set', set]);
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, words);
    }
  });
});

suite('the notes', () => {
  test('say how to open the page, with the names and the port of the release', async () => {
    const text = await notes(...NAMED, ...ON, '--set', 'service.port=9000');
    assert.match(
      text,
      /^ {2}kubectl port-forward -n kube-system service\/sealed-secrets-controller 8080:9000$/m,
    );
    assert.match(text, /"kubeseal web -w seal\.html"/);
    const other = await notes(...ON, '--set', 'namespace=sealing');
    assert.match(other, /port-forward -n sealing service\/sealed-secrets 8080:8080$/m);
    assert.match(other, /"kubeseal web --controller-name sealed-secrets --controller-namespace sealing -w/);
  });

  test('do not mention the page where it is off, nor without a controller', async () => {
    for (const args of [[], [...ON, '--set', 'createController=false']]) {
      assert.doesNotMatch(await notes(...args), /port-forward|browser|kubeseal web/);
    }
  });
});

suite("the README's example of an Ingress for the page", () => {
  test('leads to the page and to the certificate, and to nothing else of the controller', async () => {
    const page = readFileSync(join(CHART, 'README.md'), 'utf8');
    const [, values = ''] = /^## The page that seals[^]*?^```yaml\n([^]*?)^```$/m.exec(page) ?? [];
    const file = folder.write('values.yaml', values);
    const rendered = objectsIn(await template(...NAMED, '--values', file));
    const ingress = only(rendered, 'Ingress');
    const service = at(only(rendered, 'Service', 'sealed-secrets-controller'), 'metadata', 'name');
    const backend = { service: { name: service, port: { name: 'http' } } };
    assert.deepEqual(
      listAt(ingress, 'spec', 'rules', 0, 'http', 'paths'),
      ['/v1/cert.pem', '/', '/seal.html'].map((path) => ({ path, pathType: 'Exact', backend })),
    );
    assert.equal(at(ingress, 'spec', 'tls', 0, 'hosts', 0), 'seal.example.com');
  });
});
