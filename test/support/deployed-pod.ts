import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import type { ControllerProcess } from './controller-process.ts';
import { NAME, NAMESPACE, type Installation } from './installation.ts';

/**
 * Acts as the deployment controller and the kubelet for the controller's Deployment, which somebody else installs: waits
 * for it, starts its command with a Service, and reports it as available once it is ready. Returns the controller.
 */
export async function runDeployment(installation: Installation): Promise<ControllerProcess> {
  const { plane } = installation;
  const address = podAddress();
  if (address === null) throw new Error('no address but loopback');
  const deployment = await until('the Deployment', async () => found(installation, NAMESPACE, NAME), 300_000);
  await installation.mountAccount();
  const container = at(deployment, 'spec', 'template', 'spec', 'containers', 0);
  const controller = await installation.startBareController(listAt(container, 'args').map(String));
  const url = await controller.url();
  await plane.publish({
    ...{ namespace: NAMESPACE, service: NAME, address },
    ...{ portName: 'http', port: Number(new URL(url).port), servicePort: 8080 },
  });
  const probe = stringAt(container, 'readinessProbe', 'httpGet', 'path');
  await until('a ready controller', async () => ((await fetch(url + probe)).ok ? true : undefined), 120_000);
  await reportAvailable(installation, NAMESPACE, NAME);
  return controller;
}

/** Writes the status of a Deployment that is rolled out. */
export async function reportAvailable(
  installation: Installation,
  namespace: string,
  name: string,
): Promise<void> {
  const deployment = await found(installation, namespace, name);
  const replicas = at(deployment, 'spec', 'replicas') ?? 1;
  const counts = {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
  const conditions = [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' },
  ];
  const observedGeneration = at(deployment, 'metadata', 'generation');
  const { status } = await installation.plane.request(
    'PATCH',
    `${pathOf(namespace, name)}/status`,
    { status: { observedGeneration, ...counts, conditions } },
    'application/merge-patch+json',
  );
  if (status !== 200) throw new Error(`the status of ${namespace}/${name} is refused with ${status}`);
}

async function found({ plane }: Installation, namespace: string, name: string): Promise<unknown> {
  const { status, body } = await plane.request('GET', pathOf(namespace, name));
  return status === 200 ? body : undefined;
}

function pathOf(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}
