import { formatDocuments, type Format } from '../../../shared/manifest/write.ts';
import type { CliContext } from '../../context.ts';
import { formatOption, type TreeOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { readClusterKeys } from '../../keys/cluster-keys.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, treeBehind, type KeysOptions } from '../../keys/options.ts';
import { readUses } from '../../keys/read-uses.ts';
import { usageJson, usageSummary, usageText } from '../../keys/usage-output.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysUsageOptions extends KeysOptions {
  readonly command: 'keys usage';
  /** Undefined for tables. */
  readonly format: Format | undefined;
  /** Undefined for no files. */
  readonly tree: TreeOptions | undefined;
}

/** `keys usage`: tells which key sealed which object, in the cluster and in files. */
export const keysUsage = defineKeysCommand<KeysUsageOptions>({ name: 'keys usage', options, run });

function options(flags: ParsedFlags): KeysUsageOptions {
  return {
    command: 'keys usage',
    ...keysOptions(flags),
    format: formatOption(flags),
    tree: treeBehind(flags, 0),
  };
}

async function run(options: KeysUsageOptions, context: CliContext): Promise<void> {
  const { controllerNamespace, format, tree } = options;
  const { keys, uses } = await withApi(options, context, async (api) => {
    const found = await readClusterKeys(api, controllerNamespace, context);
    const cluster = tree === undefined ? 'require' : 'try';
    return { keys: found.keys, uses: await readUses(api, { keys: found.keys, cluster, tree }, context) };
  });
  await writeStdout(
    format === undefined ? usageText(keys, uses) : formatDocuments([usageJson(keys, uses)], format),
  );
  for (const line of usageSummary(uses)) context.warn(line);
}
