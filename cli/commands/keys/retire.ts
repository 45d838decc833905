import { counted, joined } from '../../../shared/text.ts';
import { DEFAULT_KEY_PREFIX } from '../../../shared/seal/stored-key.ts';
import type { CliContext } from '../../context.ts';
import type { TreeOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { withApi } from '../../keys/connect.ts';
import { fail, needOf } from '../../keys/errors.ts';
import { findKey } from '../../keys/find-key.ts';
import { labelKey } from '../../keys/label-key.ts';
import { keysOptions, keyWord, treeBehind, type KeysOptions } from '../../keys/options.ts';
import { readLiveKeys } from '../../keys/live-keys.ts';
import { neededBy, readUses } from '../../keys/read-uses.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysRetireOptions extends KeysOptions {
  readonly command: 'keys retire';
  /** The name of the key, or the beginning of its fingerprint. */
  readonly key: string;
  readonly force: boolean;
  /** Files that must not need the key; undefined for none. */
  readonly tree: TreeOptions | undefined;
}

/** `keys retire KEY`: takes a key out of use that nothing needs any more. Its Secret stays. */
export const keysRetire = defineKeysCommand<KeysRetireOptions>({ name: 'keys retire', options, run });

function options(flags: ParsedFlags): KeysRetireOptions {
  return {
    command: 'keys retire',
    ...keysOptions(flags),
    key: keyWord(flags, 'keys retire'),
    force: flags.on('force'),
    tree: treeBehind(flags, 1),
  };
}

async function run(options: KeysRetireOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace, force, tree } = options;
  await withApi(options, context, async (api) => {
    const keys = await readLiveKeys(api, namespace, context);
    const { name, fingerprint, state } = findKey(options.key, keys);
    if (state === 'retired') return writeStdout(`${name} (${fingerprint}) is retired already\n`);
    if (state === 'newest') fail({ code: 'NewestKey', name });
    if (state === 'compromised') fail({ code: 'CompromisedKey', name });
    if (name === DEFAULT_KEY_PREFIX) fail({ code: 'OldestForm', name });
    const uses = await readUses(api, { keys, cluster: 'require', tree }, context);
    const needed = neededBy(uses, fingerprint);
    if (needed.length > 0 && !force) fail({ code: 'KeyInUse', name, objects: needed });
    await labelKey(api, { namespace, name, fingerprint, from: 'active', to: 'retired' });
    if (needed.length > 0)
      context.warn(
        `warning: ${counted(needed.length, 'SealedSecret')} that needed the key cannot be unsealed any more: ` +
          joined(needed.map(needOf)),
      );
    await writeStdout(`${name} (${fingerprint}) is retired\n`);
    context.warn(`(its Secret stays; kubeseal keys unretire ${name} takes it into use again)`);
  });
}
