import { explain, type ExplainContext, type Explanation } from '../../shared/inspect/explanation.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';

/** What a SealedSecret of a file is. The fields are those of `explain -o json`. */
export interface ExplainedDocument extends Explanation {
  /** The number of the document in the file, from 1. */
  readonly document: number;
  /** The place inside of a List: keys and indices. */
  readonly path: readonly (string | number)[];
  readonly kind: 'SealedSecret';
}

/** Explains a SealedSecret of a file without a private key and without a cluster. */
export async function explainDocument(
  { document: { place }, sealed }: SealedDocument,
  context: ExplainContext,
): Promise<ExplainedDocument> {
  return {
    document: place.document ?? 1,
    path: place.path ?? [],
    kind: 'SealedSecret',
    ...(await explain(sealed, context)),
  };
}
