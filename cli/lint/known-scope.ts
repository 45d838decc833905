import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../../shared/api/annotations.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import { hasPlaceholder } from './placeholders.ts';

/** The annotations that set a scope. */
export const SCOPE_ANNOTATIONS = [CLUSTER_WIDE, NAMESPACE_WIDE] as const;

/** Returns the scope that annotations set. Undefined if a placeholder decides it. */
export function knownScope(annotations: ReadonlyMap<string, string>): Scope | undefined {
  const isOpen = SCOPE_ANNOTATIONS.some((name) => hasPlaceholder(annotations.get(name) ?? ''));
  return isOpen ? undefined : scopeOf(annotations);
}
