import { isObject, Reader, wrongType } from '../shared/api/reader.ts';
import { fail } from '../shared/errors.ts';
import { requireDocuments, type Document } from '../shared/manifest/read.ts';

/**
 * Whether a document is of a kind, or says none; for a file whose other documents stay as they are. Throws where
 * it is no object at all.
 */
export function isKind({ value, place }: Document, wanted: string): boolean {
  if (!isObject(value)) return wrongType(value, place, 'an object');
  const kind = new Reader(value, place).value('kind');
  return kind === undefined || kind === wanted;
}

/**
 * Returns the documents of a kind, at least one. Throws `NoneOfKind` where all documents are of other kinds, and
 * `NoDocument` where there is none.
 */
export function documentsOfKind(
  documents: readonly Document[],
  source: string,
  wanted: string,
): readonly Document[] {
  const chosen = documents.filter((document) => isKind(document, wanted));
  if (chosen.length > 0 || documents.length === 0) return requireDocuments(chosen, source, wanted);
  const kinds = documents.map(({ value, place }) => new Reader(value, place).string('kind') ?? '');
  return fail({ code: 'NoneOfKind', at: source, kinds: [...new Set(kinds)], wanted });
}
