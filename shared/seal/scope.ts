import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../api/annotations.ts';
import { checkLabelPart } from '../api/metadata.ts';
import { inside, type Place } from '../api/place.ts';
import type { Label } from '../crypto/envelope.ts';

/** How widely a ciphertext may be used: under its own name and namespace, in its namespace, or anywhere. */
export type Scope = 'strict' | 'namespace-wide' | 'cluster-wide';

export const SCOPES: readonly Scope[] = ['strict', 'namespace-wide', 'cluster-wide'];

const ANNOTATION: Record<Scope, string | undefined> = {
  strict: undefined,
  'namespace-wide': NAMESPACE_WIDE,
  'cluster-wide': CLUSTER_WIDE,
};

/**
 * The scope that an object's own annotations give: exactly "true", and cluster-wide wins. It is never read from
 * `spec.template` (CVE-2026-22728).
 */
export function scopeOf(annotations: ReadonlyMap<string, string>): Scope {
  if (annotations.get(CLUSTER_WIDE) === 'true') return 'cluster-wide';
  return annotations.get(NAMESPACE_WIDE) === 'true' ? 'namespace-wide' : 'strict';
}

/** The annotations of a scope: none for strict. */
export function scopeAnnotations(scope: Scope): Map<string, string> {
  const annotation = ANNOTATION[scope];
  return new Map(annotation === undefined ? [] : [[annotation, 'true']]);
}

/** The same annotations under another scope. */
export function withScope(annotations: ReadonlyMap<string, string>, scope: Scope): Map<string, string> {
  const others = [...annotations].filter(([name]) => name !== CLUSTER_WIDE && name !== NAMESPACE_WIDE);
  return new Map([...others, ...scopeAnnotations(scope)]);
}

/**
 * The OAEP label of a place: `NAMESPACE/NAME`, `NAMESPACE` or nothing, as UTF-8. Throws `BadName` where a part that
 * the scope needs is empty or contains a `/`, so that two places never share a label.
 */
export function labelFor(
  scope: Scope,
  object: { readonly name: string; readonly namespace: string },
  place: Place,
): Label {
  const metadata = inside(place, 'metadata');
  if (scope === 'cluster-wide') return asLabel('');
  checkLabelPart(object.namespace, inside(metadata, 'namespace'));
  if (scope === 'namespace-wide') return asLabel(object.namespace);
  checkLabelPart(object.name, inside(metadata, 'name'));
  return asLabel(`${object.namespace}/${object.name}`);
}

function asLabel(text: string): Label {
  return Buffer.from(text, 'utf8') as Label;
}
