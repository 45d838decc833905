import type { ReportFormat } from '../report.ts';
import { ruleOf, type Severity } from '../rules.ts';
import { fingerprints } from './fingerprints.ts';
import { messageOf, uncheckedMessage } from './message.ts';
import { omittedMessage, worstOmitted } from './omitted.ts';
import { relativePath } from './relative-path.ts';

/** The severities of Code Climate, of which GitLab reads a subset. */
const SEVERITIES = { error: 'critical', warning: 'minor', note: 'info' } as const satisfies Record<
  Severity,
  string
>;

/** Writes a code quality report (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format). */
export const formatGitlab: ReportFormat = ({ findings, omitted, unchecked }) => {
  const prints = fingerprints(findings);
  const issues = findings.map((finding, index) => ({
    description: messageOf(finding),
    check_name: `${finding.rule} ${ruleOf(finding.rule).name}`,
    fingerprint: prints[index],
    severity: SEVERITIES[finding.severity],
    location: { path: relativePath(finding.file), lines: { begin: finding.line } },
  }));
  // A report that only lacks them would look like one without findings. A failure has its place in the description.
  const failures = unchecked.map((failure, index) => ({
    description: uncheckedMessage(failure),
    check_name: 'unchecked',
    fingerprint: `unchecked-${index}`,
    severity: 'blocker',
    location: { path: '.', lines: { begin: 1 } },
  }));
  const others = omitted.map((each, index) => ({
    description: omittedMessage(each),
    check_name: 'not listed',
    fingerprint: `omitted-${index}`,
    severity: SEVERITIES[worstOmitted(each)],
    location: { path: relativePath(each.file), lines: { begin: 1 } },
  }));
  return `${JSON.stringify([...failures, ...issues, ...others], null, 2)}\n`;
};
