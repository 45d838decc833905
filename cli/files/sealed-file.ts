import { fullName } from '../../shared/api/metadata.ts';
import { showPlace } from '../../shared/api/place.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { fail } from '../errors.ts';
import type { SelectionOptions } from '../flags/options.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import type { CliContext } from '../context.ts';

/** A file of YAML or JSON, and the SealedSecret in it that a command is about. */
export interface SealedFile extends SealedDocument {
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** The name of the file in messages. */
  readonly source: string;
  readonly bytes: Buffer;
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
  const [first, ...more] = allSealed({ source, bytes }, options);
  if (more.length > 0) fail({ code: 'SeveralSealed', at: source, names: [first, ...more].map(nameOf) });
  return { file, source, bytes, ...first };
}

/**
 * Returns the SealedSecrets of a file that the options select: all of them without options. Throws `NoSuchSealed` if
 * they select none, and as `sealedDocuments` does.
 */
export function allSealed(
  file: Pick<SealedFile, 'source' | 'bytes'>,
  options: SelectionOptions,
): readonly [SealedDocument, ...SealedDocument[]] {
  const all = sealedDocuments(file);
  const [first, ...more] = all.filter((each) => isSelected(each, options));
  return first === undefined ? noSuchSealed(file.source, all) : [first, ...more];
}

/** Throws `NoSuchSealed`, which names the SealedSecrets that there are. */
export function noSuchSealed(source: string, all: readonly SealedDocument[]): never {
  return fail({ code: 'NoSuchSealed', at: source, names: all.map(nameOf) });
}

/** Returns every SealedSecret of a file. Throws what `documentsOfKind` and `parseSealedSecret` throw. */
export function sealedDocuments({
  source,
  bytes,
}: Pick<SealedFile, 'source' | 'bytes'>): readonly SealedDocument[] {
  return documentsOfKind(readDocuments(bytes, source), source, 'SealedSecret').map((document) => ({
    document,
    sealed: parseSealedSecret(document.value, document.place),
  }));
}

/** Whether the options select a SealedSecret. */
export function isSelected(
  { document, sealed: { metadata } }: SealedDocument,
  { document: number, name, namespace }: SelectionOptions,
): boolean {
  return (
    (number === undefined || number === (document.place.document ?? 1)) &&
    (name === undefined || name === metadata.name) &&
    (namespace === undefined || namespace === metadata.namespace)
  );
}

/** Returns how a message names a SealedSecret of a file: `document 2 (shop/db)`. */
function nameOf({ document: { place }, sealed: { metadata } }: SealedDocument): string {
  return `${showPlace({ ...place, source: '' }).replace(/^: /, '') || 'document 1'} (${fullName(metadata)})`;
}
