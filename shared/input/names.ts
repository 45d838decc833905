import { isItemName } from '../api/item-name.ts';
import { isName, isNamespace, type Metadata } from '../api/metadata.ts';
import { inside, showPlace, type Place } from '../api/place.ts';
import { itemNames, type SealedSecret } from '../api/sealed-secret.ts';
import { joined, visible, withRest } from '../text.ts';
import { withoutValue } from './without-value.ts';

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
 * Returns warnings about names that the API server refuses: one for names and namespaces, one for items. Such a name is
 * often a placeholder; the ciphertext is then sealed for the placeholder, not for the name that replaces it.
 */
export function nameWarnings(objects: readonly ObjectNames[]): string[] {
  const warnings: string[] = [];
  const [first, ...more] = objects.flatMap(refusedNames);
  if (first !== undefined) {
    const rest = withRest('', more.length);
    warnings.push(
      `${first}${rest}: the API server rejects such a name, and the values unseal only under exactly this name`,
    );
  }
  const items = objects.flatMap((object) => object.items.filter((item) => !isItemName(item)));
  const place = objects.find((object) => !object.items.every(isItemName))?.place;
  if (place !== undefined)
    warnings.push(
      `${showPlace(place)}: invalid item name ${joined([...new Set(items.map(withoutValue))])}: ` +
        'only letters, digits, "-", "_" and "." are allowed',
    );
  return warnings;
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
