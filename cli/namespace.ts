import type { DefaultNamespace } from '../shared/cluster/connect.ts';
import type { Context } from './context.ts';
import type { Options } from './options.ts';

/**
 * The namespace for what names none: `--namespace`, else the one that kubectl would take: the context's, in a pod
 * the pod's own. Undefined where nothing says one. The kubeconfig is read only when it comes to that.
 */
export async function assumedNamespace(
  options: Options,
  context: Context,
): Promise<DefaultNamespace | undefined> {
  if (options.namespace !== undefined) return { namespace: options.namespace, from: '--namespace' };
  const { defaultNamespace } = await import('../shared/cluster/connect.ts');
  return defaultNamespace(options.cluster, context.environment);
}

/** Says which namespace was assumed for what, unless the user named it. */
export function noteAssumed({ namespace, from }: DefaultNamespace, what: string, context: Context): void {
  if (from !== '--namespace') {
    context.note(`(${what}: no namespace: sealing for "${namespace}", from ${from})`);
  }
}
