import type { Clock } from '../clock.ts';
import { fail } from '../errors.ts';
import type { Connection } from './connection.ts';
import { inClusterConnection } from './in-cluster.ts';
import { kubeconfigConnection, type KubeconfigOptions } from './kubeconfig.ts';

/** The cluster as a command at a terminal finds it: by kubeconfig, else by the pod it runs in. Throws `NoCluster`. */
export async function connect(
  options: KubeconfigOptions,
  environment: NodeJS.ProcessEnv,
  clock: Clock,
): Promise<Connection> {
  return (
    (await kubeconfigConnection(options, environment)) ??
    (await inClusterConnection(environment, clock)) ??
    fail({
      code: 'NoCluster',
      reason: 'there is no kubeconfig, and this is no pod (to seal without one, give --cert FILE)',
    })
  );
}
