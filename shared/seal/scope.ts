import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../api/annotations.ts';
import { checkLabelPart } from '../api/metadata.ts';
import { inside, type Place } from '../api/place.ts';
import { utf8Bytes } from '../bytes.ts';
import type { Label } from '../crypto/envelope.ts';

/** Where a ciphertext can be used: under its own name and namespace, in its namespace, or anywhere. */
export type Scope = 'strict' | 'namespace-wide' | 'cluster-wide';

/** All scopes, from narrow to wide. */
export const SCOPES: readonly Scope[] = ['strict', 'namespace-wide', 'cluster-wide'];

/** Whether a scope is wider than another one. */
export function isWider(scope: Scope, other: Scope): boolean {
  return SCOPES.indexOf(scope) > SCOPES.indexOf(other);
}

const ANNOTATION: Record<Scope, string | undefined> = {
  strict: undefined,
  'namespace-wide': NAMESPACE_WIDE,
  'cluster-wide': CLUSTER_WIDE,
};

/**
 * Returns the scope that an object's own annotations set. Only the value "true" counts, and cluster-wide takes
 * precedence. Never pass the annotations of `spec.template` (CVE-2026-22728).
 */
export function scopeOf(annotations: ReadonlyMap<string, string>): Scope {
  if (annotations.get(CLUSTER_WIDE) === 'true') return 'cluster-wide';
  return annotations.get(NAMESPACE_WIDE) === 'true' ? 'namespace-wide' : 'strict';
}

/** Returns the annotations that set a scope; none for strict. */
export function scopeAnnotations(scope: Scope): Map<string, string> {
  const annotation = ANNOTATION[scope];
  return new Map(annotation === undefined ? [] : [[annotation, 'true']]);
}

/** Returns a copy of the annotations with the scope replaced. */
export function withScope(annotations: ReadonlyMap<string, string>, scope: Scope): Map<string, string> {
  const others = [...annotations].filter(([name]) => name !== CLUSTER_WIDE && name !== NAMESPACE_WIDE);
  return new Map([...others, ...scopeAnnotations(scope)]);
}

/** The name and the namespace that a ciphertext is for. */
export interface LabeledObject {
  readonly name: string;
  readonly namespace: string;
}

/** Returns the text of the label of an object at a scope: `NAMESPACE/NAME`, `NAMESPACE`, or empty. Checks nothing. */
export function labelText(scope: Scope, { name, namespace }: LabeledObject): string {
  if (scope === 'cluster-wide') return '';
  return scope === 'namespace-wide' ? namespace : `${namespace}/${name}`;
}

/**
 * Returns the OAEP label of an object at a scope, in UTF-8: `NAMESPACE/NAME`, `NAMESPACE`, or empty. Throws `BadName`
 * if a part that the scope needs is empty or contains a `/`, so that no two objects share a label.
 *
 * @param place the source of the object, for the error
 */
export function labelFor(scope: Scope, object: LabeledObject, place: Place): Label {
  const metadata = inside(place, 'metadata');
  if (scope !== 'cluster-wide') checkLabelPart(object.namespace, inside(metadata, 'namespace'));
  if (scope === 'strict') checkLabelPart(object.name, inside(metadata, 'name'));
  return utf8Bytes(labelText(scope, object)) as Label;
}
