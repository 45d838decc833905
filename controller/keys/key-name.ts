import { createHmac, randomInt } from 'node:crypto';

/** The characters that Kubernetes appends to a `generateName`. Without vowels they spell no words. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/**
 * Returns a random name for the first key, of the form that `generateName` produces. The controller chooses the name so
 * that a request whose answer was lost can be sent again without creating a second key. The name is random so that a key
 * restored from a backup never overwrites another one.
 */
export function firstKeyName(prefix: string): string {
  return prefix + suffixOf(() => randomInt(SUFFIX_CHARACTERS.length));
}

/**
 * Returns the name of the key that follows another. The name is the same for each process and each retry, so that the
 * key is created once.
 *
 * @param seed the `nameSeed` of the other key: without its private key nobody can take the names in advance
 * @param attempt counts the names that were taken already, from 0
 */
export function nextKeyName(prefix: string, seed: Buffer, attempt: number): string {
  const digest = createHmac('sha256', seed).update(String(attempt)).digest();
  // Four bytes per character make the bias of the remainder negligible.
  return prefix + suffixOf((index) => digest.readUInt32BE(index * 4) % SUFFIX_CHARACTERS.length);
}

function suffixOf(character: (index: number) => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => SUFFIX_CHARACTERS[character(index)]).join('');
}
