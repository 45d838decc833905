import { describeForUser } from '../../errors.ts';
import { escaped } from '../../../shared/text.ts';
import type { ReportFormat } from '../report.ts';
import { ruleOf } from '../rules.ts';

/** The version of the format. Fields are added without a new one. */
const VERSION = 1;

/** Writes a report for programs, as `docs/lint/formats.md` describes it. */
export const formatJson: ReportFormat = ({ findings, omitted, unchecked, files }) => {
  const report = {
    version: VERSION,
    files,
    findings: findings.map(({ rule, severity, file, line, column, object, message, advice, fix }) => ({
      rule,
      name: ruleOf(rule).name,
      severity,
      file,
      line,
      column,
      object: object === undefined ? null : escaped(object),
      message: escaped(message),
      advice: escaped(advice),
      fixable: fix !== undefined,
    })),
    omitted: omitted.map(({ file, counts }) => ({ file, ...counts })),
    unchecked: unchecked.map((failure) => ({ code: failure.code, message: describeForUser(failure) })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
};
