import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments, requireDocuments } from '../../shared/manifest/read.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import { counted } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import type { FormattedOutputOptions, InputOptions } from '../flags/options.ts';
import { forEach } from '../for-each.ts';
import { editFile, isInPlace, sealedIn } from '../io/edit.ts';
import type { PlannedFile } from '../io/planned-file.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import { Progress } from '../io/progress.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { namesIn } from '../../shared/input/names.ts';
import { warnOfNames } from '../warnings/names.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { reEncryptionPatch } from './patch.ts';

/** How to re-encrypt one input. */
export interface InputReEncryption extends InputOptions, FormattedOutputOptions {
  readonly keyHint: boolean;
  /** Whether to write a sealing record; undefined to keep up one that is there. */
  readonly record: boolean | undefined;
  /** Whether to tell what would change, and write nothing. */
  readonly dryRun: boolean;
  /** Returns what re-encrypts. Called when the input has been read. */
  encrypter(): Promise<ReEncrypter>;
}

/**
 * Re-encrypts every SealedSecret of the input, with the controller or offline with private keys. Changes only
 * ciphertexts. Writes nothing, and throws if one of them cannot be re-encrypted.
 */
export async function reEncryptInput(options: InputReEncryption, context: CliContext): Promise<PlannedFile> {
  const file = options.secretFile;
  const source = sourceOf(file);
  const bytes = await readBytes(file, 'SealedSecret', context);
  const inPlace = await isInPlace(file, options);
  const documents = requireDocuments(readDocuments(bytes, source), source, 'SealedSecret');
  const selected = inPlace ? documentsOfKind(documents, source, 'SealedSecret') : documents;
  const others = documents.length - selected.length;
  if (others > 0) context.warn(leftUnchanged(others));
  const inputs = selected.map((document) => {
    const sealed = parseSealedSecret(document.value, document.place);
    refuseV1Data(sealed, document.place);
    return { document, sealed };
  });
  warnOfFields(selected, 'SealedSecret', context);
  warnOfNames(
    inputs.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );

  const progress = new Progress('re-encrypted', inputs.length);
  const encrypter = await options.encrypter();
  try {
    const edits = await forEach(inputs, async ({ document, sealed }) => {
      const ciphertexts = await encrypter.reEncrypt(sealed, document);
      const { keyHint, record } = options;
      const { place } = document;
      const patch = await reEncryptionPatch(sealed, ciphertexts, { encrypter, keyHint, record, place });
      progress.step();
      return { place, patch };
    });
    const items = inputs.reduce((sum, { sealed }) => sum + sealed.encryptedData.size, 0);
    if (options.dryRun) {
      context.warn(`${source}: ${counted(items, 'item')} to re-encrypt`);
      return { path: undefined, text: undefined };
    }
    const edited = await editFile({ file, source, bytes }, edits, options);
    return {
      ...edited,
      finish: () => warnOfSizes(sealedIn(edited.edited, source), { data: true }, context),
    };
  } finally {
    progress.end();
    encrypter.close();
  }
}

function leftUnchanged(count: number): string {
  const subject =
    count === 1 ? '1 document is not a SealedSecret' : `${count} documents are not SealedSecrets`;
  return `(${subject}; left unchanged)`;
}
