import { showPlace, type Place } from '../api/place.ts';
import { typeProblem, type KnownData } from '../api/secret-type.ts';
import { tooLarge } from '../seal/secret-size.ts';
import { visible } from '../text.ts';

/** Returns warnings about a Secret that can be sealed but that the API server will refuse. */
export function secretWarnings(type: string, data: KnownData, place: Place): string[] {
  const known = new Map<string, Uint8Array>();
  for (const [item, value] of data) if (value !== undefined) known.set(item, value);
  const oversized = tooLarge(known);
  const problem = typeProblem(type, data);
  const problems = [
    ...(problem === undefined ? [] : [`${visible(problem)}: the API server refuses it otherwise`]),
    ...(oversized ? [oversized.describe()] : []),
  ];
  return problems.map((words) => `${showPlace(place)}: ${words}`);
}
