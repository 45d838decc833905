import type { Scope } from '../../shared/seal/scope.ts';
import type { Destination, LintCluster, LintedObject } from './object.ts';
import type { Path } from './plaintext.ts';
import type { RuleId, Severity } from './rules.ts';

/** What is known about a file besides its bytes, and which rules apply. */
export interface LintContext {
  /** The cluster that the path of the file belongs to, if that is known. */
  readonly cluster: LintCluster | undefined;
  /** Every known cluster. */
  readonly clusters: readonly LintCluster[];
  /** The widest scope that is allowed. */
  readonly maxScope: Scope;
  /** The severity of rules, where it is not the usual one. */
  readonly severities: ReadonlyMap<RuleId, Severity | 'off'>;
  /** The rules to apply; undefined: all. */
  readonly only: ReadonlySet<RuleId> | undefined;
  /** Returns where tools put an object of the file, if they change its name or namespace. */
  readonly destinationsOf: (object: LintedObject) => Promise<readonly Destination[]>;
  /** Returns the ways to the entries that name files in plain text, for the generators of Secrets in a kustomization. */
  readonly plainFilesOf: (object: LintedObject) => Promise<readonly Path[]>;
  /** Whether a kustomization names the file as a patch: its objects are parts of others. */
  readonly isPatch: () => Promise<boolean>;
  readonly now: Date;
}

/** Returns the context of a file about which nothing is known. */
export function plainContext(now: Date): LintContext {
  return {
    cluster: undefined,
    clusters: [],
    maxScope: 'cluster-wide',
    severities: new Map(),
    only: undefined,
    destinationsOf: () => Promise.resolve([]),
    plainFilesOf: () => Promise.resolve([]),
    isPatch: () => Promise.resolve(false),
    now,
  };
}
