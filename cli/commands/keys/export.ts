import type { CliContext } from '../../context.ts';
import { outputOptions, type OutputOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { usageError } from '../../flags/usage-error.ts';
import { writeText } from '../../io/output.ts';
import { certificateText } from '../../keys/certificates-output.ts';
import { readClusterKeys } from '../../keys/cluster-keys.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, type KeysOptions } from '../../keys/options.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysExportOptions extends KeysOptions, OutputOptions {
  readonly command: 'keys export';
}

/** `keys export --public`: writes the certificates of all keys, with comments, for people who check who sealed what. */
export const keysExport = defineKeysCommand<KeysExportOptions>({ name: 'keys export', options, run });

function options(flags: ParsedFlags): KeysExportOptions {
  const read: KeysExportOptions = { command: 'keys export', ...keysOptions(flags), ...outputOptions(flags) };
  if (!flags.on('public'))
    usageError(
      'keys export: say --public: only certificates are exported; for private keys: kubeseal keys backup',
    );
  return read;
}

async function run(options: KeysExportOptions, context: CliContext): Promise<void> {
  const { controllerNamespace } = options;
  const { keys } = await withApi(options, context, (api) =>
    readClusterKeys(api, controllerNamespace, context),
  );
  const blocks: string[] = [];
  for (const key of keys) {
    if (key.certificate !== undefined) blocks.push(certificateText(key, key.certificate));
    else context.warn(`warning: not exported: the certificate of ${key.name} is not known`);
  }
  if (blocks.length === 0) usageError(`no sealing keys in the namespace ${controllerNamespace}`);
  await writeText(blocks.join('\n'), options, false);
}
