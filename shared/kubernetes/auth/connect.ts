import type { Clock } from '../../clock.ts';
import { fail } from '../../errors.ts';
import { loadKubeconfig } from './kubeconfig/load.ts';
import { contextOf } from './kubeconfig/resolve.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Connection } from '../http/connection.ts';
import { inClusterConnection, serviceAccountNamespace } from './in-cluster.ts';
import { connectionFromKubeconfig, timeoutOf } from './load-connection.ts';

/** A command at a terminal does not wait for ever, as kubectl does: in milliseconds. */
const TIME_LIMIT = 60_000;

/**
 * The cluster as a command at a terminal finds it: by kubeconfig and flags, else by the pod it runs in. Throws
 * `NoCluster`, and whatever `connectionFrom` throws.
 */
export async function connect(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
  clock: Clock,
): Promise<Connection> {
  const found = await connectionFromKubeconfig(overrides, environment, clock);
  if (!('nothing' in found)) return { ...found, timeout: found.timeout ?? TIME_LIMIT };
  const own = await inClusterConnection(environment, clock, undefined, overrides);
  if (own) return { ...own, timeout: timeoutOf(overrides) ?? TIME_LIMIT };
  return fail({
    code: 'NoCluster',
    reason: `${found.nothing}, and this is no pod (to seal without one, give --cert FILE)`,
  });
}

/** A namespace that nobody gave, and who says it. */
export interface DefaultNamespace {
  readonly namespace: string;
  readonly from: string;
}

/**
 * The namespace that kubectl would take: the context's, in a pod the pod's own, else `default`; undefined where there
 * is neither kubeconfig nor pod. Nothing but the context is read for it, so that it is there without credentials too.
 */
export async function defaultNamespace(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
): Promise<DefaultNamespace | undefined> {
  const loaded = await loadKubeconfig(overrides.kubeconfig, environment);
  const context = contextOf(loaded, overrides);
  if (context.namespace !== '') return { namespace: context.namespace, from: 'the kubeconfig context' };
  const named = overrides.server || overrides.cluster || context.cluster;
  if (!named || environment['KUBERNETES_SERVICE_HOST']) {
    const pod = await podNamespace(environment);
    if (pod !== undefined || !named) return pod;
  }
  return { namespace: 'default', from: context.cluster ? 'the kubeconfig context' : 'the usual one' };
}

async function podNamespace(environment: NodeJS.ProcessEnv): Promise<DefaultNamespace | undefined> {
  const named = environment['POD_NAMESPACE'];
  if (named) return { namespace: named, from: 'POD_NAMESPACE' };
  const own = await serviceAccountNamespace();
  return own === undefined ? undefined : { namespace: own, from: "the pod's ServiceAccount" };
}
