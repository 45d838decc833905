import { kubeconfigConnection } from '../shared/cluster/kubeconfig.ts';
import { serviceAccountNamespace } from '../shared/cluster/in-cluster.ts';
import type { Context } from './context.ts';
import type { Options } from './options.ts';

/** A namespace that was not in the Secret, and who said it. */
export interface AssumedNamespace {
  readonly namespace: string;
  readonly from: string;
}

/** The namespace that kubectl would take: the context's, in a pod the pod's own; undefined where nothing says one. */
export async function assumedNamespace(
  options: Options,
  context: Context,
): Promise<AssumedNamespace | undefined> {
  const connection = await kubeconfigConnection(
    { file: options.kubeconfig, context: options.context },
    context.environment,
  );
  if (connection) return { namespace: connection.namespace ?? 'default', from: 'the kubeconfig context' };
  const pod = context.environment['POD_NAMESPACE'];
  if (pod) return { namespace: pod, from: 'POD_NAMESPACE' };
  const own = await serviceAccountNamespace();
  return own === undefined ? undefined : { namespace: own, from: "the pod's ServiceAccount" };
}
