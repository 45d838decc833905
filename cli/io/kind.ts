import { isObject, Reader, wrongType } from '../../shared/api/reader.ts';
import { fail } from '../errors.ts';
import { requireDocuments, type Document } from '../../shared/manifest/read.ts';

/**
 * Whether a document is of a kind, or has no kind; for a file whose other documents stay as they are. Throws if the
 * document is not an object.
 */
export function isKind({ value, place }: Document, wanted: string): boolean {
  if (!isObject(value)) return wrongType(value, place, 'an object');
  const kind = new Reader(value, place).value('kind');
  return kind === undefined || kind === wanted;
}

/**
 * Returns the documents of a kind, at least one. Throws `NoneOfKind` if all documents are of other kinds, and
 * `NoDocument` if there are none.
 */
export function documentsOfKind(
  documents: readonly Document[],
  source: string,
  wanted: string,
): readonly Document[] {
  const matching = documents.filter((document) => isKind(document, wanted));
  if (matching.length > 0 || documents.length === 0) return requireDocuments(matching, source, wanted);
  const kinds = documents.map(({ value, place }) => new Reader(value, place).string('kind') ?? '');
  return fail({ code: 'NoneOfKind', at: source, kinds: [...new Set(kinds)], wanted });
}
