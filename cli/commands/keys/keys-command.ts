import { configured, configuredFiles } from '../../config/configured.ts';
import type { CliContext } from '../../context.ts';
import type { CommandName } from '../../flags/commands.ts';
import type { TreeOptions } from '../../flags/options.ts';
import { fail } from '../../keys/errors.ts';
import type { KeysOptions } from '../../keys/options.ts';
import { defineCommand, type Command, type CommandDefinition } from '../command.ts';

interface KeysCommandOptions extends KeysOptions {
  /** The files that the command is about; undefined for none. */
  readonly tree?: TreeOptions | undefined;
}

/** Makes a command about the keys of the cluster that flags choose, else `.kubeseal.yaml`. */
export function defineKeysCommand<Options extends KeysCommandOptions & { readonly command: CommandName }>(
  definition: Omit<CommandDefinition<Options>, 'run'> & {
    run(options: Options, context: CliContext): Promise<void>;
  },
): Command<Options> {
  return defineCommand({
    ...definition,
    run: async (options, context) => definition.run(await forOneCluster(options, context), context),
  });
}

/**
 * Completes options from the `.kubeseal.yaml` of the files, else of the working folder. Throws `SeveralClusters` if the
 * files belong to different clusters.
 */
export async function forOneCluster<Options extends KeysCommandOptions>(
  options: Options,
  context: CliContext,
): Promise<Options> {
  if (options.tree === undefined)
    return configured(options, { path: undefined, needs: 'controller' }, context);
  const wanted = { files: options.tree.paths, needs: 'controller' } as const;
  const [own = options, ...others] = new Set((await configuredFiles(options, wanted, context)).values());
  return others.length > 0 ? fail({ code: 'SeveralClusters' }) : own;
}
