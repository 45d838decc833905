import { showPlace, type Place } from '../../shared/api/place.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { fail } from '../errors.ts';
import { editsBetween } from '../edits-between.ts';
import { readFileBytes } from '../io/input.ts';
import { isKind } from '../io/kind.ts';

/** How many edits may separate the name of an item from a suggestion. */
const MAX_EDITS = 2;
/** Comparing takes time that grows with the length. */
const MAX_LENGTH = 64;

/** Throws `NoSuchItem` with the nearest name, unless the item is one of those. */
export function requireItem(item: string, items: Iterable<string>, place: Place): void {
  const names = [...items];
  if (names.includes(item)) return;
  fail({ code: 'NoSuchItem', at: showPlace(place), item, similar: nearest(item, names) });
}

/** Returns the names of the items of all SealedSecrets in a file, sorted. Returns none if the file cannot be read. */
export async function itemsInFile(file: string): Promise<readonly string[]> {
  try {
    const documents = readDocuments(await readFileBytes(file), file);
    const items = documents
      .filter((document) => isKind(document, 'SealedSecret'))
      .flatMap(({ value, place }) => [...parseSealedSecret(value, place).encryptedData.keys()]);
    return [...new Set(items)].sort();
  } catch {
    return [];
  }
}

function nearest(item: string, names: readonly string[]): string | undefined {
  if (item.length > MAX_LENGTH) return undefined;
  const [first] = names
    .filter((name) => name.length <= MAX_LENGTH)
    .map((name) => ({ name, edits: editsBetween(name.toLowerCase(), item.toLowerCase()) }))
    .filter(({ edits, name }) => edits <= MAX_EDITS && edits < name.length)
    .toSorted((a, b) => a.edits - b.edits);
  return first?.name;
}
