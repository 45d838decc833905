import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { Installation, NAMESPACE } from '../support/installation.ts';
import { until } from '../control-plane/until.ts';
import { expect, type Narrator } from './narrator.ts';
import { digest, recover } from './offline.ts';
import { DOCKER_CONFIG, excerpt, PULL_SECRET, seal } from './pull-secret.ts';

const SECRETS = '/api/v1/namespaces/shop/secrets';
const SEALED_SECRET = '/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/pull-secret';

/** Runs the complete demo: a cluster's API, the controller beside it, a Secret through Git and back. */
export async function wholeDemo(folder: string, narrator: Narrator): Promise<void> {
  const installation = await Installation.start({ say: (line) => console.log(line) });
  try {
    const { plane } = installation;
    narrator.done(
      `kube-apiserver and etcd run at ${plane.server}; the CRD and the controller's rights are installed`,
    );

    const controller = await installation.startReadyController(['--key-size', '4096']);
    narrator.done(
      `the controller runs as its ServiceAccount (pid ${controller.pid}) and has made its sealing key`,
    );

    const sealed = await sealedFile(folder, installation, await controller.url(), narrator);
    await applied(sealed, installation, narrator);
    const key = await savedKey(folder, installation, narrator);
    const code = await controller.stop();
    expect(code === 0, `the controller stopped with ${String(code)}:\n${controller.output}`);
    narrator.done('SIGTERM: the controller has stopped');
    await recover(sealed, key, narrator);
  } finally {
    await installation.stop();
  }
  narrator.done('everything that was started is stopped, and its files are removed');
}

/** Seals the pull Secret with the certificate from the cluster, and returns the file. */
async function sealedFile(
  folder: string,
  { plane }: Installation,
  url: string,
  narrator: Narrator,
): Promise<string> {
  const secret = join(folder, 'secret.yaml');
  const sealed = join(folder, 'sealed.yaml');
  await writeFile(secret, PULL_SECRET);
  narrator.show(
    `secret.yaml: type kubernetes.io/dockerconfigjson, its login: sha256 ${digest(DOCKER_CONFIG)}`,
  );
  // Without an address that the API server accepts for a pod, fetch the certificate from the controller itself.
  const certificate = podAddress() === null ? ['--cert', `${url}/v1/cert.pem`] : [];
  const args = ['-f', secret, '-w', sealed, '--scope', 'cluster-wide', ...certificate];
  await seal(args, '', { KUBECONFIG: plane.kubeconfig });
  narrator.done('kubeseal -f secret.yaml -w sealed.yaml --scope cluster-wide: safe to commit');
  narrator.show(excerpt(await readFile(sealed, 'utf8')));
  return sealed;
}

async function applied(sealed: string, { plane }: Installation, narrator: Narrator): Promise<void> {
  await plane.apply('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n');
  await plane.apply(await readFile(sealed, 'utf8'));
  const condition = await until('the condition Synced', async () => {
    const { body } = await plane.request('GET', SEALED_SECRET);
    return listAt(body, 'status', 'conditions')[0];
  });
  expect(at(condition, 'status') === 'True', `not synced: ${stringAt(condition, 'message')}`);
  narrator.done('kubectl apply -f sealed.yaml: Synced is True');

  const first = await secretOf(plane);
  narrator.done(`Secret shop/pull-secret is there: ${first.summary}`);

  await plane.request('DELETE', `${SECRETS}/pull-secret`);
  const second = await until('the Secret after its deletion', async () => {
    const again = await secretOf(plane).catch(() => undefined);
    return again?.uid === first.uid ? undefined : again;
  });
  narrator.done(`kubectl delete secret pull-secret: it is back, recreated: ${second.summary}`);
}

async function secretOf(plane: Installation['plane']): Promise<{ uid: string; summary: string }> {
  const { body } = await plane.request('GET', `${SECRETS}/pull-secret`);
  const data = stringAt(body, 'data', '.dockerconfigjson');
  expect(data === DOCKER_CONFIG, 'the Secret is not the one that was sealed');
  expect(stringAt(body, 'type') === 'kubernetes.io/dockerconfigjson', 'the Secret has another type');
  return { uid: stringAt(body, 'metadata', 'uid'), summary: `login sha256 ${digest(data)}` };
}

/** Adds the kind, which the items of a list do not have. */
function secretDocument(secret: unknown): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: at(secret, 'metadata'),
    type: at(secret, 'type'),
    data: at(secret, 'data'),
  };
}

/** Saves the sealing key in the form of `kubectl get secret -o yaml`, and returns the file. */
async function savedKey(folder: string, { plane }: Installation, narrator: Narrator): Promise<string> {
  const selector = encodeURIComponent('sealedsecrets.bitnami.com/sealed-secrets-key');
  const { body } = await plane.request(
    'GET',
    `/api/v1/namespaces/${NAMESPACE}/secrets?labelSelector=${selector}`,
  );
  const secret = listAt(body, 'items')[0];
  const file = join(folder, 'sealing-key.yaml');
  await writeFile(file, dump(secretDocument(secret)), { mode: 0o600 });
  narrator.done(
    `the sealing key is saved: kubectl get secret -n ${NAMESPACE} ${stringAt(secret, 'metadata', 'name')} -o yaml`,
  );
  return file;
}
