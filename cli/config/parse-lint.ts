import { showPlace } from '../../shared/api/place.ts';
import { RULE_IDS, RULE_WORDS, ruleOf, SEVERITIES, type RuleId, type Severity } from '../lint/rules.ts';
import { nearest } from '../../shared/input/nearest.ts';
import type { LintConfig } from './config.ts';
import { fail } from './errors.ts';
import { choiceOf, namedEntries, strictReader, textList, type NamedEntry } from './fields.ts';
import type { PatternReader } from './patterns.ts';
import type { Reader } from '../../shared/api/reader.ts';

const FIELDS = ['rules', 'exclude'];
const CHOICES = [...SEVERITIES, 'off'] as const;

/** Parses what `kubeseal lint` does. Throws the failures of `errors.ts`. */
export function parseLint(parent: Reader, patterns: PatternReader): LintConfig {
  const value = parent.value('lint');
  if (value === undefined) return { rules: new Map(), exclude: undefined };
  const reader = strictReader(value, parent.at('lint'), FIELDS);
  const exclude = textList(reader, 'exclude');
  return {
    rules: parseRules(namedEntries(reader, 'rules')),
    exclude: exclude === undefined ? undefined : patterns.read(exclude),
  };
}

function parseRules(entries: readonly NamedEntry[]): ReadonlyMap<RuleId, Severity | 'off'> {
  const rules = new Map<RuleId, Severity | 'off'>();
  for (const { name, value, place } of entries) {
    const id = RULE_IDS.find((each) => each === name || ruleOf(each).name === name);
    const at = showPlace(place);
    if (id === undefined) return fail({ code: 'UnknownRule', at, similar: nearest(name, RULE_WORDS) });
    if (rules.has(id)) fail({ code: 'SameRule', at, id });
    // In YAML 1.1, off without quotes is false.
    rules.set(id, value === false ? 'off' : choiceOf(value, place, CHOICES));
  }
  return rules;
}
