import { MASK } from './placeholders.ts';

/**
 * Replaces the actions of a template, such as `{{ .Values.name }}` of Helm, so that what remains can be read as YAML. A
 * line with nothing but actions becomes blank: it is control flow, or makes lines of its own. Other actions become
 * placeholders. The text keeps its length and its lines, so that offsets stay right.
 */
export function maskActions(text: string): string {
  let masked = '';
  let at = 0;
  for (const { start, end } of actionsIn(text)) {
    const [first = '', ...rest] = text.slice(start, end).split('\n');
    const lines = [MASK.repeat(first.length), ...rest.map(blank)];
    masked += text.slice(at, start) + lines.join('\n');
    at = end;
  }
  return (masked + text.slice(at)).replace(ONLY_ACTIONS, blank);
}

/** Finds the actions of a text. An action that does not end is none, and neither is anything behind it. */
function* actionsIn(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let end = 0; ;) {
    const start = text.indexOf('{{', end);
    const close = start < 0 ? -1 : text.indexOf('}}', start + 2);
    if (close < 0) return;
    end = close + 2;
    yield { start, end };
  }
}

/** Matches a line with placeholders and white space alone. */
const ONLY_ACTIONS = new RegExp(`^[ \\t]*${MASK}[ \\t${MASK}]*(?=\\r?$)`, 'gm');

function blank(line: string): string {
  return line.replace(/[^\r]/g, ' ');
}
