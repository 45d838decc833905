import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { PatchMap } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import type { CliContext } from '../context.ts';
import { unchangedByDefault, type UnchangedOptions } from '../digests/options.ts';
import { openUnchanged, type UnchangedItems } from '../digests/unchanged.ts';
import { openDigestCache } from '../digests/digest-cache.ts';
import { eachTarget } from '../clusters/each-target.ts';
import { checkTo, toOptions, type ToOptions } from '../clusters/options.ts';
import { certifiedTargets, type CertifiedTarget } from '../clusters/targets.ts';
import { warnOnce } from '../clusters/warn-once.ts';
import { describeChanges } from '../files/item-changes.ts';
import { readSealedFile, type SealedFile } from '../files/sealed-file.ts';
import { fileWord, itemWords } from '../flags/file-word.ts';
import {
  certificateOptions,
  selectionOptions,
  type CertificateOptions,
  type SelectionOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { editOwnFile, sealedIn, type EditedFile } from '../io/edit.ts';
import { writePlanned, type PlannedFile } from '../io/planned-file.ts';
import { sealingPatch } from '../../shared/input/sealing-annotations.ts';
import { targetWarnings } from '../sealing/merge-target.ts';
import { sealItems, secretWith } from '../../shared/seal/seal-items.ts';
import { parseAssignments } from '../values/assignments.ts';
import { noteHistory, warnOfEmpty } from '../values/notes.ts';
import { readValues, valueSourceOf, type ValueSource } from '../values/value-source.ts';
import { warnOfNames } from '../warnings/names.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { refuseWiderScope } from '../sealing/scope.ts';
import { defineCommand } from './command.ts';

interface SetOptions extends SelectionOptions, CertificateOptions, UnchangedOptions, ToOptions {
  readonly command: 'set';
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** The values on the command line. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Where the other values come from. */
  readonly source: ValueSource;
  /** The value of `--key-hint`; undefined if it is not set. */
  readonly keyHint: boolean | undefined;
  /** The value of `--record`; undefined if it is not set. */
  readonly record: boolean | undefined;
  readonly dryRun: boolean;
}

/** `set FILE KEY=VALUE…`: seals values into a SealedSecret in a file. */
export const set = defineCommand<SetOptions>({ name: 'set', options: setOptions, run: setItems });

function setOptions(flags: ParsedFlags): SetOptions {
  const shared = {
    ...selectionOptions(flags),
    ...certificateOptions(flags),
    ...unchangedByDefault(flags),
    ...toOptions(flags),
    keyHint: flags.switchOf('key-hint'),
    record: flags.switchOf('record'),
    dryRun: flags.on('dry-run'),
  };
  const from = {
    stdin: flags.on('value-stdin'),
    file: flags.text('value-file'),
    prompt: flags.list('prompt').length > 0,
  };
  checkTo(shared, flags);
  const isSplit = shared.split !== undefined;
  const file = isSplit ? undefined : fileWord(flags, 'set');
  const { values, items } = parseAssignments(itemWords(flags, 'set', isSplit ? 0 : 1));
  const source = valueSourceOf(items, { ...from, input: isSplit ? shared.split : file });
  return { command: 'set', ...shared, file, values, source };
}

/** A target with its SealedSecret, and what finds out which values are there already. */
interface SetTarget extends CertifiedTarget<SetOptions> {
  readonly found: SealedFile;
  readonly unchangedItems: UnchangedItems;
}

/**
 * Seals the values that change, for the name, namespace and scope of the SealedSecret, and keeps everything else. Does so
 * for all files of several clusters, or for none.
 */
async function setItems(options: SetOptions, outer: CliContext): Promise<void> {
  const context = warnOnce(outer);
  const cache = options.keepUnchanged ? await openDigestCache(context) : undefined;
  const opened: UnchangedItems[] = [];
  try {
    const { file } = options;
    const certified = await certifiedTargets(options, { file, path: file }, context);
    const targets = await eachTarget(certified, async (target): Promise<SetTarget> => {
      const unchangedItems = await openUnchanged(target.options, { ...target, cache, context });
      opened.push(unchangedItems);
      const found = await readSealedFile(target.file, target.options, context);
      const { place } = found.document;
      refuseV1Data(found.sealed, place);
      refuseWiderScope(scopeOf(found.sealed.metadata.annotations), target.options, place);
      return { ...target, found, unchangedItems };
    });
    // Nobody types a value for nothing.
    if (options.source.from === 'prompt') await eachTarget(targets, ({ getCertificate }) => getCertificate());
    if (options.values.size > 0) noteHistory(context);
    const values = new Map([...options.values, ...(await readValues(options.source, context))]);
    warnOfEmpty(values, context);
    await writePlanned(await eachTarget(targets, (target) => planSet(target, values, context)));
  } finally {
    for (const unchangedItems of opened) unchangedItems.close();
  }
}

/** Returns the file with the values, and writes nothing. */
async function planSet(
  target: SetTarget,
  values: ReadonlyMap<string, Uint8Array>,
  context: CliContext,
): Promise<PlannedFile> {
  const { found, unchangedItems, options } = target;
  const { sealed, document, source } = found;
  const { place } = document;
  const { dryRun } = options;
  const unchanged = await unchangedItems.find({ sealed, place }, values);
  const changes = new Map([...values].filter(([item]) => !unchanged.has(item)));
  const edited = changes.size === 0 ? undefined : await withValues(target, changes, context);
  const report = {
    replaced: [...changes.keys()].filter((item) => sealed.encryptedData.has(item)),
    added: [...changes.keys()].filter((item) => !sealed.encryptedData.has(item)),
    unchanged: [...unchanged],
    untouched: [...sealed.encryptedData.keys()].filter((item) => !values.has(item)).length,
  };
  return {
    path: edited?.file.path,
    text: dryRun ? undefined : edited?.file.text,
    before: found.bytes,
    finish: async () => {
      if (!dryRun) {
        unchangedItems.remember({ sealed: edited?.sealed ?? sealed, place }, values);
        await unchangedItems.save();
      }
      context.warn(describeChanges(report, { source, dryRun }));
    },
  };
}

/** Seals values. Returns the SealedSecret and the file with them. */
async function withValues(
  { found, options, getCertificate }: SetTarget,
  values: ReadonlyMap<string, Uint8Array>,
  context: CliContext,
): Promise<{ readonly sealed: SealedSecret; readonly file: EditedFile }> {
  const { sealed, document } = found;
  const { place } = document;
  const { metadata, template } = sealed;
  const certificate = await getCertificate();
  const items = await sealItems(values, sealed, { certificate, place });
  const patch = new Map<string, PatchMap>([['spec', new Map([['encryptedData', items]])]]);
  const encryptedData = new Map([...sealed.encryptedData, ...items]);
  const { keyHint, record } = options;
  const change = { certificate, sealedItems: items, encryptedData, keyHint, record, place };
  const annotations = await sealingPatch(sealed, change);
  if (annotations !== undefined) patch.set('metadata', annotations);
  for (const warning of targetWarnings(secretWith(sealed, values), { document, sealed }, options))
    context.warn(warning);
  warnOfNames([{ metadata, items: [...values.keys()], place }], context);
  const data = new Map<string, Uint8Array | undefined>(itemNames(sealed).map((item) => [item, undefined]));
  for (const [item, value] of values) data.set(item, value);
  for (const warning of refusalWarnings(template.type, data, place)) context.warn(warning);
  const file = await editOwnFile(found, [{ place, patch }]);
  warnOfSizes(sealedIn(file.edited, found.source), { data: true }, context);
  return { sealed: { ...sealed, encryptedData }, file };
}
