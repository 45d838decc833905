import { SCOPE_ANNOTATIONS } from '../known-scope.ts';
import type { ObjectRule } from '../object.ts';
import { hasPlaceholder } from '../placeholders.ts';
import { sealedOf } from '../sealed-of.ts';

/**
 * S007: a scope annotation that only the template has. The reference writes it to both places, and only the one in
 * metadata counts (CVE-2026-22728).
 */
export const scopeOnTemplate: ObjectRule = (object) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const own = sealed.metadata.annotations;
  const { annotations } = sealed.template.metadata;
  return SCOPE_ANNOTATIONS.filter(
    (name) =>
      annotations.get(name) === 'true' && own.get(name) !== 'true' && !hasPlaceholder(own.get(name) ?? ''),
  ).map((name) => ({
    rule: 'S007',
    needsAll: true,
    at: ['spec', 'template', 'metadata', 'annotations', name],
    message: `the annotation ${name} has no effect on the template`,
    advice:
      'move it to metadata.annotations if the values were sealed with this scope, and remove it otherwise',
  }));
};
