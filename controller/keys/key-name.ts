import { createHmac } from 'node:crypto';

/** The characters that Kubernetes appends to a `generateName`. Without vowels they spell no words. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/** Where a key is made that follows no other. */
export interface FirstKeyPlace {
  readonly namespace: string;
  /** The CA of the API server. */
  readonly ca: string;
  /** The fingerprints of the keys that exist and cannot seal any more. */
  readonly existing: readonly string[];
}

/**
 * Returns the seed of the names of the first key, for `nextKeyName`. Controllers that start together in an empty
 * namespace choose the same name, so that one of them creates the key and the others load it. The CA of the API server
 * tells clusters apart: a key restored from the backup of another cluster does not overwrite the first one of this one.
 */
export function firstKeySeed({ namespace, ca, existing }: FirstKeyPlace): Buffer {
  return Buffer.from(JSON.stringify([namespace, ca, [...existing].sort()]));
}

/**
 * Returns the name of the key that follows another, of the form that `generateName` produces. The name is the same for
 * each process and each retry, so that the key is created once.
 *
 * @param seed the `nameSeed` of the other key: without its private key nobody can take the names in advance. For the first
 *   key, that of `firstKeySeed`
 * @param attempt counts the names that were taken already, from 0
 */
export function nextKeyName(prefix: string, seed: Buffer, attempt: number): string {
  const digest = createHmac('sha256', seed).update(String(attempt)).digest();
  // Four bytes per character make the bias of the remainder negligible.
  return prefix + suffixOf((index) => digest.readUInt32BE(index * 4) % SUFFIX_CHARACTERS.length);
}

/** Returns the name of the Secret that keeps a key whose own Secret was given another one, as `nextKeyName` does. */
export function keptKeyName(prefix: string, seed: Buffer, attempt: number): string {
  return nextKeyName(prefix, createHmac('sha256', seed).update('kept').digest(), attempt);
}

function suffixOf(character: (index: number) => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => SUFFIX_CHARACTERS[character(index)]).join('');
}
