import { escaped } from '../../../shared/text.ts';
import { version } from '../../../shared/version.ts';
import type { Finding } from '../problem.ts';
import type { ReportFormat } from '../report.ts';
import { RULE_IDS, ruleOf, type Severity } from '../rules.ts';
import { fingerprints } from './fingerprints.ts';
import { messageOf, uncheckedMessage } from './message.ts';
import { omittedMessage } from './omitted.ts';
import { relativePath } from './relative-path.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** By how much GitHub sorts the alerts of a rule, from 0 to 10: high, medium and low. */
const SECURITY = { error: '8.0', warning: '5.0', note: '2.0' } as const satisfies Record<Severity, string>;

/** Writes SARIF 2.1.0, which GitHub's code scanning and editors read. */
export const formatSarif: ReportFormat = ({ findings, omitted, unchecked }) => {
  const prints = fingerprints(findings);
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'kubeseal', version: version(), rules: RULE_IDS.map(descriptor) } },
        automationDetails: { id: 'kubeseal-lint/' },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unchecked.length === 0,
            toolExecutionNotifications: [
              ...unchecked.map((failure) => ({
                level: 'error',
                message: { text: uncheckedMessage(failure) },
              })),
              ...omitted.map((each) => ({
                level: 'warning',
                message: { text: escaped(`${relativePath(each.file)}: ${omittedMessage(each)}`) },
              })),
            ],
          },
        ],
        results: findings.map((finding, index) => result(finding, prints[index] ?? '')),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

function descriptor(id: (typeof RULE_IDS)[number]): object {
  const { name, severity, summary } = ruleOf(id);
  return {
    id,
    name,
    // GitHub requires the full description and the help.
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: { text: `${summary} docs/lint/${id}.md describes the rule.` },
    defaultConfiguration: { level: severity },
    properties: { tags: ['security'], 'security-severity': SECURITY[severity] },
  };
}

function result(finding: Finding, fingerprint: string): object {
  const { rule, severity, file, line, column } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULE_IDS.indexOf(rule),
    level: severity,
    message: { text: messageOf(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
    partialFingerprints: { 'kubesealFinding/v1': fingerprint },
  };
}

/** Returns a relative reference (RFC 3986), as SARIF requires it of files in a repository. */
function uriOf(file: string): string {
  return relativePath(file).toWellFormed().split('/').map(encodeURIComponent).join('/');
}
