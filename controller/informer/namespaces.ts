import type { Api } from '../../shared/kubernetes/api/api.ts';
import { failureOf } from '../../shared/errors.ts';
import { failureFields, type Log } from '../log/log.ts';

export interface NamespaceFlags {
  readonly allNamespaces: boolean;
  readonly additionalNamespaces: readonly string[];
}

/** The namespaces to take care of; undefined: all of them. */
export function namespacesOf(scope: NamespaceFlags, own: string): readonly string[] | undefined {
  const { allNamespaces, additionalNamespaces } = scope;
  if (additionalNamespaces.length > 0) return [...new Set([own, ...additionalNamespaces])];
  return allNamespaces ? undefined : [own];
}

/**
 * Logs each namespace that was asked for and does not exist: a list of its objects is answered like any other. Looks
 * them up one at a time, beside the watches, which need no answer.
 */
export async function logMissingNamespaces(
  api: Api,
  namespaces: readonly string[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (const namespace of namespaces) {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
      const { status } = await api.transport.request({ method: 'GET', path, signal });
      if (status === 404) log.info('a namespace is taken care of as soon as it is there', { namespace });
    } catch (error) {
      if (signal.aborted) return;
      log.warn('a namespace was not looked up', {
        namespace,
        ...failureFields(failureOf(error, 'namespaces')),
      });
    }
  }
}
