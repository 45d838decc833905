import { fullName, type Metadata } from '../../shared/api/metadata.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import { visible } from '../../shared/text.ts';

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

/** Describes where a SealedSecret can be unsealed. */
export function placeWords({ scope, name, namespace }: SealedPlace): string {
  const under = name === null ? 'under any name' : `only under the name "${visible(name)}"`;
  return `${under} ${namespaceWords(namespace)} (scope ${scope})`;
}

function namespaceWords(namespace: string | null): string {
  if (namespace === null) return 'in any namespace';
  return namespace === ''
    ? 'in the namespace that it was sealed for, which the file does not name'
    : `in the namespace "${visible(namespace)}"`;
}

/** Returns the name of a SealedSecret as a line can show it. */
export function titleOf(metadata: Pick<Metadata, 'name' | 'namespace'>): string {
  return visible(fullName(metadata));
}
