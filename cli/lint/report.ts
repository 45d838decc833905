import type { Failure } from '../../shared/errors.ts';
import { FindingList, MAX_FINDINGS, type ListedFindings } from './finding-list.ts';

/**
 * The result of a whole check, which each format writes in its own way. The findings are in the order of the files, and of
 * the lines in each.
 */
export interface LintReport extends ListedFindings {
  /** What could not be checked. The check is then incomplete, and does not pass. */
  readonly unchecked: readonly Failure[];
  /** The number of files that were checked. */
  readonly files: number;
}

/** Returns a report as text that ends with a line break. Paths in it are relative to the working folder. */
export type ReportFormat = (report: LintReport) => string;

/** Joins reports about different files. */
export function joinedReports(reports: readonly LintReport[]): LintReport {
  const list = new FindingList(MAX_FINDINGS);
  for (const report of reports) list.addList(report);
  return {
    ...list.listed(),
    unchecked: reports.flatMap(({ unchecked }) => unchecked),
    files: reports.reduce((sum, { files }) => sum + files, 0),
  };
}
