import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../../../shared/api/annotations.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import { knownScope } from '../known-scope.ts';
import type { ObjectRule } from '../object.ts';
import { sealedOf } from '../sealed-of.ts';

/** S009: a wider scope than the repository allows. */
export const scopeTooWide: ObjectRule = (object, { maxScope }) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const scope = knownScope(sealed.metadata.annotations);
  if (scope === undefined || SCOPES.indexOf(scope) <= SCOPES.indexOf(maxScope)) return [];
  return [
    {
      rule: 'S009',
      at: ['metadata', 'annotations', scope === 'cluster-wide' ? CLUSTER_WIDE : NAMESPACE_WIDE],
      message: `the scope is ${scope}, and .kubeseal.yaml allows at most ${maxScope}`,
      advice: `seal the values again with --scope ${maxScope}: removing the annotation is not enough`,
    },
  ];
};
