import { isItemName } from '../../shared/api/item-name.ts';
import { isName, isNamespace, type Metadata } from '../../shared/api/metadata.ts';
import { inside, showPlace, type Place } from '../../shared/api/place.ts';
import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { joined, visible, withRest } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';

/** What an object is called, and what its items are called. */
export interface Names {
  readonly metadata: Pick<Metadata, 'name' | 'namespace'>;
  readonly items: readonly string[];
  readonly place: Place;
}

/** The names in a SealedSecret. */
export function namesIn(sealed: SealedSecret, place: Place): Names {
  return { metadata: sealed.metadata, items: itemNames(sealed), place };
}

/**
 * Warns of names that the API server refuses: one line for names and namespaces, one for items. Such a name is often the
 * placeholder of a template; the label of the ciphertext is then made of the placeholder, not of what replaces it.
 */
export function warnOfNames(objects: readonly Names[], context: CliContext): void {
  const [first, ...more] = objects.flatMap(refusedNames);
  if (first !== undefined) {
    const rest = withRest('', more.length);
    context.warn(
      `warning: ${first}${rest}: the API server refuses such a name, and the values open under exactly this text alone`,
    );
  }
  const items = objects.flatMap((object) => object.items.filter((item) => !isItemName(item)));
  const place = objects.find((object) => !object.items.every(isItemName))?.place;
  if (place === undefined) return;
  context.warn(
    `warning: ${showPlace(place)}: no Secret can have an item named ${joined([...new Set(items.map(withoutValue))])}: ` +
      'letters, digits, "-", "_" and "." are allowed',
  );
}

/** In `{password:hunter2: x}` the name holds a value. */
function withoutValue(item: string): string {
  return item.replace(/:.*/su, ':…');
}

function refusedNames({ metadata: { name, namespace }, place }: Names): string[] {
  const metadata = inside(place, 'metadata');
  const refused: string[] = [];
  // Whether empty ones are allowed is not a question of their form.
  if (name !== '' && !isName(name)) refused.push(quoted(name, inside(metadata, 'name')));
  if (namespace !== '' && !isNamespace(namespace))
    refused.push(quoted(namespace, inside(metadata, 'namespace')));
  return refused;
}

function quoted(text: string, place: Place): string {
  return `${showPlace(place)}: "${visible(text)}"`;
}
