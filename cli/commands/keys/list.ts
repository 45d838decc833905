import { counted } from '../../../shared/text.ts';
import { formatDocuments, type Format } from '../../../shared/manifest/write.ts';
import type { CliContext } from '../../context.ts';
import type { TreeOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { readClusterKeys } from '../../keys/cluster-keys.ts';
import { withApi } from '../../keys/connect.ts';
import { countUnknown } from '../../keys/counts.ts';
import { keysJson, keysTable, listedKeys } from '../../keys/list-output.ts';
import { keysOptions, treeBehind, type KeysOptions } from '../../keys/options.ts';
import { readUses } from '../../keys/read-uses.ts';
import { defineKeysCommand } from './keys-command.ts';

/** The values of `-o`. */
const FORMATS = ['wide', 'json', 'yaml'] as const;

interface KeysListOptions extends KeysOptions {
  readonly command: 'keys list';
  /** Undefined for a table. */
  readonly format: 'wide' | Format | undefined;
  /** Where to count SealedSecrets in files; undefined for nowhere. */
  readonly tree: TreeOptions | undefined;
}

/** `keys list`: lists the sealing keys of the cluster. */
export const keysList = defineKeysCommand<KeysListOptions>({ name: 'keys list', options, run });

function options(flags: ParsedFlags): KeysListOptions {
  return {
    command: 'keys list',
    ...keysOptions(flags),
    format: FORMATS.find((format) => format === flags.text('format')),
    tree: treeBehind(flags, 0),
  };
}

async function run(options: KeysListOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace, format, tree } = options;
  const listed = await withApi(options, context, async (api) => {
    const found = await readClusterKeys(api, namespace, context);
    // The record has counts of its own.
    const cluster = found.source === 'record' && tree === undefined ? 'skip' : 'try';
    const uses = await readUses(api, { keys: found.keys, cluster, tree }, context);
    for (const [objects, where] of [
      [uses.cluster, 'the cluster'],
      [uses.files, 'files'],
    ] as const) {
      const unknown = countUnknown(objects ?? []);
      if (unknown > 0)
        context.warn(
          `(not counted: ${counted(unknown, 'SealedSecret')} in ${where} whose key is not known; see kubeseal keys usage)`,
        );
    }
    return listedKeys(found, uses);
  });
  if (listed.length === 0) context.warn(`no sealing keys in the namespace ${namespace}`);
  if (format === 'json' || format === 'yaml') await writeStdout(formatDocuments([keysJson(listed)], format));
  else if (listed.length > 0) await writeStdout(keysTable(listed, format === 'wide'));
}
