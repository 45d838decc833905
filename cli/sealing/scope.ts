import type { Secret } from '../../shared/api/secret.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import type { SealingOptions } from '../flags/options.ts';

/** Returns the scope to seal with. As in the reference, `--scope strict` equals no flag: the annotations decide. */
export function effectiveScope(secret: Secret, { scope }: Pick<SealingOptions, 'scope'>): Scope {
  return scope === undefined || scope === 'strict' ? scopeOf(secret.metadata.annotations) : scope;
}

/** Who can unseal what has the scope cluster-wide, for a warning. */
export function clusterWideWarning(at: string): string {
  return `(${at}: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there)`;
}
