import { showPlace } from '../../shared/api/place.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import { configured } from '../config/configured.ts';
import type { CliContext } from '../context.ts';
import { requireItem } from '../files/items.ts';
import { readSealedFile } from '../files/sealed-file.ts';
import { fileWord } from '../flags/file-word.ts';
import {
  configOptions,
  knownValueOptions,
  selectionOptions,
  type ConfigOptions,
  type KnownValueOptions,
  type SelectionOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeStdout } from '../io/output.ts';
import { formatValues, rawValue, VALUE_FORMATS, type ValueFormat } from '../known-values/format.ts';
import { knownValuesFor } from '../known-values/known-values.ts';
import { defineCommand } from './command.ts';

interface GetOptions extends SelectionOptions, KnownValueOptions, ConfigOptions {
  readonly command: 'get';
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** Undefined for all items. */
  readonly item: string | undefined;
  readonly format: ValueFormat;
}

/** `get FILE [KEY]`: prints values of sealed items. */
export const get = defineCommand<GetOptions>({
  name: 'get',
  options: getOptions,
  run: async (options, context) => {
    const wanted = { path: options.file, needs: 'controller' } as const;
    await printValues(options.fromCluster ? await configured(options, wanted, context) : options, context);
  },
});

function getOptions(flags: ParsedFlags): GetOptions {
  const known = { ...configOptions(flags), ...knownValueOptions(flags) };
  const selection = selectionOptions(flags);
  const typed = flags.text('format');
  const file = fileWord(flags, 'get');
  const item = flags.words[1];
  if (known.recoveryPrivateKeys.length === 0 && !known.fromCluster)
    usageError('get needs --recovery-private-key FILE, or --from-cluster to read the Secret in the cluster');
  const format = VALUE_FORMATS.find((name) => name === typed) ?? (item === undefined ? 'yaml' : 'raw');
  if (format === 'raw' && item === undefined)
    usageError('get: -o raw needs a KEY: kubeseal get FILE KEY -o raw');
  return { command: 'get', ...known, ...selection, file, item, format };
}

/** Prints the value of one item byte for byte, or the values of all items. Prints nothing if one of them is unknown. */
async function printValues(options: GetOptions, context: CliContext): Promise<void> {
  const { item, format } = options;
  const known = await knownValuesFor(options, context);
  try {
    const { sealed, document } = await readSealedFile(options.file, options, context);
    const { place } = document;
    refuseV1Data(sealed, place);
    if (item !== undefined) requireItem(item, sealed.encryptedData.keys(), place);
    const values = (await known?.valuesOf(sealed, place)) ?? new Map<string, Uint8Array>();
    const wanted = item === undefined ? [...sealed.encryptedData.keys()] : [item];
    const selected = new Map<string, Uint8Array>();
    for (const name of wanted) {
      const value = values.get(name);
      if (value !== undefined) selected.set(name, value);
      else if (known) throw new SealedSecretsError(await known.whyUnknown(sealed, name, place));
    }
    const at = showPlace(place);
    const terminal = process.stdout.isTTY;
    await writeStdout(
      format === 'raw' ? rawValue(selected, { at, terminal }) : formatValues(selected, format, at),
    );
  } finally {
    known?.close();
  }
}
