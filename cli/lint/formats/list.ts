import type { ReportFormat } from '../report.ts';
import { formatColoredText, formatText } from './text.ts';

/** The formats of a report; the first one is the default. */
export const REPORT_FORMATS = ['text', 'github', 'gitlab', 'sarif', 'json'] as const;

/** The name of a format. */
export type ReportName = (typeof REPORT_FORMATS)[number];

/** Whether a text names a format. */
export function isReportFormat(text: string): text is ReportName {
  return REPORT_FORMATS.some((name) => name === text);
}

/** Returns what writes a report in a format; with `hasColors`, text has colours. */
export async function reportFormat(name: ReportName, hasColors: boolean): Promise<ReportFormat> {
  switch (name) {
    case 'text':
      return hasColors ? formatColoredText : formatText;
    case 'github':
      return (await import('./github.ts')).formatGithub;
    case 'gitlab':
      return (await import('./gitlab.ts')).formatGitlab;
    case 'sarif':
      return (await import('./sarif.ts')).formatSarif;
    case 'json':
      return (await import('./json.ts')).formatJson;
  }
}
