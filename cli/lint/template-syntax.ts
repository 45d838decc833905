import { FUNCTION_NAMES } from '../../shared/template/function-names.ts';
import { nearest } from '../../shared/input/nearest.ts';

/** Where Go expected something else, in its own words. */
const CONTEXTS: ReadonlySet<string> = new Set([
  ...['command', 'operand', 'input', 'if', 'with', 'range', 'else', 'end'],
  ...['template clause', 'block clause', 'define clause', 'parenthesized pipeline'],
]);

/** Go's words that quote nothing of the template. */
const SAFE = new RegExp(
  '^(?:' +
    [
      'unexpected EOF',
      'unclosed (?:action|comment|left paren)',
      'unterminated (?:quoted string|raw quoted string|character constant)',
      'comment ends before closing delimiter',
      'unexpected right paren',
      'unexpected \\{\\{(?:else|end)\\}\\}',
      'expected end; found \\{\\{(?:else|end)\\}\\}',
      '\\{\\{(?:break|continue)\\}\\} outside \\{\\{range\\}\\}',
      'empty command',
      'expected :=',
      'range can only initialize variables',
      'more than [0-9]+ (?:steps|tokens)',
      '\\{\\{(?:if|with|range|block)\\}\\} is nested deeper than [0-9]+',
      'max expression depth exceeded',
      'non executable command in pipeline stage [0-9]+',
    ].join('|') +
    ')$',
);

/** The beginning of Go's words, and ours for those that quote the template. */
const QUOTING: readonly (readonly [start: string, words: string])[] = [
  ['undefined variable ', 'it uses a variable that is not declared'],
  ['bad number syntax', 'it has a malformed number'],
  ['bad character ', 'it has a character that belongs nowhere'],
  ['unrecognized character ', 'it has a character that belongs nowhere'],
  ['template: multiple definition ', 'it defines a template twice'],
  ['missing value for ', 'an action lacks a value'],
  ['too many declarations ', 'an action declares too many variables'],
  ['unexpected . after term ', 'a dot follows something without fields'],
  ['unclosed action', 'an action is not closed'],
  ['unterminated ', 'a text in quotes is not closed'],
];

/**
 * Returns in words why a template does not parse, from the words of Go. Quotes nothing of the template, which may hold a
 * password: not even the name of a function, since a word without quotes is one.
 *
 * @param isCompared whether to look for the function that was probably meant, which takes time
 */
export function syntaxWords(detail: string, isCompared: boolean): string {
  if (SAFE.test(detail)) return detail;
  const name = /^function "([^"]*)" not defined$/.exec(detail)?.[1];
  if (name !== undefined) {
    const meant = isCompared ? nearest(name, [...FUNCTION_NAMES]) : undefined;
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return `it calls a function that does not exist${hint}`;
  }
  const context = /^unexpected .* in ([a-z ]+)$/s.exec(detail)?.[1];
  if (context !== undefined && CONTEXTS.has(context)) return `an unexpected word in ${context}`;
  return QUOTING.find(([start]) => detail.startsWith(start))?.[1] ?? 'its syntax is wrong';
}
