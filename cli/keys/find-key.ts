import type { RecordedKey } from '../../shared/key-record/record.ts';
import { nearest } from '../../shared/input/nearest.ts';
import { fail } from './errors.ts';

const HASH = 'SHA256:';
/** The least of a fingerprint that names a key, without the name of the hash. */
const MIN_PREFIX = 4;

/**
 * Returns the key that a word names: by the name of its Secret, or by its fingerprint or the beginning of it, with or
 * without `SHA256:`. Throws `NoSuchKey` or `SeveralKeys`.
 */
export function findKey<T extends Pick<RecordedKey, 'name' | 'fingerprint'>>(
  word: string,
  keys: readonly T[],
): T {
  const named = keys.find(({ name }) => name === word);
  if (named !== undefined) return named;
  const prefix = word.startsWith(HASH) ? word : HASH + word;
  const found =
    prefix.length < HASH.length + MIN_PREFIX
      ? []
      : keys.filter(({ fingerprint }) => fingerprint.startsWith(prefix));
  const [first, ...more] = found;
  const names = keys.map(({ name }) => name);
  if (first === undefined)
    return fail({ code: 'NoSuchKey', key: word, similar: nearest(word, names), names });
  if (more.length > 0) fail({ code: 'SeveralKeys', key: word, names: found.map(({ name }) => name) });
  return first;
}
