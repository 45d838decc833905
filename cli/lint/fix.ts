import { SealedSecretsError } from '../../shared/errors.ts';
import { editDocuments } from '../../shared/manifest/edit.ts';
import type { CliContext } from '../context.ts';
import { replaceTreeFile } from '../files/replace.ts';
import type { LintContext } from './context.ts';
import { lintFile, type FileReport, type LintedFile } from './lint-file.ts';
import { countOf, type ListedFindings } from './finding-list.ts';
import type { Finding } from './problem.ts';
import { ruleOf, SEVERITIES } from './rules.ts';

/** A file with findings that can be mended. */
export interface Mending {
  readonly file: LintedFile;
  readonly report: FileReport;
  /** Whether to write the file; otherwise only says what would be mended. */
  readonly write: boolean;
}

/**
 * Mends a file, all of it or nothing, and says what was mended. Returns what is wrong then; what was wrong before, if the
 * file is not written. Throws `FileChanged` and `UnwritableFile`.
 */
export async function mendFile(
  { file, report, write }: Mending,
  context: LintContext,
  cli: CliContext,
): Promise<FileReport> {
  const text = edited(file, report);
  if (text === undefined) return report;
  const after = await lintFile({ ...file, bytes: Buffer.from(text) }, context);
  // An edit that does not mend its finding, or makes another one, is not safe.
  if (after.edits.length > 0 || countIn(after) > countIn(report) - report.edits.length) return report;
  const mended = report.findings.filter(({ fix }) => fix !== undefined);
  const rest = report.edits.length - mended.length;
  if (write) await replaceTreeFile(file, text, 'mended');
  for (const finding of mended) cli.warn(`${write ? 'mended' : 'would mend'} ${shown(finding)}`);
  if (rest > 0) cli.warn(`${write ? 'mended' : 'would mend'} ${file.file}: ${rest} more`);
  return write ? after : report;
}

function countIn(found: ListedFindings): number {
  return SEVERITIES.reduce((sum, severity) => sum + countOf(severity, found), 0);
}

/** Returns undefined if the edits are not possible, as for an alias. */
function edited({ file, bytes }: LintedFile, { edits }: FileReport): string | undefined {
  try {
    return editDocuments(bytes, file, edits);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

function shown({ file, line, rule, object, message, afterFix }: Finding): string {
  const left = afterFix === undefined ? '' : `; ${afterFix}`;
  const about = object === undefined ? '' : `${object}: `;
  return `${file}:${line}: ${rule} ${ruleOf(rule).name}: ${about}${message}${left}`;
}
