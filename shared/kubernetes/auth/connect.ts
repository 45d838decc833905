import { fail } from '../errors.ts';
import { loadKubeconfig } from './kubeconfig/load.ts';
import { contextOf } from './kubeconfig/resolve.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Connection } from '../http/connection.ts';
import type { Host } from './credential-source.ts';
import { inClusterConnection, serviceAccountNamespace } from './in-cluster.ts';
import { connectionFromKubeconfig, timeoutOf } from './load-connection.ts';

/** The default time limit of a request, in ms. kubectl has none. */
const TIME_LIMIT = 60_000;

/**
 * Returns the connection of a command-line program: from the kubeconfig and the flags, or from the pod that it runs in.
 * Throws `NoCluster`, and the errors of `connectionFromKubeconfig`.
 */
export async function connect(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
  host: Host,
): Promise<Connection> {
  const external = await connectionFromKubeconfig(overrides, environment, host);
  if (!('nothing' in external)) return { ...external, timeout: external.timeout ?? TIME_LIMIT };
  const inCluster = await inClusterConnection(environment, host.clock, { overrides });
  if (inCluster) return { ...inCluster, timeout: timeoutOf(overrides) ?? TIME_LIMIT };
  return fail({
    code: 'NoCluster',
    reason: `${external.nothing}, and this is not a pod`,
  });
}

/** A namespace that the user did not name. */
export interface DefaultNamespace {
  readonly namespace: string;
  /** The source of the namespace, for messages. */
  readonly from: string;
}

/**
 * Returns the namespace that kubectl would use: the context's, the pod's own, or `default`. Returns undefined if there
 * is neither a kubeconfig nor a pod. Reads the context only, so that no credentials are needed. Throws the errors of
 * `loadKubeconfig` and `contextOf`.
 */
export async function defaultNamespace(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
): Promise<DefaultNamespace | undefined> {
  const loaded = await loadKubeconfig(overrides.kubeconfig, environment);
  const context = contextOf(loaded, overrides);
  if (context.namespace !== '') return { namespace: context.namespace, from: 'the kubeconfig context' };
  const cluster = overrides.server || overrides.cluster || context.cluster;
  if (!cluster || environment['KUBERNETES_SERVICE_HOST']) {
    const pod = await podNamespace(environment);
    if (pod !== undefined || !cluster) return pod;
  }
  return { namespace: 'default', from: context.cluster ? 'the kubeconfig context' : 'the default' };
}

async function podNamespace(environment: NodeJS.ProcessEnv): Promise<DefaultNamespace | undefined> {
  const fromEnvironment = environment['POD_NAMESPACE'];
  if (fromEnvironment) return { namespace: fromEnvironment, from: 'POD_NAMESPACE' };
  const own = await serviceAccountNamespace();
  return own === undefined ? undefined : { namespace: own, from: "the pod's ServiceAccount" };
}
