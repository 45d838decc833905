import { counted, escaped, MAX_PRINTED, shortened } from '../../../shared/text.ts';
import type { Finding } from '../problem.ts';
import type { LintReport, ReportFormat } from '../report.ts';
import { ruleOf, SEVERITIES } from '../rules.ts';

/** Returns the findings for people: one line that says what is wrong, and one that says what to do. */
export const formatText: ReportFormat = ({ findings }) => findings.map(describe).join('');

function describe({ file, line, column, severity, rule, object, message, advice }: Finding): string {
  const about = object === undefined ? '' : `${object}: `;
  const place = `${file}:${line}:${column}`;
  const first = `${place}: ${severity} ${rule} ${ruleOf(rule).name}: ${about}${message}`;
  return `${shownLine(first)}\n    ${shownLine(`${advice} (docs/lint/${rule}.md)`)}\n`;
}

function shownLine(text: string): string {
  return shortened(escaped(text), MAX_PRINTED);
}

/** Returns how much was found, such as `3 errors, 1 warning in 2 of 87 files`. */
export function summaryOf({ findings, unchecked, files }: LintReport): string {
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0);
  const affected = new Set(findings.map(({ file }) => file)).size;
  const found =
    counts.length === 0
      ? `no problems in ${counted(files, 'file')}`
      : `${counts.map(({ severity, count }) => counted(count, severity)).join(', ')} in ${affected} of ` +
        counted(files, 'file');
  return unchecked.length === 0 ? found : `${found}; ${unchecked.length} could not be checked`;
}
