import { showPlace, type Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { describeMissing } from '../../shared/seal/describe-missing.ts';
import type { MissingItems } from '../../shared/seal/missing.ts';
import type { CliContext } from '../context.ts';

/** Warns, in one line, of missing items that templates refer to. */
export function warnOfMissing(missing: MissingItems, place: Place, context: CliContext): void {
  if (missing.count > 0) context.warn(`warning: ${showPlace(place)}: ${describeMissing(missing)}`);
}

/** Warns of missing items of a SealedSecret without decrypting it: the names of its items are enough. */
export async function warnOfMissingIn(
  { encryptedData, template }: SealedSecret,
  place: Place,
  context: CliContext,
): Promise<void> {
  if (template.data.size === 0) return;
  // The template engine is large, and most SealedSecrets have no templates.
  const { missingItems } = await import('../../shared/seal/templates.ts');
  warnOfMissing(missingItems(template.data, encryptedData.keys()), place, context);
}

/** Warns, in one line, of templates that refer to items that a change has removed. */
export async function warnOfNewlyMissing(
  { before, after }: { readonly before: SealedSecret; readonly after: SealedSecret },
  place: Place,
  context: CliContext,
): Promise<void> {
  if (after.template.data.size === 0) return;
  const { missingItems } = await import('../../shared/seal/templates.ts');
  const { first } = missingItems(after.template.data, after.encryptedData.keys());
  const lost = first.filter(({ name }) => before.encryptedData.has(name));
  warnOfMissing({ first: lost, count: lost.length }, place, context);
}
