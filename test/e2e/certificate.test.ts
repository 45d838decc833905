import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { kubeseal } from '../support/run.ts';
import { Setup } from '../support/setup.ts';

const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
let kubeconfig: string;

const setup = new Setup(async () => {
  const { plane } = setup;
  kubeconfig = plane.kubeconfigFor(await plane.newServiceAccountToken('default', 'developer'));
  await plane.publish({
    namespace: NAMESPACE,
    service: NAME,
    port: await freePort(),
    portName: 'http',
    address: podAddress() ?? '10.77.0.1',
  });
});

/** Asserts that kubeseal cannot get the certificate, and prints one line with the reason and nothing else. */
async function refused(config: string, args: readonly string[], words: RegExp): Promise<void> {
  const { code, stdout, stderr } = await kubeseal([...args, '--kubeconfig', config], { stdin: SECRET });
  assert.match(stderr, words);
  assert.equal(stderr.split('\n').length, 2);
  assert.deepEqual([code, stdout], [1, '']);
}

suite('kubeseal says why it cannot fetch the certificate:', () => {
  test('the Service does not exist', () =>
    refused(
      setup.plane.kubeconfig,
      ['--controller-name', 'nosuch', '--controller-namespace', 'default'],
      /^error: cannot get sealed secret service: no Service "nosuch" in namespace "default": set --controller-name and --controller-namespace, or use --cert FILE\n$/,
    ));

  test('the user has no right to it', () =>
    refused(
      kubeconfig,
      ['--controller-name', 'kubernetes', '--controller-namespace', 'default'],
      /^error: cannot get sealed secret service: default\/kubernetes: the API server refused to get Service default\/kubernetes: 403 Forbidden; the key record default\/sealed-secrets-keys is not available either: the API server refused to get ConfigMap default\/sealed-secrets-keys: 403 Forbidden\n$/,
    ));

  test('the token is not valid', () =>
    refused(
      setup.plane.kubeconfigFor('hunter2-canary'),
      [],
      /^error: cannot get sealed secret service: kube-system\/sealed-secrets-controller: the API server refused to get Service kube-system\/sealed-secrets-controller: 401 Unauthorized\n$/,
    ));

  test('no process listens at the address', () =>
    refused(
      kubeconfig,
      [],
      /^error: cannot fetch certificate: kube-system\/sealed-secrets-controller: unavailable \(503\): the controller is not ready or has no sealing key yet; the key record kube-system\/sealed-secrets-keys is not available either: there is no such ConfigMap\n$/,
    ));

  test('the API server does not answer', async () => {
    await setup.plane.stopApiServer();
    await refused(
      kubeconfig,
      [],
      /^error: cannot get sealed secret service: kube-system\/sealed-secrets-controller: cannot reach https:\/\/127\.0\.0\.1:\d+: connection refused\n$/,
    );
  });
});
