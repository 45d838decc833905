import { showPlace, type Place } from '../shared/api/place.ts';
import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import { describeMissing } from '../shared/missing-words.ts';
import type { MissingItems } from '../shared/seal/missing.ts';
import type { Context } from './context.ts';

/** Warns, in one line, of items that templates read and that do not exist. */
export function warnOfMissing(missing: MissingItems, place: Place, context: Context): void {
  if (missing.count > 0) context.note(`warning: ${showPlace(place)}: ${describeMissing(missing)}`);
}

/** Warns of them for a SealedSecret that is not opened: the names of its items are enough. */
export async function warnOfMissingIn(
  { encryptedData, template }: SealedSecret,
  place: Place,
  context: Context,
): Promise<void> {
  if (template.data.size === 0) return;
  // The template engine is large, and most SealedSecrets have no templates.
  const { missingItems } = await import('../shared/seal/templates.ts');
  warnOfMissing(missingItems(template.data, encryptedData.keys()), place, context);
}
