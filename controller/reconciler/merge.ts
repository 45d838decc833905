import { compareBytes } from '../../shared/bytes.ts';
import { MANAGED } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';

/**
 * Returns the desired content with the existing Secret's identity and version. Finalizers stay as they are, since a
 * template sets them only at creation.
 */
export function overwrite(desired: Secret, existing: Secret): Secret {
  const { labels, annotations } = desired.metadata;
  const metadata = { ...existing.metadata, labels, annotations };
  return { ...desired, immutable: immutableOf(desired, existing), metadata };
}

/** Returns the desired content, plus the existing labels and annotations that it does not name. */
export function restore(desired: Secret, existing: Secret): Secret {
  return { ...overwrite(desired, existing), metadata: mergedMetadata(desired, existing) };
}

/**
 * Returns the existing Secret with the desired items, labels and annotations added, except for `managed`: at the next
 * reconcile it would count as permission by the Secret's owner to adopt it.
 */
export function merge(desired: Secret, existing: Secret): Secret {
  const annotations = new Map([...desired.metadata.annotations].filter(([name]) => name !== MANAGED));
  const allowed = { ...desired, metadata: { ...desired.metadata, annotations } };
  return {
    ...existing,
    data: new Map([...existing.data, ...desired.data]),
    metadata: mergedMetadata(allowed, existing),
  };
}

/** Returns the same as `merge` for a Secret that is owned or adopted, which the template can also make immutable. */
export function mergeOwned(desired: Secret, existing: Secret): Secret {
  return { ...merge(desired, existing), immutable: immutableOf(desired, existing) };
}

/** A Secret can become immutable, but not mutable again. */
function immutableOf(desired: Secret, existing: Secret): boolean | undefined {
  return desired.immutable === true ? true : existing.immutable;
}

function mergedMetadata(desired: Secret, existing: Secret): Secret['metadata'] {
  return {
    ...existing.metadata,
    labels: new Map([...existing.metadata.labels, ...desired.metadata.labels]),
    annotations: new Map([...existing.metadata.annotations, ...desired.metadata.annotations]),
  };
}

/** Whether two Secrets are equal in all fields that the controller writes, apart from owners. */
export function isEqual(a: Secret, b: Secret): boolean {
  return (
    sameData(a, b) &&
    typeOf(a) === typeOf(b) &&
    (a.immutable ?? false) === (b.immutable ?? false) &&
    sameMap(a.metadata.labels, b.metadata.labels, (x, y) => x === y) &&
    sameMap(a.metadata.annotations, b.metadata.annotations, (x, y) => x === y)
  );
}

/** Whether two Secrets have the same items with the same values. */
export function sameData(a: Secret, b: Secret): boolean {
  return sameMap(a.data, b.data, (x, y) => compareBytes(x, y) === 0);
}

function sameMap<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  same: (x: T, y: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !same(value, other)) return false;
  }
  return true;
}

/** Returns the type of a Secret. The API server stores a Secret without one as `Opaque`. */
export function typeOf(secret: Secret): string {
  return secret.type === '' ? 'Opaque' : secret.type;
}
