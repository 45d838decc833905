import { counted, joined, visible } from '../../shared/text.ts';
import type { ObjectSummary, Scope } from '../model/types.ts';

/** Where an object is. */
type Place = Pick<ObjectSummary, 'name' | 'namespace'>;

/** Says what a pasted file holds: `2 Secrets: shop/db (password), shop/api (token, url)`. */
export function describeObjects(objects: readonly ObjectSummary[], kind: string): string {
  const named = objects.map((object) => `${placeOf(object)} (${joined(object.items) || 'no items'})`);
  return `${counted(objects.length, kind)}: ${joined(named)}`;
}

/** Says where a ciphertext can be used. */
export function describeScope(scope: Scope, { name, namespace }: Place): string {
  const [shownName, shownNamespace] = [visible(name), visible(namespace)];
  switch (scope) {
    case 'strict':
      return `Strict: only under the name ${shownName} in the namespace ${shownNamespace}.`;
    case 'namespace-wide':
      return `Namespace-wide: under any name in the namespace ${shownNamespace}.`;
    case 'cluster-wide':
      return 'Cluster-wide: under any name in any namespace of the cluster.';
  }
}

/** Returns `NAMESPACE/NAME`, or the name alone. */
export function placeOf({ name, namespace }: Place): string {
  const shown = name === '' ? 'without a name' : visible(name);
  return namespace === '' ? shown : `${visible(namespace)}/${shown}`;
}
