import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { Failure } from '../../shared/errors.ts';
import type { LintedObject } from './object.ts';

/** Returns the SealedSecret that an object is. Undefined for another object, and for one that is malformed. */
export function sealedOf({ sealed }: LintedObject): SealedSecret | undefined {
  return sealed instanceof Failure ? undefined : sealed;
}
