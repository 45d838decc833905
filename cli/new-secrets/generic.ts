import type { CliContext } from '../context.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { addFromEnvFile } from '../values/env-files.ts';
import { requireItemName } from '../../shared/input/item-name.ts';
import { NewItems } from '../values/items.ts';
import { splitPair } from '../values/literals.ts';
import { noteHistory, warnOfEmpty } from '../values/notes.ts';
import { promptFor } from '../values/prompts.ts';
import { addFromFile } from '../values/value-files.ts';
import type { SecretSource } from './source.ts';

/** What the flags of `create generic` name. */
interface GenericFlags {
  readonly literals: readonly string[];
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly prompts: readonly string[];
}

/** Reads the flags of `create generic`. Throws `Usage` when the source is used, if they name no item. */
export function genericSource(flags: ParsedFlags): SecretSource {
  const named = {
    literals: flags.list('from-literal'),
    files: flags.list('from-file'),
    envFiles: flags.list('from-env-file'),
    prompts: flags.list('prompt'),
  };
  return {
    type: flags.text('type') ?? '',
    prompts: named.prompts.length > 0,
    read: (context) => readItems(named, context),
  };
}

/** Reads the items of all flags. Asks on the terminal at last, when everything else is right. */
async function readItems(
  { literals, files, envFiles, prompts }: GenericFlags,
  context: CliContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if ([literals, files, envFiles, prompts].every(({ length }) => length === 0))
    usageError('create generic needs items: --from-literal, --from-file, --from-env-file or --prompt');
  const items = new NewItems();
  for (const text of literals) {
    const [item, value] = splitPair(text, 'from-literal');
    items.add(item, Buffer.from(value), '--from-literal');
  }
  for (const text of files) await addFromFile(text, items);
  for (const path of envFiles) await addFromEnvFile(path, items, context);
  if (literals.length > 0) noteHistory(context);
  warnOfEmpty(items.values, context);
  for (const item of prompts) requireItemName(item, '--prompt');
  for (const [item, value] of await promptFor(prompts, '--prompt')) items.add(item, value, '--prompt');
  return items.values;
}
