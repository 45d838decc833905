import type { CliContext } from '../../context.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { withApi } from '../../keys/connect.ts';
import { fail } from '../../keys/errors.ts';
import { findKey } from '../../keys/find-key.ts';
import { labelKey } from '../../keys/label-key.ts';
import { readLiveKeys } from '../../keys/live-keys.ts';
import { keysOptions, keyWord, type KeysOptions } from '../../keys/options.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysUnretireOptions extends KeysOptions {
  readonly command: 'keys unretire';
  /** The name of the key, or the beginning of its fingerprint. */
  readonly key: string;
}

/** `keys unretire KEY`: takes a retired key into use again. */
export const keysUnretire = defineKeysCommand<KeysUnretireOptions>({ name: 'keys unretire', options, run });

function options(flags: ParsedFlags): KeysUnretireOptions {
  return { command: 'keys unretire', ...keysOptions(flags), key: keyWord(flags, 'keys unretire') };
}

async function run(options: KeysUnretireOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace } = options;
  await withApi(options, context, async (api) => {
    const { name, fingerprint, state } = findKey(options.key, await readLiveKeys(api, namespace, context));
    if (state === 'compromised') fail({ code: 'CompromisedKey', name });
    if (state !== 'retired') return writeStdout(`${name} (${fingerprint}) is in use already\n`);
    await labelKey(api, { namespace, name, fingerprint, from: 'retired', to: 'active' });
    return writeStdout(`${name} (${fingerprint}) is active\n`);
  });
}
