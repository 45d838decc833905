import { showPlace } from '../../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { fail } from '../errors.ts';
import type { SelectionOptions } from '../flags/options.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import type { CliContext } from '../context.ts';

/** A file of YAML or JSON, and the SealedSecret in it that a command is about. */
export interface SealedFile {
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** The name of the file in messages. */
  readonly source: string;
  readonly bytes: Buffer;
  readonly document: Document;
  readonly sealed: SealedSecret;
}

/**
 * Reads a file and returns its only SealedSecret, or the one that the options select. Throws `SeveralSealed` if they
 * select several, `NoSuchSealed` if they select none, and what `documentsOfKind` and `parseSealedSecret` throw.
 */
export async function readSealedFile(
  file: string | undefined,
  options: SelectionOptions,
  context: CliContext,
): Promise<SealedFile> {
  const bytes = await readBytes(file, 'SealedSecret', context);
  return selectSealed({ file, source: sourceOf(file), bytes }, options);
}

/** Returns the SealedSecret of a file that has been read. Throws as `readSealedFile` does. */
export function selectSealed(
  { file, source, bytes }: Pick<SealedFile, 'file' | 'source' | 'bytes'>,
  options: SelectionOptions,
): SealedFile {
  const documents = documentsOfKind(readDocuments(bytes, source), source, 'SealedSecret');
  const all = documents.map((document) => ({
    document,
    sealed: parseSealedSecret(document.value, document.place),
  }));
  const selected = all.filter((each) => isSelected(each, options));
  const [first, second] = selected;
  const names = (second ? selected : all).map(nameOf);
  if (second !== undefined) fail({ code: 'SeveralSealed', at: source, names });
  if (first === undefined) fail({ code: 'NoSuchSealed', at: source, names });
  return { file, source, bytes, ...first };
}

function isSelected(
  { document, sealed: { metadata } }: Pick<SealedFile, 'document' | 'sealed'>,
  { document: number, name, namespace }: SelectionOptions,
): boolean {
  return (
    (number === undefined || number === (document.place.document ?? 1)) &&
    (name === undefined || name === metadata.name) &&
    (namespace === undefined || namespace === metadata.namespace)
  );
}

/** Returns how a message names a SealedSecret of a file: `document 2 (shop/db)`. */
function nameOf({
  document: { place },
  sealed: { metadata },
}: Pick<SealedFile, 'document' | 'sealed'>): string {
  const { namespace, name } = metadata;
  const full = namespace === '' ? name : `${namespace}/${name}`;
  return `${showPlace({ ...place, source: '' }).replace(/^: /, '') || 'document 1'} (${full})`;
}
