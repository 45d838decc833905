import type { LintContext } from './context.ts';
import type { Problem } from './problem.ts';
import { ruleOf, SEVERITIES, type Severity } from './rules.ts';

/**
 * Returns how bad a problem is. A setting replaces the usual severity of a rule; where a rule finds something less bad
 * than usual, a setting can only lower it. Undefined if the rule is off.
 */
export function severityOf(
  { rule, severity: own }: Pick<Problem, 'rule' | 'severity'>,
  { severities, only }: Pick<LintContext, 'severities' | 'only'>,
): Severity | undefined {
  if (only !== undefined && !only.has(rule)) return undefined;
  const setting = severities.get(rule);
  if (setting === 'off') return undefined;
  if (own === undefined || setting === undefined) return own ?? setting ?? ruleOf(rule).severity;
  return SEVERITIES[Math.max(SEVERITIES.indexOf(own), SEVERITIES.indexOf(setting))];
}
