import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { KnownData } from '../../shared/api/secret-type.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail as failFile, systemCode, systemReason } from '../../shared/file-errors.ts';
import { REMOVED, type Patch } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import type { CliContext } from '../context.ts';
import { bufferComment } from '../editing/buffer-comment.ts';
import { changesBetween, isUnchanged, type BufferChanges } from '../editing/buffer-changes.ts';
import { formatBuffer, type BufferItems } from '../editing/buffer-text.ts';
import { editorFrom } from '../editing/editor.ts';
import { memoryCandidates, PrivateFolder } from '../editing/private-folder.ts';
import { EditSession } from '../editing/session.ts';
import { fail } from '../errors.ts';
import { describeChanges } from '../files/item-changes.ts';
import { readSealedFile, type SealedFile } from '../files/sealed-file.ts';
import { fileWord } from '../flags/file-word.ts';
import {
  certificateOptions,
  knownValueOptions,
  selectionOptions,
  type CertificateOptions,
  type KnownValueOptions,
  type SelectionOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { editInPlace, sealedIn } from '../io/edit.ts';
import { readFileBytes } from '../io/input.ts';
import { isReplaceable } from '../io/output.ts';
import { knownValuesFor } from '../known-values/known-values.ts';
import { obtainValidCertificate } from '../sealing/certificate.ts';
import { recordPatch, sealingPatch } from '../../shared/input/sealing-annotations.ts';
import { targetWarnings } from '../sealing/merge-target.ts';
import { sealItems, secretWith } from '../../shared/seal/seal-items.ts';
import { warnOfNewlyMissing } from '../warnings/missing-items.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { configured } from '../config/configured.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { refuseWiderScope } from '../sealing/scope.ts';
import { defineCommand } from './command.ts';

interface EditOptions extends SelectionOptions, KnownValueOptions, CertificateOptions {
  readonly command: 'edit';
  readonly file: string;
  /** Undefined for the default: a hint where it cannot mislead. */
  readonly keyHint: boolean | undefined;
  /** The value of `--record`; undefined if it is not set. */
  readonly record: boolean | undefined;
  readonly dryRun: boolean;
  /** Whether the buffer may be on disk. */
  readonly allowDisk: boolean;
}

/** `edit FILE`: lets the user change the items of a SealedSecret in an editor. */
export const edit = defineCommand<EditOptions>({
  name: 'edit',
  options: editOptions,
  run: async (options, context) => {
    await editFile(await configured(options, { path: options.file, needs: 'certificate' }, context), context);
  },
});

function editOptions(flags: ParsedFlags): EditOptions {
  const file = fileWord(flags, 'edit');
  return {
    command: 'edit',
    ...certificateOptions(flags),
    ...selectionOptions(flags),
    ...knownValueOptions(flags),
    keyHint: flags.switchOf('key-hint'),
    record: flags.switchOf('record'),
    dryRun: flags.on('dry-run'),
    allowDisk: flags.on('allow-disk'),
    file: file ?? usageError('edit: it changes a file, and cannot read stdin'),
  };
}

/**
 * Opens an editor on the items of a SealedSecret, and seals what the user changed. Everything that can fail without the
 * user happens before the editor opens. What the user typed is kept if it cannot be written.
 */
async function editFile(options: EditOptions, context: CliContext): Promise<void> {
  const editor = editorFrom(context.environment);
  await refuseReadOnly(options.file);
  const found = await readSealedFile(options.file, options, context);
  const { sealed, document, source } = found;
  refuseV1Data(sealed, document.place);
  refuseWiderScope(scopeOf(sealed.metadata.annotations), options, document.place);
  const before = await itemsToEdit(found, options, context);
  const certificate = await obtainValidCertificate(options, context);
  // Reports a name that nothing can be sealed for.
  await sealItems(new Map(), sealed, { certificate, place: document.place, allowEmptyData: true });
  const folder = await PrivateFolder.make({
    candidates: memoryCandidates(context.environment),
    allowDisk: options.allowDisk,
  });
  try {
    const session = new EditSession({
      editor,
      folder,
      name: bufferName(options.file),
      text: formatBuffer(bufferComment(found, before), before),
      sealed: before,
      source,
    });
    try {
      const after = await session.edit(context);
      const changes = after && changesBetween(before, after);
      if (changes === undefined || isUnchanged(changes)) context.warn(`${source}: nothing changed`);
      else await write(changes, { ...options, found, certificate }, context);
    } catch (error) {
      await session.keepTyped(context);
      throw error;
    }
  } finally {
    folder.remove();
  }
}

/** Throws `UnwritableFile` for what could not be replaced after the editor closes. */
async function refuseReadOnly(file: string): Promise<void> {
  if (!(await isReplaceable(file))) usageError(`edit: ${file} is not a regular file`);
  try {
    await access(file, constants.F_OK);
  } catch {
    return; // Reading it reports the problem.
  }
  try {
    await access(file, constants.W_OK);
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    failFile({ code: 'UnwritableFile', path: file, reason: systemReason(systemCode(error)) });
  }
}

/** Returns the items with the values that the user may know. */
async function itemsToEdit(
  { sealed, document }: SealedFile,
  options: EditOptions,
  context: CliContext,
): Promise<BufferItems> {
  const known = await knownValuesFor(options, context);
  try {
    const values = await known?.valuesOf(sealed, document.place);
    return new Map([...sealed.encryptedData.keys()].map((item) => [item, values?.get(item)]));
  } finally {
    known?.close();
  }
}

/** Returns the name of the buffer, which tells editors that it is YAML. */
function bufferName(file: string): string {
  return file.replace(/(?:\.(?:ya?ml|json))?$/i, '.yaml');
}

interface WriteOptions extends EditOptions {
  readonly found: SealedFile;
  readonly certificate: Certificate;
}

async function write(changes: BufferChanges, options: WriteOptions, context: CliContext): Promise<void> {
  const { found, certificate, keyHint, record, dryRun } = options;
  const { sealed, document, source } = found;
  const { place } = document;
  const { replaced, added, removed, untouched } = changes;
  const values = new Map([...replaced, ...added]);
  const fresh = await sealItems(values, sealed, { certificate, place, allowEmptyData: true });
  const items = new Map<string, Patch>([...removed.map((item) => [item, REMOVED] as const), ...fresh]);
  const patch = new Map<string, Patch>([['spec', new Map([['encryptedData', items]])]]);
  const encryptedData = new Map([...sealed.encryptedData, ...fresh]);
  for (const item of removed) encryptedData.delete(item);
  const annotations =
    fresh.size > 0
      ? await sealingPatch(sealed, {
          certificate,
          sealedItems: fresh,
          encryptedData,
          keyHint,
          record,
          place,
        })
      : await recordPatch(sealed, { encryptedData, place });
  if (annotations !== undefined) patch.set('metadata', annotations);
  const secret = secretWith(sealed, values);
  const warnings = fresh.size > 0 ? targetWarnings(secret, { document, sealed }, options) : [];
  for (const warning of warnings) context.warn(warning);

  if (!(await readFileBytes(options.file)).equals(found.bytes))
    fail({ code: 'ChangedMeanwhile', at: source });
  const edited = await editInPlace(found, [{ place, patch }], { dryRun });
  const after = { ...sealed, encryptedData };
  await warnOfNewlyMissing({ before: sealed, after }, place, context);
  for (const warning of refusalWarnings(sealed.template.type, dataOf(after, changes), place))
    context.warn(warning);
  warnOfSizes(sealedIn(edited, source), { data: true }, context);
  const names = { replaced: [...replaced.keys()], added: [...added.keys()], removed, untouched };
  context.warn(describeChanges(names, { source, dryRun }));
}

/** Returns the data of the Secret; undefined for values that were sealed earlier. */
function dataOf(sealed: SealedSecret, { replaced, added }: BufferChanges): KnownData {
  return new Map(itemNames(sealed).map((item) => [item, replaced.get(item) ?? added.get(item)]));
}
