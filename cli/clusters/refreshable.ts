import { certificateFileOf } from '../config/certificate-options.ts';
import type { ClusterConfig } from '../config/config.ts';
import { realPathOf } from '../config/real-path.ts';
import type { CliContext } from '../context.ts';
import { fail } from '../errors.ts';

/** A cluster with a file for its certificate, which can be fetched. */
export interface RefreshableCluster {
  /** Its name. */
  readonly cluster: string;
  readonly config: ClusterConfig;
  /** The file of its certificate, as an absolute path. */
  readonly file: string;
}

/** Where clusters come from. */
interface ClusterSource {
  /** The context of the command line, for the only cluster. */
  readonly ownContext: string | undefined;
  /** The file that names the clusters. */
  readonly at: string;
}

/**
 * Returns the clusters that have a certificate file and a context, and notes which have not. Throws `NothingToUpdate` if
 * none is left, and `SameCertificateFile` if two have the same file.
 */
export function refreshableClusters(
  clusters: readonly ClusterConfig[],
  { ownContext, at }: ClusterSource,
  context: CliContext,
): readonly RefreshableCluster[] {
  const owners = new Map<string, string>();
  const refreshable = clusters.flatMap((config): RefreshableCluster[] => {
    const { name: cluster } = config;
    const file = certificateFileOf(config);
    const ownConfig = { ...config, context: ownContext ?? config.context };
    if (file === undefined || ownConfig.context === undefined) {
      const lacks = file === undefined ? 'certificate file' : 'context';
      context.warn(`note: ${cluster}: skipped: ${at} gives it no ${lacks}`);
      return [];
    }
    const { path } = realPathOf(file);
    const other = owners.get(path);
    if (other !== undefined) fail({ code: 'SameCertificateFile', at, clusters: [other, cluster] });
    owners.set(path, cluster);
    return [{ cluster, config: ownConfig, file }];
  });
  if (refreshable.length === 0) fail({ code: 'NothingToUpdate', at });
  return refreshable;
}
