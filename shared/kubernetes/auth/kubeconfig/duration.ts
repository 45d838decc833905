import { fail } from '../../errors.ts';
import { parseGoDuration } from '../../../go-values.ts';

/**
 * Parses `--request-timeout` as kubectl does: bare seconds, or a Go duration such as `90s`, `1m30s` or `1.5h`. Returns
 * ms. Throws `BadKubeconfig`.
 */
export function parseTimeout(text: string): number {
  if (/^\+?[0-9]+$/.test(text)) return Number(text) * 1000;
  const problem = 'not a duration; use seconds, or a number with a unit (30s, 2m, 1h)';
  const ms = parseGoDuration(text);
  return ms !== undefined && ms >= 0 ? ms : fail({ code: 'BadKubeconfig', at: '--request-timeout', problem });
}
