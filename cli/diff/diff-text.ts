import { showPath } from '../../shared/api/place.ts';
import { escaped, visible } from '../../shared/text.ts';
import { inBytes } from '../inspect/item.ts';
import { titleOf } from '../inspect/place.ts';
import type { ItemChange, SealedChange, Size } from './compare.ts';
import type { FieldChange } from './fields.ts';

/** Returns how a SealedSecret differs, as lines for people, each with a line break. */
export function diffText(change: SealedChange): string {
  const { items, fields, broken } = change;
  const width = Math.max(0, ...items.map(({ item }) => visible(item).length));
  const lines = [
    `SealedSecret ${titleOf(change)}${change.change === 'changed' ? '' : ` ${change.change}`}`,
    ...items.map((item) => `  ${signOf(item)} ${visible(item.item).padEnd(width)}  ${itemWords(item)}`),
    ...fields.filter((field) => change.change === 'changed' || !isTitle(field)).flatMap(fieldLines),
    ...(broken.length === 0
      ? []
      : [`  ! ${broken.map(visible).join(', ')}: still sealed for the old place, will not unseal`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a field is told by the title of a SealedSecret that was added or removed. */
function isTitle({ path }: FieldChange): boolean {
  return path.at(-2) === 'metadata' && ['name', 'namespace'].includes(path.at(-1) ?? '');
}

function signOf({ old, new: now }: { readonly old: unknown; readonly new: unknown }): string {
  if (old === null) return '+';
  return now === null ? '-' : '~';
}

function itemWords({ change, old, new: now }: ItemChange): string {
  switch (change) {
    case 'added':
      return `item added, ${sizeWords(now)}`;
    case 'removed':
      return `item removed, ${sizeWords(old)}`;
    case 're-encrypted':
      return `re-encrypted only${keyWords(old, now)}`;
    case 'ciphertext':
      return `ciphertext differs, ${sizeWords(now)} as before${keyWords(old, now)}`;
    case 'changed':
      return `value changed, ${sizeWords(now)}${sizeWords(old) === sizeWords(now) ? ' as before' : `, was ${sizeWords(old)}`}${keyWords(old, now)}`;
  }
}

function sizeWords(size: Size | null): string {
  if (size === null) return '';
  return 'problem' in size ? 'malformed' : inBytes(size.length);
}

/** Returns the sizes of the keys if they differ. */
function keyWords(old: Size | null, now: Size | null): string {
  if (old === null || now === null || 'problem' in old || 'problem' in now) return '';
  return old.keyBits === now.keyBits ? '' : `; key of ${now.keyBits} bits, was ${old.keyBits}`;
}

function fieldLines({ path, old, new: now }: FieldChange): string[] {
  const start = `  ${signOf({ old, new: now })} ${showPath(path)}`;
  if ([old, now].some((text) => text?.includes('\n'))) return [start, ...changedLines(old ?? '', now ?? '')];
  const [was, is] = [old, now].map((text) => (text === null ? undefined : `"${visible(text)}"`));
  return [`${start}  ${was && is ? `${was} -> ${is}` : (is ?? was ?? '')}`];
}

/** Returns the lines of both texts between their common start and end. */
function changedLines(old: string, now: string): string[] {
  const [was, is] = [old.split('\n'), now.split('\n')];
  const shorter = Math.min(was.length, is.length);
  let start = 0;
  while (start < shorter && was[start] === is[start]) start++;
  let end = 0;
  while (end < shorter - start && was.at(-1 - end) === is.at(-1 - end)) end++;
  return [
    ...was.slice(start, was.length - end).map((line) => `      - ${escaped(line)}`),
    ...is.slice(start, is.length - end).map((line) => `      + ${escaped(line)}`),
  ];
}
