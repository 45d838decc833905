import { formatDocuments, type Format } from '../../../shared/manifest/write.ts';
import type { CliContext } from '../../context.ts';
import { overridesOf } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { writeStdout } from '../../io/output.ts';
import { withApi } from '../../keys/connect.ts';
import { readKeySecrets } from '../../keys/key-secrets.ts';
import { keysJson, keysTable } from '../../keys/list-output.ts';
import type { KeysOptions } from '../../keys/options.ts';
import { defineCommand } from '../command.ts';

/** The values of `-o`. */
const FORMATS = ['wide', 'json', 'yaml'] as const;

interface KeysListOptions extends KeysOptions {
  readonly command: 'keys list';
  /** Undefined for a table. */
  readonly format: 'wide' | Format | undefined;
}

/** `keys list`: lists the sealing keys of the cluster. */
export const keysList = defineCommand<KeysListOptions>({ name: 'keys list', options, run });

function options(flags: ParsedFlags): KeysListOptions {
  return {
    command: 'keys list',
    controllerNamespace: flags.text('controller-namespace') ?? '',
    cluster: overridesOf(flags),
    format: FORMATS.find((format) => format === flags.text('format')),
  };
}

async function run(options: KeysListOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace, format } = options;
  const now = context.clock.now();
  const { keys, problems } = await withApi(options, context, (api) =>
    readKeySecrets(api, { namespace, now }),
  );
  for (const problem of problems) context.warn(`warning: not listed: ${problem.describe()}`);
  if (keys.length === 0) context.warn(`no sealing keys in the namespace ${namespace}`);
  if (format === 'json' || format === 'yaml') await writeStdout(formatDocuments([keysJson(keys)], format));
  else if (keys.length > 0) await writeStdout(keysTable(keys, format === 'wide'));
}
