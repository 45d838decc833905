import type { CliContext } from '../../context.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, waitOption, type KeysOptions, type Wait } from '../../keys/options.ts';
import { renewKey } from '../../keys/renew.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysRenewOptions extends KeysOptions {
  readonly command: 'keys renew';
  readonly wait: Wait;
}

/** `keys renew`: makes the controller create a new key, and waits for it. */
export const keysRenew = defineKeysCommand<KeysRenewOptions>({ name: 'keys renew', options, run });

function options(flags: ParsedFlags): KeysRenewOptions {
  return { command: 'keys renew', ...keysOptions(flags), wait: waitOption(flags) };
}

async function run(options: KeysRenewOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace, wait } = options;
  const { key, wasThere } = await withApi(options, context, (api) =>
    renewKey(api, { namespace, wait, takesRecent: true }, context),
  );
  const words = wasThere ? 'was made a moment ago' : 'is the newest key';
  await writeStdout(`${key.name} (${key.fingerprint}) ${words}\n`);
  context.warn(
    '(the older keys still open what they sealed; kubeseal re-encrypt DIR puts files under this one)',
  );
}
