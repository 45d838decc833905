import { editDocuments, type Edit } from '../../shared/manifest/edit.ts';
import { decodeText, parseText, readDocuments } from '../../shared/manifest/read.ts';
import type { Place } from '../../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { isKind } from './kind.ts';
import { asJson, formatDocuments, type Format } from '../../shared/manifest/write.ts';
import type { FormattedOutputOptions, OutputOptions } from '../flags/options.ts';
import { formatOf, isReplaceable, isSameFile, isYamlName, replaceFile, writeText } from './output.ts';

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

/**
 * Writes a file's documents with the edits applied: into the file itself, or where the flags say. If the format stays
 * the same, nothing else in the text changes. Returns the edited text, in the format of the input.
 */
export async function writeEdited(
  { file, source, bytes }: EditSource,
  edits: readonly Edit[],
  options: FormattedOutputOptions,
): Promise<string> {
  const inPlace = file !== undefined && (await isInPlace(file, options));
  const edited = editDocuments(bytes, source, edits);
  const { format, values } = parseText(decodeText(Buffer.from(edited), source), source);
  const target = inPlace ? formatInPlace(file, options) : formatOf(options);
  const text =
    target === undefined || target === format
      ? edited
      : formatDocuments(values.filter((value) => value !== null).map(asJson), target);
  if (inPlace) await replaceFile(file, text, false);
  else await writeText(text, options, false);
  return edited;
}

/**
 * Writes the edited file in place; to stdout if it is stdin, a pipe or a device. With `dryRun`, only finds out whether the
 * edits are possible. Returns the edited text.
 */
export async function editInPlace(
  { file, source, bytes }: EditSource,
  edits: readonly Edit[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<string> {
  const edited = editDocuments(bytes, source, edits);
  if (dryRun) return edited;
  if (file !== undefined && (await isReplaceable(file))) await replaceFile(file, edited, false);
  else await writeText(edited, { sealedSecretFile: undefined }, false);
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
