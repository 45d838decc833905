import type { Place } from '../../shared/api/place.ts';
import type { KnownData } from '../../shared/api/secret-type.ts';
import { secretWarnings } from '../../shared/input/refused-secret.ts';

/** Returns warnings about a Secret that can be sealed but that the API server will refuse. */
export function refusalWarnings(type: string, data: KnownData, place: Place): string[] {
  return secretWarnings(type, data, place).map((words) => `warning: ${words}`);
}
