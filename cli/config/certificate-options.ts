import { isAbsolute } from 'node:path';
import type { ConfigOptions } from '../flags/options.ts';
import type { ClusterConfig } from './config.ts';
import type { ConfigurableOptions } from './configured.ts';
import { shownPath } from './shown-path.ts';

type ClusterOptions = Omit<ConfigurableOptions, keyof ConfigOptions>;

/** Returns the options to obtain a cluster's certificate: its file or URL, else that of the controller. */
export function forCluster<O extends ClusterOptions>(options: O, cluster: ClusterConfig): O {
  const { certificate } = cluster;
  if (certificate === undefined) return { ...withController(options, cluster), cert: undefined };
  return { ...options, cert: shownPath(certificate) };
}

/**
 * Returns the options to reach a cluster's controller, even if there is a file with its certificate. What the command line
 * says of the controller stays.
 */
export function withController<O extends ClusterOptions>(
  options: O,
  { context, controllerName, controllerNamespace }: ClusterConfig,
): O {
  return {
    ...options,
    cluster: { ...options.cluster, context: context ?? options.cluster.context },
    ...(controllerName === undefined || options.typesName ? {} : { controllerName }),
    ...(controllerNamespace === undefined || options.typesNamespace ? {} : { controllerNamespace }),
  };
}

/** Returns the file of a cluster's certificate; undefined if the certificate has a URL, or comes from the cluster. */
export function certificateFileOf({ certificate }: ClusterConfig): string | undefined {
  return certificate !== undefined && isAbsolute(certificate) ? certificate : undefined;
}
