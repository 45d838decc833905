import type { Clock } from '../../clock.ts';
import { loadKubeconfig } from './kubeconfig/load.ts';
import { parseTimeout } from './kubeconfig/duration.ts';
import { resolveContext, contextOf } from './kubeconfig/resolve.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Connection } from '../http/connection.ts';
import { Credentials } from './credentials.ts';
import { environmentProxy, parseProxy } from '../http/proxy.ts';
import { systemRoots } from '../http/system-roots.ts';

/**
 * The connection that kubeconfig and flags describe, or why they describe none: then a pod has its own. Throws for
 * whatever kubectl would refuse.
 */
export async function connectionFromKubeconfig(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
  clock: Clock,
): Promise<Connection | { readonly nothing: string }> {
  const loaded = await loadKubeconfig(overrides.kubeconfig, environment);
  const chosen = resolveContext(loaded, overrides);
  if ('nothing' in chosen) return chosen;
  const { server, cluster } = chosen;
  const credentials = new Credentials(chosen, environment, clock);
  return {
    server,
    namespace: contextOf(loaded, overrides).namespace || undefined,
    proxy:
      cluster.proxyUrl === ''
        ? environmentProxy(new URL(server), environment)
        : parseProxy(cluster.proxyUrl, 'proxy-url'),
    roots: systemRoots(environment),
    timeout: timeoutOf(overrides),
    access: () => credentials.access(),
    renew: (refused) => credentials.renew(refused),
    renewTrust: (refused) => credentials.renewTrust(refused),
  };
}

/** In milliseconds; undefined where none is asked for, and infinite where there shall be none. */
export function timeoutOf({ requestTimeout }: Overrides): number | undefined {
  if (!requestTimeout) return undefined;
  return parseTimeout(requestTimeout) || Infinity;
}
