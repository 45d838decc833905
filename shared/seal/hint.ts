import { SEALING_KEY } from '../api/annotations.ts';
import { isFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';

/** The most hinted keys that are used. No object is sealed with more. */
const MAX_HINTED = 64;

/** Returns the keys that an object's annotation says it was sealed with. A hint only: it proves nothing. */
export function hintOf(annotations: ReadonlyMap<string, string>): readonly Fingerprint[] {
  return (annotations.get(SEALING_KEY) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(isFingerprint)
    .slice(0, MAX_HINTED);
}
