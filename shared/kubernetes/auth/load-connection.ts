import { loadKubeconfig } from './kubeconfig/load.ts';
import { parseTimeout } from './kubeconfig/duration.ts';
import { resolveContext, contextOf } from './kubeconfig/resolve.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Connection } from '../http/connection.ts';
import type { Host } from './credential-source.ts';
import { Credentials } from './credentials.ts';
import { environmentProxy, parseProxy } from '../http/proxy.ts';
import { systemRoots } from '../http/system-roots.ts';

/**
 * Returns the connection that the kubeconfig and the flags describe. If they name no cluster, returns the reason in
 * `nothing`; a pod can then use its ServiceAccount. Throws `BadKubeconfig`, `BadProxy`, and `Usage` for what kubectl
 * refuses.
 */
export async function connectionFromKubeconfig(
  overrides: Overrides,
  environment: NodeJS.ProcessEnv,
  host: Host,
): Promise<Connection | { readonly nothing: string }> {
  const loaded = await loadKubeconfig(overrides.kubeconfig, environment);
  const resolved = resolveContext(loaded, overrides);
  if ('nothing' in resolved) return resolved;
  const { server, cluster } = resolved;
  const credentials = new Credentials(resolved, environment, host);
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

/** Returns `--request-timeout` in ms: undefined if it is not given, infinite if it is 0. Throws `Usage`. */
export function timeoutOf({ requestTimeout }: Overrides): number | undefined {
  if (!requestTimeout) return undefined;
  return parseTimeout(requestTimeout) || Infinity;
}
