import { fail as failObject } from '../api/errors.ts';
import { isItemName } from '../api/item-name.ts';
import { fail } from './errors.ts';

/** One `NAME=VALUE` of a `.env` file. */
export interface EnvLine {
  readonly name: string;
  /** Everything behind the `=`; undefined for a name without it, whose value comes from the environment. */
  readonly value: string | undefined;
}

/** The name of a variable, as kubectl allows it: that of an item which does not begin with a digit. */
const VARIABLE = /^[-._a-zA-Z]/;
/** What Go's `unicode.IsSpace` skips at the start of a line. */
const LEADING_SPACE = /^[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Reads a file of `NAME=VALUE` lines as `--from-env-file` of kubectl does: skips empty lines and comments. Everything
 * behind the `=` is the value, also quotes and spaces. Throws `NotUtf8` and `BadEnvLine`.
 *
 * @param at the name of the file, for messages
 */
export function readEnvLines(bytes: Uint8Array, at: string): readonly EnvLine[] {
  return textOf(bytes, at)
    .split('\n')
    .flatMap((whole, index): EnvLine[] => {
      const line = whole.replace(/\r$/, '').replace(LEADING_SPACE, '');
      if (line === '' || line.startsWith('#')) return [];
      const end = line.indexOf('=');
      const name = end < 0 ? line : line.slice(0, end);
      if (!isItemName(name) || !VARIABLE.test(name)) fail({ code: 'BadEnvLine', path: at, line: index + 1 });
      return [{ name, value: end < 0 ? undefined : line.slice(end + 1) }];
    });
}

/** Decodes UTF-8 and removes a byte order mark. */
function textOf(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return failObject({ code: 'NotUtf8', at });
  }
}

/** Returns a note about values in quotes, which other readers of `.env` files remove; undefined if there are none. */
export function quotesNote(lines: readonly EnvLine[], at: string): string | undefined {
  const quoted = lines.filter(({ value = '' }) => /^(["']).*\1\s*$/s.test(value));
  if (quoted.length === 0) return undefined;
  return `${at}: the quotes are part of the value of ${quoted.map(({ name }) => name).join(', ')}, as with kubectl`;
}
