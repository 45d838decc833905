import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { itemNames } from '../../shared/api/sealed-secret.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import { recordPatch } from '../../shared/input/sealing-annotations.ts';
import { noItemsLeft } from '../../shared/input/no-items-left.ts';
import { REMOVED, type Patch } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import type { CliContext } from '../context.ts';
import { describeChanges } from '../files/item-changes.ts';
import { requireItem } from '../files/items.ts';
import { readSealedFile } from '../files/sealed-file.ts';
import { fileWord, itemWords } from '../flags/file-word.ts';
import { selectionOptions, type SelectionOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { editInPlace } from '../io/edit.ts';
import { warnOfNewlyMissing } from '../warnings/missing-items.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { defineCommand } from './command.ts';

interface UnsetOptions extends SelectionOptions {
  readonly command: 'unset';
  /** Undefined for stdin. */
  readonly file: string | undefined;
  readonly items: readonly string[];
  readonly dryRun: boolean;
}

/** `unset FILE KEY…`: removes items from a SealedSecret in a file. */
export const unset = defineCommand<UnsetOptions>({ name: 'unset', options: unsetOptions, run: removeItems });

function unsetOptions(flags: ParsedFlags): UnsetOptions {
  return {
    command: 'unset',
    ...selectionOptions(flags),
    dryRun: flags.on('dry-run'),
    file: fileWord(flags, 'unset'),
    items: [...new Set(itemWords(flags, 'unset'))],
  };
}

/** Removes items, and warns of what depends on them. Changes nothing if one of the items is not there. */
async function removeItems(options: UnsetOptions, context: CliContext): Promise<void> {
  const { items: removed, dryRun } = options;
  const found = await readSealedFile(options.file, options, context);
  const { sealed, document, source } = found;
  refuseV1Data(sealed, document.place);
  for (const item of removed) requireItem(item, sealed.encryptedData.keys(), document.place);
  const left = withoutItems(sealed, removed);
  const { place } = document;
  const items = new Map(removed.map((item) => [item, REMOVED] as const));
  const patch = new Map<string, Patch>([['spec', new Map([['encryptedData', items]])]]);
  const record = await recordPatch(sealed, { encryptedData: left.encryptedData, place });
  if (record !== undefined) patch.set('metadata', record);
  await editInPlace(found, [{ place, patch }], { dryRun });
  await warnOfLoss(sealed, left, { place: document.place, context });
  context.warn(describeChanges({ removed, untouched: left.encryptedData.size }, { source, dryRun }));
}

function withoutItems(sealed: SealedSecret, removed: readonly string[]): SealedSecret {
  const encryptedData = new Map([...sealed.encryptedData].filter(([item]) => !removed.includes(item)));
  return { ...sealed, encryptedData };
}

/** Warns of templates and types that need the items that are no longer there, and of a Secret without items. */
async function warnOfLoss(
  before: SealedSecret,
  after: SealedSecret,
  { place, context }: { readonly place: Place; readonly context: CliContext },
): Promise<void> {
  await warnOfNewlyMissing({ before, after }, place, context);
  const names = itemNames(after);
  const data = new Map(names.map((item) => [item, undefined] as const));
  for (const warning of refusalWarnings(after.template.type, data, place)) context.warn(warning);
  if (names.length === 0) context.warn(`warning: ${noItemsLeft(showPlace(place))}`);
}
