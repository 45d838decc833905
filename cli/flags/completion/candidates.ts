import { escaped } from '../../../shared/text.ts';

/**
 * Checks of completion candidates. Names from a kubeconfig or a cluster can contain anything, and the shell inserts a
 * candidate into the line that the user is about to run.
 */

/** Words without characters that are special in a shell. */
const PLAIN = /^[A-Za-z0-9_-][A-Za-z0-9_.:/@%+,=-]*$/;
/** The longest candidate, in characters. */
const MAX_LENGTH = 300;
/** The most candidates to offer: more slow the shell down, and nobody reads them. */
const MAX_CANDIDATES = 1000;

/** Whether a text needs no quotes in any shell. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * Returns the names that are safe as candidates. Drops names with control or format characters, which would reach the
 * terminal; names that begin like a flag or a home folder, which bash does not quote; and empty or very long names.
 */
export function usableNames(names: Iterable<string>): string[] {
  const usable: string[] = [];
  for (const name of names) {
    if (usable.length === MAX_CANDIDATES) break;
    if (/^[^-~]/.test(name) && name.length <= MAX_LENGTH && escaped(name) === name) usable.push(name);
  }
  return usable;
}
