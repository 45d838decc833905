import { visible } from '../../shared/text.ts';
import type { Pasted } from './types.ts';

/** How messages name what a person fills in. */
export const THE_FORM = 'the form';

/** Returns how messages name a pasted text or a file. The name of a file may hold anything. */
export function sourceOf({ fileName }: Pasted): string {
  return fileName === undefined ? 'the pasted text' : visible(fileName);
}
