import type { CliContext } from '../context.ts';
import type { ConfigOptions, ControllerOptions } from '../flags/options.ts';
import { ConfigSearch, findConfig } from './find-config.ts';

/** The options that a `.kubeseal.yaml` completes. */
export interface ConfigurableOptions extends ConfigOptions, Pick<ControllerOptions, 'cluster'> {
  /** Absent where a command does not reach the controller. */
  readonly controllerName?: string;
  readonly controllerNamespace?: string;
  readonly typesName?: boolean;
  readonly typesNamespace?: boolean;
  readonly cert?: string | undefined;
  /** Whether to write sealing records. */
  readonly record?: boolean | undefined;
  /** Whether to read the Secret in the cluster. */
  readonly fromCluster?: boolean;
}

/** What a command needs of a cluster: the certificate to seal with, or the controller itself. */
export interface Wanted {
  readonly needs: 'certificate' | 'controller';
}

/**
 * Completes the options of a command from the `.kubeseal.yaml` of the file that it writes, else reads: the cluster of the
 * path, the scopes, and whether to write sealing records. Flags win. Says which cluster it is. Without such a file, returns
 * the options as they are. Throws what `findConfig` throws.
 *
 * @param path undefined for stdin or stdout, which belong to the working folder
 */
export async function configured<O extends ConfigurableOptions>(
  options: O,
  { path, needs }: Wanted & { readonly path: string | undefined },
  context: CliContext,
): Promise<O> {
  const config = await findConfig(path, options, context);
  if (config === undefined) return options;
  const { applyConfigs } = await import('./apply-config.ts');
  const [completed = options] = applyConfigs(options, { files: [{ file: path, config }], needs }, context);
  return completed;
}

/** Returns the options of each file, as `configured` does. Files of one cluster share theirs. */
export async function configuredFiles<O extends ConfigurableOptions>(
  options: O,
  { files, needs }: Wanted & { readonly files: readonly string[] },
  context: CliContext,
): Promise<ReadonlyMap<string, O>> {
  const search = new ConfigSearch(options, context);
  const found = await Promise.all(files.map(async (file) => ({ file, config: await search.find(file) })));
  if (found.every(({ config }) => config === undefined)) return new Map(files.map((file) => [file, options]));
  const { applyConfigs } = await import('./apply-config.ts');
  const completed = applyConfigs(options, { files: found, needs }, context);
  return new Map(files.map((file, index) => [file, completed[index] ?? options]));
}
