import { showPlace, type Place } from '../../shared/api/place.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { clusterWideNote } from '../../shared/input/cluster-wide.ts';
import { isWider, scopeOf, type Scope } from '../../shared/seal/scope.ts';
import { fail } from '../errors.ts';
import type { SealingOptions } from '../flags/options.ts';

/**
 * Returns the scope to seal with. As in the reference, the annotations decide without `--scope` and with `--scope strict`.
 * Without all of these, `.kubeseal.yaml` decides.
 */
export function effectiveScope(
  secret: Secret,
  { scope, scopes }: Pick<SealingOptions, 'scope' | 'scopes'>,
): Scope {
  if (scope !== undefined && scope !== 'strict') return scope;
  const own = scopeOf(secret.metadata.annotations);
  return own === 'strict' && scope === undefined ? (scopes?.scope ?? own) : own;
}

/** Refuses to seal with a wider scope than `.kubeseal.yaml` allows. Throws `ScopeTooWide`. */
export function refuseWiderScope(
  scope: Scope,
  { scopes }: Pick<SealingOptions, 'scopes'>,
  place: Place,
): void {
  const maxScope = scopes?.maxScope;
  if (scopes === undefined || maxScope === undefined || !isWider(scope, maxScope)) return;
  fail({ code: 'ScopeTooWide', at: showPlace(place), scope, maxScope, file: scopes.file });
}

/** Returns what to print about a cluster-wide object. */
export function clusterWideWarning(at: string): string {
  return `(${clusterWideNote(at)})`;
}
