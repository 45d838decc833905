import type { Api } from '../../shared/kubernetes/api/api.ts';
import { failureOf } from '../../shared/errors.ts';
import { failureFields, type Log } from '../log/log.ts';

/** The flags that determine which namespaces to watch. */
export interface NamespaceFlags {
  readonly allNamespaces: boolean;
  readonly additionalNamespaces: readonly string[];
}

/**
 * Returns the namespaces to watch, or undefined for all of them.
 *
 * @param own the namespace of the controller
 */
export function watchedNamespaces(flags: NamespaceFlags, own: string): readonly string[] | undefined {
  const { allNamespaces, additionalNamespaces } = flags;
  if (additionalNamespaces.length > 0) return [...new Set([own, ...additionalNamespaces])];
  return allNamespaces ? undefined : [own];
}

/** Options of `logMissingNamespaces`. */
export interface NamespaceCheckOptions {
  readonly api: Api;
  readonly namespaces: readonly string[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Logs each of the namespaces that does not exist. Listing objects in a missing namespace returns an empty list and no
 * error, so a typo would go unnoticed. Looks the namespaces up one at a time, and logs failures instead of throwing.
 */
export async function logMissingNamespaces({
  api,
  namespaces,
  log,
  signal,
}: NamespaceCheckOptions): Promise<void> {
  for (const namespace of namespaces) {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
      const { status } = await api.transport.request({ method: 'GET', path, signal });
      if (status === 404) log.info('namespace not found; it will be watched once it exists', { namespace });
    } catch (error) {
      if (signal.aborted) return;
      log.warn('failed to look up namespace', {
        namespace,
        ...failureFields(failureOf(error, 'namespaces')),
      });
    }
  }
}
