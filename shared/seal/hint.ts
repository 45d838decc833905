import { SEALING_KEY } from '../api/annotations.ts';
import { isFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';

/** More than one object was ever sealed with; the others cost nothing but their place. */
const MAX_HINTED = 64;

/** The keys that an object says it was sealed with, as far as they have the form of a fingerprint. Proves nothing. */
export function hintOf(annotations: ReadonlyMap<string, string>): readonly Fingerprint[] {
  return (annotations.get(SEALING_KEY) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(isFingerprint)
    .slice(0, MAX_HINTED);
}
