import { editDocuments, type Edit } from '../../shared/manifest/edit.ts';
import { decodeText, parseText, readDocuments } from '../../shared/manifest/read.ts';
import type { Place } from '../../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { isKind } from '../kind.ts';
import { asJson, formatDocuments } from '../../shared/manifest/write.ts';
import type { Options } from '../flags/options.ts';
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
 * everything else in it stays as it was. Returns the edited text.
 */
export async function writeEdited(
  bytes: Buffer,
  file: string | undefined,
  source: string,
  edits: readonly Edit[],
  options: Options,
): Promise<string> {
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
  return edited;
}

/** The SealedSecrets of a text. */
export function sealedIn(text: string, source: string): { sealed: SealedSecret; place: Place }[] {
  return readDocuments(Buffer.from(text), source)
    .filter((document) => isKind(document, 'SealedSecret'))
    .map(({ value, place }) => ({ sealed: parseSealedSecret(value, place), place }));
}

/** Undefined: the file's own. */
function formatInPlace(file: string, { format }: Options): Options['format'] {
  if (format === undefined) return undefined;
  return isYamlName(file) ? 'yaml' : format;
}
