import type { Secret } from '../shared/api/secret.ts';
import { scopeOf, type Scope } from '../shared/seal/scope.ts';
import type { Options } from './flags/options.ts';

/** The wide flags replace the Secret's annotations; `strict` equals no flag: the annotations decide. */
export function effectiveScope(secret: Secret, { scope }: Options): Scope {
  return scope === undefined || scope === 'strict' ? scopeOf(secret.metadata.annotations) : scope;
}
