import type { Scope } from '../../shared/seal/scope.ts';
import type { RuleId, Severity } from '../lint/rules.ts';
import type { IgnorePatterns } from '../files/ignore-patterns.ts';

/** The name of the file. */
export const CONFIG_NAME = '.kubeseal.yaml';

/** What a repository says about its SealedSecrets in `.kubeseal.yaml`. */
export interface RepositoryConfig {
  /** The file as messages name it. */
  readonly file: string;
  /** The folder of the file, absolute and without symbolic links. Patterns and relative paths start here. */
  readonly folder: string;
  /** The clusters, in the order of the file: the first one whose patterns fit a path is used. */
  readonly clusters: readonly ClusterConfig[];
  /** The scope to seal with; undefined: strict. */
  readonly scope: Scope | undefined;
  /** The widest scope that is allowed; undefined: any. */
  readonly maxScope: Scope | undefined;
  /** Whether to write sealing records. */
  readonly record: boolean;
  readonly lint: LintConfig;
}

/** A cluster of a repository. */
export interface ClusterConfig {
  readonly name: string;
  /** The file, as an absolute path, or the URL of its certificate. */
  readonly certificate: string | undefined;
  /** The context of the kubeconfig. */
  readonly context: string | undefined;
  readonly controllerName: string | undefined;
  readonly controllerNamespace: string | undefined;
  /** The files that belong to the cluster; undefined: those of no other cluster. */
  readonly paths: IgnorePatterns | undefined;
}

/** What `kubeseal lint` does here. */
export interface LintConfig {
  /** The severity of rules, where it is not the usual one. */
  readonly rules: ReadonlyMap<RuleId, Severity | 'off'>;
  /** The files and folders that are not checked. */
  readonly exclude: IgnorePatterns | undefined;
}
