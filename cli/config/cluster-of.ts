import { join, relative, sep } from 'node:path';
import { nearest } from '../../shared/input/nearest.ts';
import type { ClusterConfig, RepositoryConfig } from './config.ts';
import { fail } from './errors.ts';
import { realPathOf } from './real-path.ts';

/** What stands for stdin or stdout in a folder. A pattern such as `*.yaml` does not fit it. */
const NO_NAME = '-';

/**
 * Returns the cluster that a path belongs to: the first one whose patterns fit, else the only one without patterns.
 * Returns undefined if there is no such cluster.
 *
 * @param path undefined for stdin or stdout in the working folder
 */
export function clusterOf(
  { clusters, folder }: RepositoryConfig,
  path: string | undefined,
): ClusterConfig | undefined {
  if (clusters.length === 0) return undefined;
  const real = realPathOf(path);
  const names = namesBelow(folder, real.isFolder ? join(real.path, NO_NAME) : real.path);
  const rest = clusters.filter(({ paths }) => paths === undefined);
  return (
    clusters.find(({ paths }) => names !== undefined && paths?.covers(names)) ??
    (rest.length === 1 ? rest[0] : undefined)
  );
}

/** Returns the cluster of a name. Throws `NoSuchCluster` with the nearest name. */
export function clusterNamed({ clusters, file }: RepositoryConfig, name: string): ClusterConfig {
  const names = clusters.map((cluster) => cluster.name);
  return (
    clusters.find((cluster) => cluster.name === name) ??
    fail({ code: 'NoSuchCluster', at: file, name, similar: nearest(name, names), names })
  );
}

/** Returns the names that lead from a folder to a path. Undefined if it is elsewhere. */
export function namesBelow(folder: string, path: string): readonly string[] | undefined {
  const names = relative(folder, path).split(sep);
  // On Windows, a path on another drive stays absolute.
  return names[0] === '..' || names[0]?.endsWith(':') ? undefined : names;
}
