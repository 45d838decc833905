import { fullName, type Metadata } from '../../shared/api/metadata.ts';
import type { SealedPlace } from '../../shared/inspect/place.ts';
import { visible } from '../../shared/text.ts';

/** Describes where a SealedSecret can be unsealed. */
export function placeWords({ scope, name, namespace }: SealedPlace): string {
  const under = name === null ? 'under any name' : `only under the name "${visible(name)}"`;
  return `${under} ${namespaceWords(namespace)} (scope ${scope})`;
}

function namespaceWords(namespace: string | null): string {
  if (namespace === null) return 'in any namespace';
  return namespace === ''
    ? 'in the namespace that it was sealed for, which the file does not name'
    : `in the namespace "${visible(namespace)}"`;
}

/** Returns the name of a SealedSecret as a line can show it. */
export function titleOf(metadata: Pick<Metadata, 'name' | 'namespace'>): string {
  return visible(fullName(metadata));
}
