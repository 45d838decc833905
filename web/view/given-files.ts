import { joined } from '../../shared/text.ts';
import type { RecognizedItems } from '../model/types.ts';
import type { Content } from './files.ts';

/** Returns a whole file as one item with its name. */
export function asItem({ bytes, fileName }: Content): RecognizedItems {
  return { kind: 'items', items: [{ name: fileName ?? '', value: bytes }], messages: [] };
}

/** Says which of several files were not taken. */
export function notTaken(names: readonly string[]): string {
  return `Not taken: ${joined(names)}. Only items are taken together: give any other file alone.`;
}

/** Adds to a text which of several files were not taken, if there are any. */
export function withNotTaken(text: string, names: readonly string[]): string {
  return names.length === 0 ? text : `${text.replace(/\.?$/, '.')} ${notTaken(names)}`;
}
