import type { Failure } from '../../shared/errors.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { CliContext } from '../context.ts';
import { readSuspects } from '../inspect/certificates.ts';
import { readFileBytes } from '../io/input.ts';
import { Lines } from '../lint/lines.ts';
import type { LintCluster } from '../lint/object.ts';
import type { Finding } from '../lint/problem.ts';
import { certificateProblems } from '../lint/rules/certificate-expiry.ts';
import { severityOf } from '../lint/severity.ts';
import type { LintContext } from '../lint/context.ts';
import { certificateFileOf } from './certificate-options.ts';
import type { ClusterConfig } from './config.ts';
import { shownPath } from './shown-path.ts';

/** A cluster whose certificates could be read, or why they could not. */
type ReadCluster = LintCluster | Failure | undefined;

/** Which rules apply to certificates. */
type Settings = Pick<LintContext, 'severities' | 'only'>;

/** Reads the certificate files of clusters, each once. Fetches nothing. */
export class LintClusters {
  readonly #cli: CliContext;
  readonly #read = new Map<ClusterConfig, Promise<ReadCluster>>();
  readonly #used = new Map<ClusterConfig, Settings>();
  readonly #given = new Map<LintCluster, Settings>();

  constructor(cli: CliContext) {
    this.#cli = cli;
  }

  /** Returns those of the clusters whose certificates are known. */
  async known(clusters: readonly ClusterConfig[]): Promise<readonly LintCluster[]> {
    const all = await Promise.all(clusters.map((cluster) => this.#cluster(cluster)));
    return all.filter((cluster) => cluster !== undefined && 'certificates' in cluster);
  }

  /** Returns a cluster that a file belongs to, whose certificate is then checked. Undefined if it is not known. */
  async used(cluster: ClusterConfig, settings: Settings): Promise<LintCluster | undefined> {
    const read = await this.#cluster(cluster);
    this.#used.set(cluster, settings);
    return read !== undefined && 'certificates' in read ? read : undefined;
  }

  /** Takes a cluster of the command line, whose certificate is then checked. */
  add(cluster: LintCluster, settings: Settings): void {
    this.#given.set(cluster, settings);
  }

  /** Returns what is wrong with the certificates of the clusters that files belong to. */
  async report(): Promise<{ readonly findings: readonly Finding[]; readonly unchecked: readonly Failure[] }> {
    const findings: Finding[] = [];
    const unchecked: Failure[] = [];
    for (const [cluster, settings] of this.#given)
      for (const finding of await this.#findings(cluster, settings)) findings.push(finding);
    for (const [cluster, settings] of this.#used) {
      const read = await this.#cluster(cluster);
      if (read === undefined) continue;
      if (!('certificates' in read)) unchecked.push(read);
      else for (const finding of await this.#findings(read, settings)) findings.push(finding);
    }
    return { findings, unchecked };
  }

  #cluster(cluster: ClusterConfig): Promise<ReadCluster> {
    const known = this.#read.get(cluster) ?? this.#readFile(cluster);
    this.#read.set(cluster, known);
    return known;
  }

  async #readFile(cluster: ClusterConfig): Promise<ReadCluster> {
    const { name } = cluster;
    const file = certificateFileOf(cluster);
    if (file === undefined) {
      const source = cluster.certificate === undefined ? 'a cluster' : 'a URL';
      this.#cli.warn(
        `(${name}: its certificate comes from ${source}, so lint cannot tell which keys its files are sealed with)`,
      );
      return undefined;
    }
    try {
      return { name, certificates: await readSuspects([shownPath(file)], this.#cli) };
    } catch (error) {
      if (error instanceof SealedSecretsError) return error.failure;
      throw error;
    }
  }

  async #findings({ certificates: [newest] }: LintCluster, settings: Settings): Promise<readonly Finding[]> {
    if (newest === undefined) return [];
    const text = (await readFileBytes(newest.from)).toString('latin1');
    const position = new Lines(text).positionOf(Math.max(0, text.indexOf('-----BEGIN CERTIFICATE-----')));
    return certificateProblems(newest, this.#cli.clock.now()).flatMap((problem) => {
      const severity = severityOf(problem, settings);
      if (severity === undefined) return [];
      return [{ ...problem, severity, file: newest.from, object: undefined, ...position }];
    });
  }
}
