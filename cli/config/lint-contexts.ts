import type { CliContext } from '../context.ts';
import { plainContext, type LintContext } from '../lint/context.ts';
import type { LintCluster } from '../lint/object.ts';
import type { RuleId } from '../lint/rules.ts';
import { clusterOf, namesBelow } from './cluster-of.ts';
import { certificateOwner } from './certificate-owner.ts';
import type { RepositoryConfig } from './config.ts';
import { ConfigSearch, type ConfigOptions } from './find-config.ts';
import { LintClusters } from './lint-clusters.ts';
import { realPathOf } from './real-path.ts';

/** How the user restricted the check. */
export interface LintSettings extends ConfigOptions {
  /** The rules to apply; undefined: all. */
  readonly only: ReadonlySet<RuleId> | undefined;
  /** The cluster that all files belong to; undefined for those of `.kubeseal.yaml`. */
  readonly cluster: LintCluster | undefined;
}

/** What `.kubeseal.yaml` says about the files to check. */
export class LintContexts {
  readonly #settings: LintSettings;
  readonly #search: ConfigSearch;
  readonly #now: Date;
  /** The clusters of all files so far. */
  readonly clusters: LintClusters;

  constructor(settings: LintSettings, cli: CliContext) {
    this.#settings = settings;
    this.#search = new ConfigSearch(settings, cli);
    this.#now = cli.clock.now();
    this.clusters = new LintClusters(cli);
    const { cluster, only } = settings;
    if (cluster !== undefined) this.clusters.add(cluster, { severities: new Map(), only });
  }

  /**
   * Returns what is known about a file; `excluded` for one that is not to be checked. Throws what `ConfigSearch` throws.
   *
   * @param path undefined for stdin
   */
  async of(path: string | undefined): Promise<LintContext | 'excluded'> {
    const { only, cluster } = this.#settings;
    let config: RepositoryConfig | undefined;
    for await (config of this.#search.findAll(path))
      if (path !== undefined && isExcluded(config, path)) return 'excluded';
    const plain = { ...plainContext(this.#now), only };
    const own = config === undefined ? plain : { ...plain, ...settingsOf(config) };
    if (cluster !== undefined) return { ...own, cluster, clusters: [cluster] };
    if (config === undefined) return own;
    const owner = certificateOwner(config, path);
    if (owner !== undefined) await this.clusters.used(owner, own);
    const used = clusterOf(config, path);
    return {
      ...own,
      cluster: used && (await this.clusters.used(used, own)),
      clusters: await this.clusters.known(config.clusters),
    };
  }
}

function settingsOf({ maxScope, lint }: RepositoryConfig): Pick<LintContext, 'maxScope' | 'severities'> {
  return { maxScope: maxScope ?? 'cluster-wide', severities: lint.rules };
}

function isExcluded({ folder, lint: { exclude } }: RepositoryConfig, path: string): boolean {
  if (exclude === undefined) return false;
  const names = namesBelow(folder, realPathOf(path).path);
  return names !== undefined && exclude.covers(names);
}
