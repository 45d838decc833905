import { nearest } from '../../shared/input/nearest.ts';
import type { Problem } from './problem.ts';
import { RULE_WORDS, ruleNamed, type RuleId } from './rules.ts';

/** A comment such as `# kubeseal-lint: ignore S001 a value of a test`. */
export interface IgnoreComment {
  /** The offset of the comment's first character. */
  readonly offset: number;
  /** Whether nothing but white space is before it on its line. */
  readonly isAlone: boolean;
  /** The rules that it ignores; none if something is wrong with it. */
  readonly rules: readonly RuleId[];
  /** What is wrong with it. */
  readonly problem: Pick<Problem, 'message' | 'advice'> | undefined;
}

const ADVICE = 'write it as: # kubeseal-lint: ignore RULE why';

/** The signs of comments in files that are not YAML: `#`, `//`, `;`, `--`, `/*` and `<!--`. */
const ANY_SIGN = String.raw`#|\/\/|;|--|\/\*|<!--`;

/** Returns the comments of a text. In YAML, a comment is at the beginning of a line or behind white space. */
export function ignoreComments(text: string, language: 'yaml' | 'other'): readonly IgnoreComment[] {
  if (!text.includes('kubeseal-lint:')) return [];
  const sign = language === 'yaml' ? '#' : ANY_SIGN;
  const comment = new RegExp(String.raw`(?<=^|[ \t])(?:${sign})[ \t]*kubeseal-lint:([^\r\n]*)`, 'gm');
  return [...text.matchAll(comment)].map(({ index, 1: words = '' }, number) => {
    const lineStart = text.lastIndexOf('\n', index - 1) + 1;
    const isAlone = text.slice(lineStart, index).trim() === '';
    return { offset: index, isAlone, ...parseWords(words.trim(), number < MAX_COMPARED) };
  });
}

/** In how many comments of a file an unknown rule is compared with the known ones: a comparison takes time. */
const MAX_COMPARED = 100;

/**
 * Matches `ignore`, the rules with commas between them, and the reason. The reason may have the line separator of Unicode,
 * which YAML does not count as a line break: a dot that excludes it would try every division of the white space before.
 */
const WORDS = /^ignore[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)(?:[ \t:]+(?:-+[ \t]+)?(.*))?$/is;

function parseWords(words: string, isCompared: boolean): Pick<IgnoreComment, 'rules' | 'problem'> {
  const [, list, reason = ''] = WORDS.exec(words) ?? [];
  if (list === undefined) {
    const lack = /^ignore\b/i.test(words) ? 'name a rule' : 'begin with "ignore"';
    return refused(`the comment for kubeseal lint has no effect: it does not ${lack}`);
  }
  const names = list.split(',').map((name) => name.trim());
  const rules = names.flatMap((name) => ruleNamed(name) ?? []);
  const unknown = names.find((name) => ruleNamed(name) === undefined);
  if (unknown !== undefined) {
    const similar = isCompared ? nearest(unknown, RULE_WORDS) : undefined;
    // The word is not quoted: nobody knows what it is.
    const hint = similar === undefined ? 'the rules: docs/lint' : `did you mean ${similar}?`;
    return refused('the comment to ignore a rule has no effect: there is no such rule', hint);
  }
  if (!/[\p{L}\p{N}]/u.test(reason))
    return refused('the comment to ignore a rule has no effect: it gives no reason');
  return { rules, problem: undefined };
}

function refused(message: string, advice = ADVICE): Pick<IgnoreComment, 'rules' | 'problem'> {
  return { rules: [], problem: { message, advice } };
}
