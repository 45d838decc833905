import type { Secret } from '../../shared/api/secret.ts';
import { clusterWideNote } from '../../shared/input/cluster-wide.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import type { SealingOptions } from '../flags/options.ts';

/** Returns the scope to seal with. As in the reference, `--scope strict` equals no flag: the annotations decide. */
export function effectiveScope(secret: Secret, { scope }: Pick<SealingOptions, 'scope'>): Scope {
  return scope === undefined || scope === 'strict' ? scopeOf(secret.metadata.annotations) : scope;
}

/** Returns what to print about a cluster-wide object. */
export function clusterWideWarning(at: string): string {
  return `(${clusterWideNote(at)})`;
}
