import { escaped } from '../../../shared/text.ts';

/**
 * Names from a kubeconfig or a cluster may hold anything, and a shell inserts a candidate into the line that the user
 * is about to run.
 */

/** No shell treats a character of these as more than a letter. */
const PLAIN = /^[A-Za-z0-9_-][A-Za-z0-9_.:/@%+,=-]*$/;
/** Longer names are not typed. */
const MAX_LENGTH = 300;
/** At most this many candidates: nobody reads more, and shells become slow. */
const MAX_CANDIDATES = 1000;

/** Whether a shell inserts the text as it is. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * The names that may be candidates. Drops those with control or format characters, which would reach the terminal;
 * those that begin like a flag, or like a home folder, which bash does not quote; and empty or very long ones.
 */
export function usableNames(names: Iterable<string>): string[] {
  const usable: string[] = [];
  for (const name of names) {
    if (usable.length === MAX_CANDIDATES) break;
    if (/^[^-~]/.test(name) && name.length <= MAX_LENGTH && escaped(name) === name) usable.push(name);
  }
  return usable;
}
