import type { Pasted } from './types.ts';

/** How messages name what a person fills in. */
export const THE_FORM = 'the form';

/** Returns how messages name a pasted text or a file. */
export function sourceOf({ fileName }: Pasted): string {
  return fileName ?? 'the pasted text';
}
