import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { PatchMap } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import type { CliContext } from '../context.ts';
import { unchangedByDefault, type UnchangedOptions } from '../digests/options.ts';
import { openUnchanged } from '../digests/unchanged.ts';
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
import { editInPlace, sealedIn } from '../io/edit.ts';
import { certificateSource } from '../sealing/certificate.ts';
import { sealingPatch } from '../../shared/input/sealing-annotations.ts';
import { targetWarnings } from '../sealing/merge-target.ts';
import { sealItems, secretWith } from '../../shared/seal/seal-items.ts';
import { parseAssignments } from '../values/assignments.ts';
import { noteHistory, warnOfEmpty } from '../values/notes.ts';
import { readValues, valueSourceOf, type ValueSource } from '../values/value-source.ts';
import { warnOfNames } from '../warnings/names.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { configured } from '../config/configured.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { refuseWiderScope } from '../sealing/scope.ts';
import { defineCommand } from './command.ts';

interface SetOptions extends SelectionOptions, CertificateOptions, UnchangedOptions {
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
export const set = defineCommand<SetOptions>({
  name: 'set',
  options: setOptions,
  run: async (options, context) => {
    await setItems(await configured(options, { path: options.file, needs: 'certificate' }, context), context);
  },
});

function setOptions(flags: ParsedFlags): SetOptions {
  const shared = {
    ...selectionOptions(flags),
    ...certificateOptions(flags),
    ...unchangedByDefault(flags),
    keyHint: flags.switchOf('key-hint'),
    record: flags.switchOf('record'),
    dryRun: flags.on('dry-run'),
  };
  const from = {
    stdin: flags.on('value-stdin'),
    file: flags.text('value-file'),
    prompt: flags.list('prompt').length > 0,
  };
  const file = fileWord(flags, 'set');
  const { values, items } = parseAssignments(itemWords(flags, 'set'));
  const source = valueSourceOf(items, { ...from, input: file });
  return { command: 'set', ...shared, file, values, source };
}

/** Seals the values that change, for the name, namespace and scope of the SealedSecret, and keeps everything else. */
async function setItems(options: SetOptions, context: CliContext): Promise<void> {
  const getCertificate = await certificateSource(options, context);
  const unchangedItems = await openUnchanged(options, context);
  try {
    const found = await readSealedFile(options.file, options, context);
    const { sealed, document, source } = found;
    const { place } = document;
    refuseV1Data(sealed, place);
    refuseWiderScope(scopeOf(sealed.metadata.annotations), options, place);
    // Nobody types a value for nothing.
    if (options.source.from === 'prompt') await getCertificate();
    if (options.values.size > 0) noteHistory(context);
    const values = new Map([...options.values, ...(await readValues(options.source, context))]);
    warnOfEmpty(values, context);
    const unchanged = await unchangedItems.find({ sealed, place }, values);
    const changes = new Map([...values].filter(([item]) => !unchanged.has(item)));
    const written =
      changes.size === 0
        ? sealed
        : await write(found, changes, { options, context, certificate: await getCertificate() });
    if (!options.dryRun) {
      unchangedItems.remember({ sealed: written, place }, values);
      await unchangedItems.save();
    }
    const report = {
      replaced: [...changes.keys()].filter((item) => sealed.encryptedData.has(item)),
      added: [...changes.keys()].filter((item) => !sealed.encryptedData.has(item)),
      unchanged: [...unchanged],
      untouched: [...sealed.encryptedData.keys()].filter((item) => !values.has(item)).length,
    };
    context.warn(describeChanges(report, { source, dryRun: options.dryRun }));
  } finally {
    unchangedItems.close();
  }
}

interface Writing {
  readonly options: SetOptions;
  readonly context: CliContext;
  readonly certificate: Certificate;
}

/** Seals values and writes them into the file. Returns the SealedSecret with them. */
async function write(
  found: SealedFile,
  values: ReadonlyMap<string, Uint8Array>,
  { options, context, certificate }: Writing,
): Promise<SealedSecret> {
  const { sealed, document } = found;
  const { place } = document;
  const { metadata, template } = sealed;
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
  const edited = await editInPlace(found, [{ place, patch }], options);
  warnOfSizes(sealedIn(edited, found.source), { data: true }, context);
  return { ...sealed, encryptedData };
}
