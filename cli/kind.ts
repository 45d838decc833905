import { showPlace } from '../shared/api/place.ts';
import { isObject, Reader } from '../shared/api/reader.ts';
import { fail } from '../shared/errors.ts';
import type { Document } from '../shared/manifest/read.ts';

/**
 * Whether a document is of a kind, or says none; for a file whose other documents stay as they are. Throws where
 * it is no object at all.
 */
export function isKind({ value, place }: Document, wanted: string): boolean {
  if (!isObject(value))
    return fail({ code: 'WrongType', at: showPlace(place), found: 'no object', wanted: 'an object' });
  const kind = new Reader(value, place).value('kind');
  return kind === undefined || kind === wanted;
}
