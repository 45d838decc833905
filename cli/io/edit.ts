import { editDocuments, type Edit } from '../../shared/manifest/edit.ts';
import { decodeText, parseText, readDocuments } from '../../shared/manifest/read.ts';
import type { Place } from '../../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { isKind } from './kind.ts';
import { asJson, formatDocuments, type Format } from '../../shared/manifest/write.ts';
import type { FormattedOutputOptions, OutputOptions } from '../flags/options.ts';
import { formatOf, isReplaceable, isSameFile, isYamlName, writeText } from './output.ts';

/**
 * Whether to change the input file in place, rather than to print the result or write it elsewhere. Never true for a
 * pipe or a device, such as `/dev/stdin` or `<(command)`.
 */
export async function isInPlace(file: string | undefined, options: OutputOptions): Promise<boolean> {
  if (file === undefined || !(await isReplaceable(file))) return false;
  const target = options.sealedSecretFile;
  return target === undefined || ((await isReplaceable(target)) && isSameFile(file, target));
}

/** The file to edit. */
interface EditSource {
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** The name of the file in messages. */
  readonly source: string;
  readonly bytes: Buffer;
}

/** A file with edits, to be written. */
export interface EditedFile {
  /** Where to write it; undefined for stdout. */
  readonly path: string | undefined;
  readonly text: string;
  /** The edited text in the format of the input. */
  readonly edited: string;
  /** What the file held before; undefined if the text goes elsewhere. */
  readonly before: Buffer | undefined;
}

/**
 * Returns a file's documents with the edits applied, for the file itself or where the flags say. If the format stays the
 * same, nothing else in the text changes.
 */
export async function editFile(
  { file, source, bytes }: EditSource,
  edits: readonly Edit[],
  options: FormattedOutputOptions,
): Promise<EditedFile> {
  const inPlace = file !== undefined && (await isInPlace(file, options));
  const edited = editDocuments(bytes, source, edits);
  const { format, values } = parseText(decodeText(Buffer.from(edited), source), source);
  const target = inPlace ? formatInPlace(file, options) : formatOf(options);
  const text =
    target === undefined || target === format
      ? edited
      : formatDocuments(values.filter((value) => value !== null).map(asJson), target);
  return {
    path: inPlace ? file : options.sealedSecretFile,
    text,
    edited,
    before: inPlace ? bytes : undefined,
  };
}

/** Writes what `editFile` returns. Returns the edited text, in the format of the input. */
export async function writeEdited(
  source: EditSource,
  edits: readonly Edit[],
  options: FormattedOutputOptions,
): Promise<string> {
  const { path, text, edited } = await editFile(source, edits, options);
  await writeText(text, { sealedSecretFile: path }, false);
  return edited;
}

/** Returns the edited file, for its own place; for stdout if it is stdin, a pipe or a device. */
export async function editOwnFile(
  { file, source, bytes }: EditSource,
  edits: readonly Edit[],
): Promise<EditedFile> {
  const edited = editDocuments(bytes, source, edits);
  const path = file !== undefined && (await isReplaceable(file)) ? file : undefined;
  return { path, text: edited, edited, before: bytes };
}

/**
 * Writes what `editOwnFile` returns. With `dryRun`, only finds out whether the edits are possible. Returns the edited
 * text.
 */
export async function editInPlace(
  source: EditSource,
  edits: readonly Edit[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<string> {
  const { path, text, edited } = await editOwnFile(source, edits);
  if (!dryRun) await writeText(text, { sealedSecretFile: path }, false);
  return edited;
}

/** Returns the SealedSecrets in a text, with their places. */
export function sealedIn(text: string, source: string): { sealed: SealedSecret; place: Place }[] {
  return readDocuments(Buffer.from(text), source)
    .filter((document) => isKind(document, 'SealedSecret'))
    .map(({ value, place }) => ({ sealed: parseSealedSecret(value, place), place }));
}

/** Returns undefined for the file's own format. */
function formatInPlace(file: string, { format }: FormattedOutputOptions): Format | undefined {
  if (format === undefined) return undefined;
  return isYamlName(file) ? 'yaml' : format;
}
