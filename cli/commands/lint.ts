import { visible } from '../../shared/text.ts';
import type { ConfigOptions } from '../config/find-config.ts';
import type { CliContext } from '../context.ts';
import { outputOptions, wordsOf, type OutputOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { SeveralFailures } from '../for-each.ts';
import { showsColors } from '../io/color.ts';
import { writeText } from '../io/output.ts';
import { countOf } from '../lint/finding-list.ts';
import { summaryOf } from '../lint/formats/text.ts';
import { isReportFormat, REPORT_FORMATS, reportFormat, type ReportName } from '../lint/formats/list.ts';
import { withKustomizations } from '../lint/kustomize/contexts.ts';
import type { LintCluster } from '../lint/object.ts';
import { joinedReports, type LintReport } from '../lint/report.ts';
import { RULE_WORDS, ruleNamed, type RuleId } from '../lint/rules.ts';
import { lintPaths, type ContextOf, type LintPaths } from '../lint/run.ts';
import { nearest } from '../../shared/input/nearest.ts';
import { defineCommand } from './command.ts';

interface LintOptions extends LintPaths, OutputOptions, ConfigOptions {
  readonly command: 'lint';
  readonly format: ReportName;
  /** The folders of kustomizations to build and check. */
  readonly kustomize: readonly string[];
  /** Undefined for all rules. */
  readonly only: ReadonlySet<RuleId> | undefined;
  /** Files of certificates of one cluster, which all files belong to. Empty for the clusters of `.kubeseal.yaml`. */
  readonly certs: readonly string[];
}

/** `lint [PATH…]`: finds mistakes in files, without a cluster. */
export const lint = defineCommand<LintOptions>({ name: 'lint', options: lintOptions, run: runLint });

function lintOptions(flags: ParsedFlags): LintOptions {
  const words = wordsOf(flags);
  const kustomize = flags.list('kustomize');
  const format = flags.text('format') ?? REPORT_FORMATS[0];
  const certs = flags.list('cert');
  const fix = flags.on('fix');
  const dryRun = flags.on('dry-run');
  if (dryRun && !fix) usageError('lint: --dry-run is for --fix; without it, lint changes no file');
  if (fix && words.includes('-')) usageError('lint: --fix mends files, and not stdin');
  return {
    command: 'lint',
    paths: words.length === 0 && kustomize.length === 0 ? ['.'] : words,
    kustomize,
    include: flags.list('include'),
    exclude: flags.list('exclude'),
    format: isReportFormat(format) ? format : REPORT_FORMATS[0],
    ...outputOptions(flags),
    // A variable may hold the certificate to seal with, which says nothing about the files of a repository.
    certs: flags.typed('cert') ? certs.map(certificateFile) : [],
    config: flags.text('config'),
    only: ruleIds(flags.list('only')),
    mode: fix ? (dryRun ? 'dry-run' : 'fix') : 'check',
  };
}

function certificateFile(cert: string): string {
  return /^https?:/i.test(cert) ? usageError('lint: --cert takes a file: lint works offline') : cert;
}

function ruleIds(words: readonly string[]): ReadonlySet<RuleId> | undefined {
  return words.length === 0 ? undefined : new Set(words.map(ruleId));
}

function ruleId(word: string): RuleId {
  const id = ruleNamed(word);
  if (id !== undefined) return id;
  const similar = nearest(word, RULE_WORDS);
  const hint = similar === undefined ? '; the rules: docs/lint' : ` (Did you mean ${similar}?)`;
  return usageError(`--only: there is no rule "${visible(word)}"${hint}`);
}

/** Prints the findings. Returns the exit code: 1 after an error or a warning. Throws if something could not be checked. */
async function runLint(options: LintOptions, cli: CliContext): Promise<number> {
  const { LintContexts } = await import('../config/lint-contexts.ts');
  const cluster = await clusterOfFlag(options, cli);
  const contexts = new LintContexts({ config: options.config, only: options.only, cluster }, cli);
  const contextOf = withKustomizations((path) => contexts.of(path));
  const files = await lintPaths(options, contextOf, cli);
  const builds = await lintBuilds(options, contextOf, cli);
  const certificates = await contexts.clusters.report();
  const report = joinedReports([files, ...builds, { ...certificates, omitted: [], files: 0 }]);
  await writeReport(report, options);
  const summary = summaryOf(report);
  if (report.unchecked.length > 0) throw new SeveralFailures(report.unchecked, summary);
  cli.warn(summary);
  return countOf('error', report) + countOf('warning', report) > 0 ? 1 : 0;
}

async function clusterOfFlag({ certs }: LintOptions, cli: CliContext): Promise<LintCluster | undefined> {
  if (certs.length === 0) return undefined;
  const { readSuspects } = await import('../inspect/certificates.ts');
  return { name: '--cert', certificates: await readSuspects(certs, cli) };
}

/** Builds and checks kustomizations, one after the other. */
async function lintBuilds(
  { kustomize }: LintOptions,
  contextOf: ContextOf,
  cli: CliContext,
): Promise<readonly LintReport[]> {
  const reports: LintReport[] = [];
  for (const folder of kustomize) {
    const { lintBuild } = await import('../lint/kustomize/lint-build.ts');
    reports.push(await lintBuild(folder, contextOf, cli));
  }
  return reports;
}

/** Writes the report. If a file gets one for programs, people find the findings on stdout. */
async function writeReport(report: LintReport, options: LintOptions): Promise<void> {
  const hasColors = showsColors(process.stdout);
  const isFile = options.sealedSecretFile !== undefined;
  const format = await reportFormat(options.format, hasColors && !isFile);
  await writeText(format(report), options, false);
  if (!isFile || options.format === 'text') return;
  const text = await reportFormat('text', hasColors);
  await writeText(text(report), { sealedSecretFile: undefined }, false);
}
