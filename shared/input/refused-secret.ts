import { showPlace, type Place } from '../api/place.ts';
import { typeProblem, type KnownData } from '../api/secret-type.ts';
import { tooLarge } from '../seal/secret-size.ts';
import { visible } from '../text.ts';

/** Returns warnings about a Secret that can be sealed but that the API server will refuse. */
export function secretWarnings(type: string, data: KnownData, place: Place): string[] {
  return [typeWarning(type, data, place) ?? [], sizeWarning(data, place) ?? []].flat();
}

/** Returns a warning about items that the type requires; undefined if they are there. */
export function typeWarning(type: string, data: KnownData, place: Place): string | undefined {
  const problem = typeProblem(type, data);
  if (problem === undefined) return undefined;
  return `${showPlace(place)}: ${visible(problem)}: the API server refuses it otherwise`;
}

/** Returns a warning about the known values if they do not fit into a Secret; undefined if they do. */
export function sizeWarning(data: KnownData, place: Place): string | undefined {
  const known = new Map<string, Uint8Array>();
  for (const [item, value] of data) if (value !== undefined) known.set(item, value);
  const oversized = tooLarge(known);
  return oversized && `${showPlace(place)}: ${oversized.describe()}`;
}
