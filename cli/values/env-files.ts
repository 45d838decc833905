import { isUtf8 } from 'node:buffer';
import { fail as failObject } from '../../shared/api/errors.ts';
import { isItemName } from '../../shared/api/item-name.ts';
import { showPlace } from '../../shared/api/place.ts';
import type { CliContext } from '../context.ts';
import { fail } from '../errors.ts';
import { readFileBytes } from '../io/input.ts';
import type { NewItems } from './items.ts';

/** The name of a variable, as kubectl allows it: that of an item which does not begin with a digit. */
const VARIABLE = /^[-._a-zA-Z]/;
const BOM = /^\ufeff/;
/** What Go's `unicode.IsSpace` skips at the start of a line. */
const LEADING_SPACE = /^[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Adds the items of a file with `NAME=VALUE` lines, as `--from-env-file` of kubectl reads it: skips empty lines and
 * comments, and takes a name without `=` from the environment. Everything behind the `=` is the value, also quotes and
 * spaces. Throws `NotUtf8` and `BadEnvLine`, and what reading a file and `NewItems.add` throw.
 */
export async function addFromEnvFile(path: string, items: NewItems, context: CliContext): Promise<void> {
  const bytes = await readFileBytes(path);
  if (!isUtf8(bytes)) failObject({ code: 'NotUtf8', at: showPlace({ source: path }) });
  const quoted: string[] = [];
  for (const [index, whole] of bytes.toString('utf8').replace(BOM, '').split('\n').entries()) {
    const line = whole.replace(/\r$/, '').replace(LEADING_SPACE, '');
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const name = at < 0 ? line : line.slice(0, at);
    if (!isItemName(name) || !VARIABLE.test(name)) fail({ code: 'BadEnvLine', path, line: index + 1 });
    const value = at < 0 ? (context.environment[name] ?? '') : line.slice(at + 1);
    if (/^(["']).*\1\s*$/s.test(value)) quoted.push(name);
    items.add(name, Buffer.from(value), '--from-env-file');
  }
  if (quoted.length > 0)
    context.warn(`(${path}: the quotes are part of the value of ${quoted.join(', ')}, as with kubectl)`);
}
