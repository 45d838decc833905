import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../../../shared/api/annotations.ts';
import { REMOVED } from '../../../shared/manifest/splice.ts';
import { SCOPE_ANNOTATIONS } from '../known-scope.ts';
import type { ObjectRule } from '../object.ts';
import { sealedOf } from '../sealed-of.ts';

/** S006: the annotations of two scopes. The wider one counts, which a reader of the narrower one does not expect. */
export const bothScopes: ObjectRule = (object) => {
  const annotations = sealedOf(object)?.metadata.annotations;
  if (annotations === undefined) return [];
  if (!SCOPE_ANNOTATIONS.every((name) => annotations.get(name) === 'true')) return [];
  return [
    {
      rule: 'S006',
      needsAll: true,
      at: ['metadata', 'annotations', NAMESPACE_WIDE],
      message: `the annotation ${NAMESPACE_WIDE} has no effect beside ${CLUSTER_WIDE}`,
      advice:
        'remove it; if the values are not to be unsealed in other namespaces, seal them again with --scope namespace-wide',
      // The scope is cluster-wide before and after.
      fix: new Map([['metadata', new Map([['annotations', new Map([[NAMESPACE_WIDE, REMOVED]])]])]]),
    },
  ];
};
