import { isItemName } from '../../shared/api/item-name.ts';
import { isName, isNamespace, type Metadata } from '../../shared/api/metadata.ts';
import { inside, showPlace, type Place } from '../../shared/api/place.ts';
import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { joined, visible, withRest } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';

/** The names of an object and of its items. */
export interface ObjectNames {
  readonly metadata: Pick<Metadata, 'name' | 'namespace'>;
  readonly items: readonly string[];
  readonly place: Place;
}

/** Returns the names in a SealedSecret. */
export function namesIn(sealed: SealedSecret, place: Place): ObjectNames {
  return { metadata: sealed.metadata, items: itemNames(sealed), place };
}

/**
 * Warns of names that the API server refuses: one line for names and namespaces, one for items. Such a name is often a
 * placeholder; the ciphertext is then sealed for the placeholder, not for the name that replaces it.
 */
export function warnOfNames(objects: readonly ObjectNames[], context: CliContext): void {
  const [first, ...more] = objects.flatMap(refusedNames);
  if (first !== undefined) {
    const rest = withRest('', more.length);
    context.warn(
      `warning: ${first}${rest}: the API server rejects such a name, and the values unseal only under exactly this name`,
    );
  }
  const items = objects.flatMap((object) => object.items.filter((item) => !isItemName(item)));
  const place = objects.find((object) => !object.items.every(isItemName))?.place;
  if (place === undefined) return;
  context.warn(
    `warning: ${showPlace(place)}: invalid item name ${joined([...new Set(items.map(withoutValue))])}: ` +
      'only letters, digits, "-", "_" and "." are allowed',
  );
}

/** Cuts a name at its colon: in `{password:hunter2: x}` it contains a value. */
function withoutValue(item: string): string {
  return item.replace(/:.*/su, ':…');
}

function refusedNames({ metadata: { name, namespace }, place }: ObjectNames): string[] {
  const metadata = inside(place, 'metadata');
  const refused: string[] = [];
  // Whether a name may be empty is checked elsewhere.
  if (name !== '' && !isName(name)) refused.push(quoted(name, inside(metadata, 'name')));
  if (namespace !== '' && !isNamespace(namespace))
    refused.push(quoted(namespace, inside(metadata, 'namespace')));
  return refused;
}

function quoted(text: string, place: Place): string {
  return `${showPlace(place)}: "${visible(text)}"`;
}
