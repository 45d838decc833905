import { showPlace, type Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import { fail } from './errors.ts';

/** Throws `V1DataInPlace` for a SealedSecret with the deprecated `spec.data`, which has no items. */
export function refuseV1Data(sealed: Pick<SealedSecret, 'v1Data'>, place: Place): void {
  if (sealed.v1Data !== undefined) fail({ code: 'V1DataInPlace', at: showPlace(place) });
}
