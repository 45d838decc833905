import type { SealedSecret } from '../api/sealed-secret.ts';
import { scopeOf, type Scope } from '../seal/scope.ts';

/** Where a SealedSecret can be unsealed. */
export interface SealedPlace {
  readonly scope: Scope;
  /** The only name; null if any name will do. */
  readonly name: string | null;
  /** The only namespace; null if any namespace will do. Empty if the file does not say which one it is. */
  readonly namespace: string | null;
}

/** Returns where a SealedSecret can be unsealed, as its own scope, name and namespace say. */
export function placeOf({ metadata }: Pick<SealedSecret, 'metadata'>): SealedPlace {
  const scope = scopeOf(metadata.annotations);
  return {
    scope,
    name: scope === 'strict' ? metadata.name : null,
    namespace: scope === 'cluster-wide' ? null : metadata.namespace,
  };
}
