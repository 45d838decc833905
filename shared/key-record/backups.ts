import { inside, showPlace, type Place } from '../api/place.ts';
import { Reader } from '../api/reader.ts';
import { formatTime } from '../clock.ts';
import { isFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';
import { fail } from './errors.ts';
import { formatItem, readItem, timeOf } from './items.ts';

/** When a backup with a key was last verified, for each key that has one. */
export type VerifiedBackups = ReadonlyMap<Fingerprint, Date>;

/** The most keys that a list of backups has. Keys that are gone stay in it until there is no room for them. */
export const MAX_BACKUPS = 1_000;
/** The most bytes of a list of backups. */
export const MAX_BACKUPS_BYTES = 128 * 1024;

/** Formats a list of backups. Leaves out the oldest ones beyond `MAX_BACKUPS`. */
export function formatBackups(backups: VerifiedBackups): string {
  const newest = [...backups].sort(([, a], [, b]) => b.getTime() - a.getTime()).slice(0, MAX_BACKUPS);
  const keys = newest.map(([key, time]) => [key, { verified: formatTime(time) }] as const);
  return formatItem({ keys: Object.fromEntries(keys) });
}

/** Parses a list of backups. Throws `SealedSecretsError` if any part of it is malformed. */
export function parseBackups(text: string, place: Place): VerifiedBackups {
  const reader = readItem(text, place, MAX_BACKUPS_BYTES);
  const entries = reader.entries('keys');
  if (entries.size > MAX_BACKUPS)
    fail({ code: 'TooManyRecorded', at: showPlace(place), max: MAX_BACKUPS, what: 'keys' });
  return new Map(
    [...entries].map(([key, value]) => {
      const at = reader.at('keys');
      if (!isFingerprint(key))
        return fail({ code: 'BadRecordValue', at: showPlace(at), wanted: 'a map by fingerprint' });
      const entry = new Reader(value, inside(at, key));
      return [key, timeOf(entry.requiredString('verified'), entry.at('verified'))];
    }),
  );
}
