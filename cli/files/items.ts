import { showPlace, type Place } from '../../shared/api/place.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { fail } from '../errors.ts';
import { nearest } from '../../shared/input/nearest.ts';
import { readFileBytes } from '../io/input.ts';
import { isKind } from '../io/kind.ts';

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
