import { MANAGED } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';

/** The whole of what is wanted; finalizers apply at creation only, and the copy that was decided on stays. */
export function overwritten(want: Secret, have: Secret): Secret {
  const { labels, annotations } = want.metadata;
  const metadata = { ...have.metadata, labels, annotations };
  return { ...want, immutable: immutableOf(want, have), metadata };
}

/** What is wanted, and the labels and annotations of others. */
export function restored(want: Secret, have: Secret): Secret {
  return { ...overwritten(want, have), metadata: withMetadataOf(want, have) };
}

/**
 * A Secret of others, and in it what is wanted. Whether it may be taken over stays its owner's to say: a template's
 * `managed` would be read as the owner's word at the next turn.
 */
export function merged(want: Secret, have: Secret): Secret {
  const annotations = new Map([...want.metadata.annotations].filter(([name]) => name !== MANAGED));
  const wanted = { ...want, metadata: { ...want.metadata, annotations } };
  return { ...have, data: new Map([...have.data, ...want.data]), metadata: withMetadataOf(wanted, have) };
}

/** The same for a Secret that belongs to the SealedSecret, or is taken over. */
export function mergedOwn(want: Secret, have: Secret): Secret {
  return { ...merged(want, have), immutable: immutableOf(want, have) };
}

/** A Secret can become immutable, and never changes back. */
function immutableOf(want: Secret, have: Secret): boolean | undefined {
  return want.immutable === true ? true : have.immutable;
}

function withMetadataOf(want: Secret, have: Secret): Secret['metadata'] {
  return {
    ...have.metadata,
    labels: new Map([...have.metadata.labels, ...want.metadata.labels]),
    annotations: new Map([...have.metadata.annotations, ...want.metadata.annotations]),
  };
}

/** Whether a write would change nothing, but for owners. */
export function isEqual(a: Secret, b: Secret): boolean {
  return (
    sameData(a, b) &&
    typeOf(a) === typeOf(b) &&
    (a.immutable ?? false) === (b.immutable ?? false) &&
    sameMap(a.metadata.labels, b.metadata.labels, (x, y) => x === y) &&
    sameMap(a.metadata.annotations, b.metadata.annotations, (x, y) => x === y)
  );
}

export function sameData(a: Secret, b: Secret): boolean {
  return sameMap(a.data, b.data, (x, y) => x.equals(y));
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

/** The API server takes a Secret without a type for an opaque one. */
export function typeOf(secret: Secret): string {
  return secret.type === '' ? 'Opaque' : secret.type;
}
