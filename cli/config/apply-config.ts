import { joined } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { fail } from '../errors.ts';
import { forCluster, withController } from './certificate-options.ts';
import { certificateOwner } from './certificate-owner.ts';
import { clusterOf } from './cluster-of.ts';
import type { ClusterConfig, RepositoryConfig } from './config.ts';
import type { ConfigurableOptions, Wanted } from './configured.ts';
import { shownPath } from './shown-path.ts';

/** A file, and the configuration that was found for it. */
export interface FoundConfig {
  /** Undefined for stdin or stdout. */
  readonly file: string | undefined;
  readonly config: RepositoryConfig | undefined;
}

/**
 * Returns the options of each file. Files of one cluster share theirs, and so do files of none. Says which cluster is used,
 * and which files belong to none although there are clusters. Throws `NoContext`.
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
    if (cluster !== undefined)
      return entry(chosen, cluster, () => chosenOptions(options, { cluster, config, needs }, context));
    const none = entry(undecided, config, () => ({ options: withRules(options, config), files: [] }));
    none.files.push(file);
    return none.options;
  });
  for (const [config, { files }] of undecided) {
    if (config.clusters.length > 0 && !options.choosesCluster && options.cert === undefined)
      context.warn(describeUndecided(files, config));
  }
  return completed;
}

/** Returns the options for a cluster, and says which it is. Throws `NoContext`. */
function chosenOptions<O extends ConfigurableOptions>(
  options: O,
  { cluster, config, needs }: Omit<Choice, 'instead'>,
  context: CliContext,
): O {
  const ruled = withRules(options, config);
  const choice = { cluster, config, needs, instead: '--context' } as const;
  if (options.cert === undefined || needs !== 'certificate') {
    const own = optionsFor(ruled, choice);
    context.warn(describeChoice(cluster, { config, needs }));
    return own;
  }
  context.warn(
    `(${cluster.name}: sealing with the certificate of SEALED_SECRETS_CERT, and not as ${config.file} says)`,
  );
  return options.fromCluster ? reaching(ruled, choice) : ruled;
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
  return certificateOwner(config, file) ?? clusterOf(config, file);
}

/** A cluster of a configuration. */
interface ChosenCluster {
  readonly cluster: ClusterConfig;
  readonly config: RepositoryConfig;
  /** The flag that helps if the cluster has no context. */
  readonly instead: '--context' | '--recovery-private-key';
}

/** A cluster, and what a command needs of it. */
export interface Choice extends Wanted, ChosenCluster {}

/**
 * Returns options for a cluster: for its certificate, or to reach it. A certificate of the environment does not count.
 * Throws `NoContext`.
 */
export function optionsFor<O extends ConfigurableOptions>(options: O, { needs, ...chosen }: Choice): O {
  if (needs === 'controller') return { ...reaching(options, chosen), cert: undefined };
  const sealing = forCluster(options, chosen.cluster);
  return options.fromCluster ? reaching(sealing, chosen) : sealing;
}

/** Throws `NoContext`: without a context, the current one of the kubeconfig would be used, whichever it is. */
function reaching<O extends ConfigurableOptions>(
  options: O,
  { cluster, config: { file }, instead }: ChosenCluster,
): O {
  const why = options.fromCluster ? '--from-cluster' : 'this command';
  if (cluster.context === undefined)
    fail({ code: 'NoContext', at: file, cluster: cluster.name, why, instead });
  return withController(options, cluster);
}

/** The context is there if the controller is needed, or if there is no other certificate. */
function describeChoice(
  { name, certificate, context = '' }: ClusterConfig,
  { config: { file }, needs }: Wanted & { readonly config: RepositoryConfig },
): string {
  if (needs === 'controller') return `(${name}: using the context ${context}, as ${file} says)`;
  const source =
    certificate === undefined ? `the certificate of the context ${context}` : shownPath(certificate);
  return `(${name}: sealing with ${source}, as ${file} says)`;
}

function describeUndecided(files: readonly (string | undefined)[], { file }: RepositoryConfig): string {
  const subject =
    files.length === 1 ? `${files[0] ?? 'the working folder'} belongs` : `${files.length} files belong`;
  const which = files.length === 1 ? '' : `: ${joined(files.map((each) => each ?? '<stdin>'))}`;
  return `(${subject} to no cluster of ${file}; using the current context of the kubeconfig${which})`;
}
