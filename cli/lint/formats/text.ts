import { counted, escaped, MAX_PRINTED, shortened } from '../../../shared/text.ts';
import { painted, type Color } from '../../io/color.ts';
import { countOf } from '../finding-list.ts';
import type { Finding } from '../problem.ts';
import type { LintReport, ReportFormat } from '../report.ts';
import { ruleOf, SEVERITIES, type Severity } from '../rules.ts';
import { omittedMessage } from './omitted.ts';

/** Returns the findings for people: one line that says what is wrong, and one that says what to do. */
export const formatText: ReportFormat = (report) => written(report, headline);

/** Returns the findings for people at a terminal, with the severities in colour. */
export const formatColoredText: ReportFormat = (report) => written(report, coloredHeadline);

function written({ findings, omitted }: LintReport, first: (finding: Finding) => string): string {
  return [
    ...findings.map((finding) => described(first(finding), finding)),
    ...omitted.map((each) => `${shownLine(`${each.file}: ${omittedMessage(each)}`)}\n`),
  ].join('');
}

function described(line: string, { rule, advice }: Finding): string {
  return `${line}\n    ${shownLine(`${advice} (docs/lint/${rule}.md)`)}\n`;
}

function headline(finding: Finding): string {
  const { severity, rule, object, message } = finding;
  const about = object === undefined ? '' : `${object}: `;
  return shownLine(`${placeOf(finding)}${severity} ${rule} ${ruleOf(rule).name}: ${about}${message}`);
}

function placeOf({ file, line, column }: Finding): string {
  return `${file}:${line}:${column}: `;
}

/** A note is no problem, and has the colour of the text. */
const COLOR_OF: Readonly<Record<Severity, Color | undefined>> = {
  error: 'red',
  warning: 'yellow',
  note: undefined,
};

function coloredHeadline(finding: Finding): string {
  const { severity } = finding;
  const line = headline(finding);
  const color = COLOR_OF[severity];
  const before = escaped(placeOf(finding));
  if (color === undefined || !line.startsWith(`${before}${severity} `)) return line;
  return before + painted(severity, color) + line.slice(before.length + severity.length);
}

function shownLine(text: string): string {
  return shortened(escaped(text), MAX_PRINTED);
}

/** Returns how much was found, such as `3 errors, 1 warning in 2 of 87 files`. */
export function summaryOf(report: LintReport): string {
  const { findings, omitted, unchecked, files } = report;
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: countOf(severity, report),
  })).filter(({ count }) => count > 0);
  const affected = new Set([...findings, ...omitted].map(({ file }) => file)).size;
  // Findings can also be in a certificate or in a source of a kustomization, which do not count as checked files.
  const where = affected > files ? counted(affected, 'file') : `${affected} of ${counted(files, 'file')}`;
  const found =
    counts.length === 0
      ? `no problems in ${counted(files, 'file')}`
      : `${counts.map(({ severity, count }) => counted(count, severity)).join(', ')} in ${where}`;
  return unchecked.length === 0 ? found : `${found}; ${unchecked.length} could not be checked`;
}
