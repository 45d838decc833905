import { joined } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { forCluster, withController } from './certificate-options.ts';
import { clusterOf } from './cluster-of.ts';
import type { ClusterConfig, RepositoryConfig } from './config.ts';
import type { ConfigurableOptions, Wanted } from './configured.ts';
import { realPathOf } from './real-path.ts';
import { shownPath } from './shown-path.ts';

/** A file, and the configuration that was found for it. */
export interface FoundConfig {
  /** Undefined for stdin or stdout. */
  readonly file: string | undefined;
  readonly config: RepositoryConfig | undefined;
}

/**
 * Returns the options of each file. Files of one cluster share theirs, and so do files of none. Says which cluster is used,
 * and which files belong to none although there are clusters.
 */
export function applyConfigs<O extends ConfigurableOptions>(
  options: O,
  { files, needs }: Wanted & { readonly files: readonly FoundConfig[] },
  context: CliContext,
): readonly O[] {
  const chosen = new Map<ClusterConfig, O>();
  const undecided = new Map<RepositoryConfig, Undecided<O>>();
  const completed = files.map(({ file, config }) => {
    if (config === undefined) return options;
    const cluster = options.choosesCluster ? undefined : clusterFor(file, config);
    if (cluster === undefined) {
      const { options: own, files } = entry(undecided, config, () => {
        return { options: withRules(options, config), files: [] };
      });
      files.push(file);
      return own;
    }
    return entry(chosen, cluster, () => {
      context.warn(describeChoice(cluster, { config, needs }));
      return optionsFor(withRules(options, config), { cluster, needs });
    });
  });
  for (const [config, { files }] of undecided) {
    if (config.clusters.length > 0 && !options.choosesCluster) context.warn(describeUndecided(files, config));
  }
  return completed;
}

/** Options without a cluster, and the files that they are for. */
interface Undecided<O> {
  readonly options: O;
  readonly files: (string | undefined)[];
}

/** Returns the value of a key, and makes it if there is none. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const before = map.get(key);
  if (before !== undefined) return before;
  const made = make();
  map.set(key, made);
  return made;
}

/** Returns options with what a configuration says about scopes and sealing records. */
export function withRules<O extends ConfigurableOptions>(options: O, config: RepositoryConfig): O {
  const { file, scope, maxScope, record } = config;
  const scopes = { file, scope, maxScope };
  return options.record === undefined && record ? { ...options, scopes, record } : { ...options, scopes };
}

/** Returns the cluster whose certificate a file is, else the one that it belongs to. */
function clusterFor(file: string | undefined, config: RepositoryConfig): ClusterConfig | undefined {
  const real = file === undefined ? undefined : realPathOf(file).path;
  const own = config.clusters.find(({ certificate }) => certificate !== undefined && certificate === real);
  return own ?? clusterOf(config, file);
}

/** A cluster, and what a command needs of it. */
export interface Choice extends Wanted {
  readonly cluster: ClusterConfig;
}

/** Returns options for a cluster: for its certificate, or to reach it. */
export function optionsFor<O extends ConfigurableOptions>(options: O, { cluster, needs }: Choice): O {
  if (needs === 'controller') return withController(options, cluster);
  const sealing = forCluster(options, cluster);
  return options.fromCluster ? withController(sealing, cluster) : sealing;
}

function describeChoice(
  { name, certificate, context }: ClusterConfig,
  { config: { file }, needs }: Wanted & { readonly config: RepositoryConfig },
): string {
  if (needs === 'controller')
    return context === undefined
      ? `(${name}: ${file} names no context of the kubeconfig for it; using the current one)`
      : `(${name}: using the context ${context}, as ${file} says)`;
  const source =
    certificate === undefined ? `the certificate of the context ${context ?? ''}` : shownPath(certificate);
  return `(${name}: sealing with ${source}, as ${file} says)`;
}

function describeUndecided(files: readonly (string | undefined)[], { file }: RepositoryConfig): string {
  const subject =
    files.length === 1 ? `${files[0] ?? 'the working folder'} belongs` : `${files.length} files belong`;
  const which = files.length === 1 ? '' : `: ${joined(files.map((each) => each ?? '<stdin>'))}`;
  return `(${subject} to no cluster of ${file}; using the current context of the kubeconfig${which})`;
}
