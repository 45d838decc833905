import { MASK } from './placeholders.ts';

/** Matches a template action, which may span lines. An action that does not end is none. */
const ACTION = /\{\{[^]*?\}\}/g;

/**
 * Replaces the actions of a template, such as `{{ .Values.name }}` of Helm, so that what remains can be read as YAML. A
 * line with nothing but actions becomes blank: it is control flow, or makes lines of its own. Other actions become
 * placeholders. The text keeps its length and its lines, so that offsets stay right.
 */
export function maskActions(text: string): string {
  let masked = '';
  let at = 0;
  for (const { index, 0: action } of text.matchAll(ACTION)) {
    const [first = '', ...rest] = action.split('\n');
    const lines = [MASK.repeat(first.length), ...rest.map(blank)];
    masked += text.slice(at, index) + lines.join('\n');
    at = index + action.length;
  }
  return (masked + text.slice(at)).replace(ONLY_ACTIONS, blank);
}

/** Matches a line with placeholders and white space alone. */
const ONLY_ACTIONS = new RegExp(`^[ \\t]*${MASK}[ \\t${MASK}]*(?=\\r?$)`, 'gm');

function blank(line: string): string {
  return line.replace(/[^\r]/g, ' ');
}
