import { counted } from '../../../shared/text.ts';
import type { Omitted } from '../finding-list.ts';
import { SEVERITIES, type Severity } from '../rules.ts';

/** Returns how many findings of a file are not listed, such as `not listed: 3 errors, 1 warning`. */
export function omittedMessage({ counts }: Omitted): string {
  const words = SEVERITIES.filter((severity) => counts[severity] > 0);
  return `not listed: ${words.map((severity) => counted(counts[severity], severity)).join(', ')}`;
}

/** Returns how bad the worst of the findings is that are not listed. */
export function worstOmitted({ counts }: Omitted): Severity {
  return SEVERITIES.find((severity) => counts[severity] > 0) ?? 'note';
}
