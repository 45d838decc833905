import type { DefaultNamespace } from '../../shared/kubernetes/auth/connect.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions, NameOptions } from '../flags/options.ts';

/**
 * Returns the namespace for objects without one: `--namespace`, else the one that kubectl would use (the context's, or in
 * a pod the pod's own). Undefined if there is none. Reads the kubeconfig only without `--namespace`.
 */
export async function resolveNamespace(
  { namespace, cluster }: Pick<NameOptions, 'namespace'> & Pick<ControllerOptions, 'cluster'>,
  context: CliContext,
): Promise<DefaultNamespace | undefined> {
  if (namespace !== undefined) return { namespace, from: '--namespace' };
  const { defaultNamespace } = await import('../../shared/kubernetes/auth/connect.ts');
  return defaultNamespace(cluster, context.environment);
}

/** Warns which namespace is used for `what`, unless it comes from `--namespace`. */
export function warnOfAssumedNamespace(
  { namespace, from }: DefaultNamespace,
  what: string,
  context: CliContext,
): void {
  if (from !== '--namespace') {
    context.warn(`(${what}: no namespace specified; sealing for "${namespace}", from ${from})`);
  }
}
