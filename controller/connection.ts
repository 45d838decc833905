import { inClusterConnection } from '../shared/kubernetes/auth/in-cluster.ts';
import type { Connection } from '../shared/kubernetes/http/connection.ts';
import { systemClock } from '../shared/clock.ts';
import { fail } from '../shared/kubernetes/errors.ts';
import type { Log } from './log/log.ts';
import type { Options } from './options.ts';

/** The options that say where the API server is. */
export type ConnectionOptions = Pick<Options, 'kubeconfig' | 'context' | 'serviceAccountDir'>;

/**
 * Returns the connection of the pod, or of the kubeconfig if a flag names one or there is no pod. A pod loads no code
 * for kubeconfigs. Throws `NoCluster`, and what is wrong with the kubeconfig.
 */
export async function connect(options: ConnectionOptions, log: Pick<Log, 'warn'>): Promise<Connection> {
  const { kubeconfig, context } = options;
  const inCluster =
    kubeconfig === undefined && context === undefined
      ? await inClusterConnection(process.env, systemClock, { dir: options.serviceAccountDir })
      : null;
  if (inCluster) return inCluster;
  const { connectionFromKubeconfig } = await import('../shared/kubernetes/auth/load-connection.ts');
  const outside = await connectionFromKubeconfig({ kubeconfig, context }, process.env, {
    clock: systemClock,
    warn: (line) => log.warn(line.replace(/^warning: /, '')),
  });
  if (!('nothing' in outside)) return outside;
  return fail({ code: 'NoCluster', reason: `not running in a pod, and ${outside.nothing}` });
}
