import type { DefaultNamespace } from '../shared/kubernetes/auth/connect.ts';
import type { CliContext } from './context.ts';
import type { Options } from './flags/options.ts';

/**
 * The namespace for what names none: `--namespace`, else the one that kubectl would take: the context's, in a pod
 * the pod's own. Undefined where nothing says one. The kubeconfig is read only when it comes to that.
 */
export async function assumedNamespace(
  options: Options,
  context: CliContext,
): Promise<DefaultNamespace | undefined> {
  if (options.namespace !== undefined) return { namespace: options.namespace, from: '--namespace' };
  const { defaultNamespace } = await import('../shared/kubernetes/auth/connect.ts');
  return defaultNamespace(options.cluster, context.environment);
}

/** Says which namespace was assumed for what, unless the user named it. */
export function noteAssumed({ namespace, from }: DefaultNamespace, what: string, context: CliContext): void {
  if (from !== '--namespace') {
    context.warn(`(${what}: no namespace: sealing for "${namespace}", from ${from})`);
  }
}
