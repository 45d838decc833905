import { sizeWarnings, type PlacedSealed } from '../../shared/input/sizes.ts';
import type { CliContext } from '../context.ts';

/** Warns of objects that are too large for the API server and, with `data`, of those whose Secrets would be too large. */
export function warnOfSizes(
  objects: readonly PlacedSealed[],
  options: { readonly data: boolean },
  context: CliContext,
): void {
  for (const warning of sizeWarnings(objects, options)) context.warn(`warning: ${warning}`);
}
