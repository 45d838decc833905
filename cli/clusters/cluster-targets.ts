import { optionsFor, withRules } from '../config/apply-config.ts';
import { clusterNamed, clusterOf } from '../config/cluster-of.ts';
import type { ClusterConfig, RepositoryConfig } from '../config/config.ts';
import { fail as failConfig } from '../config/errors.ts';
import { findConfig } from '../config/find-config.ts';
import type { CliContext } from '../context.ts';
import { filesOf } from './files.ts';
import { beforeName, withName } from './pattern.ts';
import type { Target, TargetOptions, WantedTargets } from './targets.ts';

/**
 * Returns one target for each cluster of `--to`. Throws `NoConfig`, `NoSuchCluster`, `NoContext` and as `filesOf` does.
 * Warns of a file that belongs to another cluster.
 */
export async function clusterTargets<O extends TargetOptions>(
  options: O,
  { file, path, needs }: WantedTargets,
  context: CliContext,
): Promise<readonly Target<O>[]> {
  const { to, split } = options;
  const near = split === undefined ? path : beforeName(split);
  const config = (await findConfig(near, options, context)) ?? failConfig({ code: 'NoConfig', why: '--to' });
  const clusters = to.map((name) => clusterNamed(config, name));
  const completed = clusters.map((cluster) =>
    optionsFor(withRules(options, config), { cluster, config, needs, instead: '--recovery-private-key' }),
  );
  const files = split === undefined ? [file] : await filesOf(split, to);
  return clusters.map((cluster, index) => {
    const own = files[index];
    warnOfOwner(own, { cluster, config, context });
    return { cluster: cluster.name, file: own, options: withKeysOf(completed[index] ?? options, cluster) };
  });
}

/** Returns options with the private keys of a cluster. */
function withKeysOf<O extends TargetOptions>(options: O, { name }: ClusterConfig): O {
  const { recoveryPrivateKeys } = options;
  if (recoveryPrivateKeys === undefined) return options;
  return { ...options, recoveryPrivateKeys: recoveryPrivateKeys.map((file) => withName(file, name)) };
}

interface Owner {
  readonly cluster: ClusterConfig;
  readonly config: RepositoryConfig;
  readonly context: CliContext;
}

/** Warns if the patterns of `.kubeseal.yaml` say that a file belongs to another cluster. */
function warnOfOwner(file: string | undefined, { cluster, config, context }: Owner): void {
  const owner = file === undefined ? undefined : clusterOf(config, file);
  if (owner?.paths === undefined || owner.name === cluster.name) return;
  context.warn(
    `warning: ${file ?? ''} belongs to the cluster ${owner.name}, as ${config.file} says, and is sealed for ${cluster.name}`,
  );
}
