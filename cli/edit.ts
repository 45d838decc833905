import { editDocuments, type Edit } from '../shared/manifest/edit.ts';
import { decodeText, parseText } from '../shared/manifest/read.ts';
import { asJson, formatDocuments } from '../shared/manifest/write.ts';
import type { Options } from './options.ts';
import { formatOf, isReplaceable, isSameFile, isYamlName, replaceFile, writeText } from './output.ts';

/**
 * Whether the file that was read is to be changed in place, rather than printed or written elsewhere. What is no file,
 * such as `/dev/stdin` or `<(command)`, cannot be.
 */
export async function isInPlace(file: string | undefined, options: Options): Promise<boolean> {
  if (file === undefined || !(await isReplaceable(file))) return false;
  const target = options.sealedSecretFile;
  return target === undefined || ((await isReplaceable(target)) && isSameFile(file, target));
}

/**
 * Writes a file's documents with the edits in them: into the file itself, or where the flags say. In its own format,
 * everything else in it stays as it was.
 */
export async function writeEdited(
  bytes: Buffer,
  file: string | undefined,
  source: string,
  edits: readonly Edit[],
  options: Options,
): Promise<void> {
  const inPlace = file !== undefined && (await isInPlace(file, options));
  const edited = editDocuments(bytes, source, edits);
  const { format, values } = parseText(decodeText(Buffer.from(edited), source), source);
  const asked = inPlace ? formatInPlace(file, options) : formatOf(options);
  const text =
    asked === undefined || asked === format
      ? edited
      : formatDocuments(values.filter((value) => value !== null).map(asJson), asked);
  if (inPlace) await replaceFile(file, text, false);
  else await writeText(text, options, false);
}

/** Undefined: the file's own. */
function formatInPlace(file: string, { format }: Options): Options['format'] {
  if (format === undefined) return undefined;
  return isYamlName(file) ? 'yaml' : format;
}
