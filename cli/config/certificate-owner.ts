import { certificateFileOf } from './certificate-options.ts';
import type { ClusterConfig, RepositoryConfig } from './config.ts';
import { realPathOf } from './real-path.ts';

/** The clusters by their certificate files, without symbolic links. The first cluster of a file has it. */
type CertificateOwners = ReadonlyMap<string, ClusterConfig>;

/** What was resolved already, since a command may ask for each of many files. */
const resolved = new WeakMap<RepositoryConfig, CertificateOwners>();

/**
 * Returns the cluster whose certificate file a path is, also through symbolic links. Undefined if it is none.
 *
 * @param path undefined for stdin or stdout
 */
export function certificateOwner(
  config: RepositoryConfig,
  path: string | undefined,
): ClusterConfig | undefined {
  if (path === undefined) return undefined;
  const owners = resolved.get(config) ?? ownersIn(config);
  resolved.set(config, owners);
  return owners.get(realPathOf(path).path);
}

function ownersIn({ clusters }: RepositoryConfig): CertificateOwners {
  const owners = new Map<string, ClusterConfig>();
  for (const cluster of clusters.toReversed()) {
    const file = certificateFileOf(cluster);
    if (file !== undefined) owners.set(realPathOf(file).path, cluster);
  }
  return owners;
}
