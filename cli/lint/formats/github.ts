import { escaped } from '../../../shared/text.ts';
import type { Omitted } from '../finding-list.ts';
import type { Finding } from '../problem.ts';
import type { ReportFormat } from '../report.ts';
import { ruleOf, type Severity } from '../rules.ts';
import { messageOf, uncheckedMessage } from './message.ts';
import { omittedMessage, worstOmitted } from './omitted.ts';
import { relativePath } from './relative-path.ts';

/** The workflow commands of GitHub Actions by severity. */
const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<
  Severity,
  string
>;

/**
 * Writes workflow commands, which GitHub Actions shows as annotations of the lines
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). GitHub shows ten of each kind for a
 * step; the log has all.
 */
export const formatGithub: ReportFormat = ({ findings, omitted, unchecked }) =>
  [
    ...unchecked.map(
      (failure) => `::error title=${property('kubeseal lint')}::${data(uncheckedMessage(failure))}`,
    ),
    ...findings.map(command),
    ...omitted.map(omittedCommand),
  ]
    .map((line) => `${line}\n`)
    .join('');

function command(finding: Finding): string {
  const { rule, severity, file, line, column } = finding;
  const title = `${rule} ${ruleOf(rule).name}`;
  const place = `file=${property(escaped(relativePath(file)))},line=${line},col=${column}`;
  return `::${COMMANDS[severity]} ${place},title=${property(title)}::${data(messageOf(finding))}`;
}

function omittedCommand(omitted: Omitted): string {
  const place = `file=${property(escaped(relativePath(omitted.file)))}`;
  const title = property('kubeseal lint');
  return `::${COMMANDS[worstOmitted(omitted)]} ${place},title=${title}::${data(omittedMessage(omitted))}`;
}

/** Escapes as `escapeData` of actions/toolkit. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Escapes as `escapeProperty` of actions/toolkit. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
