/** How bad a finding is. Errors and warnings fail a check; notes do not. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;

/** How bad a finding is. */
export type Severity = (typeof SEVERITIES)[number];

/** What `kubeseal lint` looks for. */
export interface RuleDefinition {
  /** The name of the rule, which people may write instead of its id. */
  readonly name: string;
  /** The usual severity. A finding can have a lower one, and `.kubeseal.yaml` can set another one. */
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly summary: string;
}

/**
 * Every rule by its id. An id never changes its meaning: it stands in comments, configurations and reports. The page of
 * a rule is `docs/lint/ID.md`.
 */
const RULES = {
  S001: {
    name: 'plaintext-secret',
    severity: 'error',
    summary: 'A Secret holds values in plain text.',
  },
  S002: {
    name: 'wrong-place',
    severity: 'error',
    summary: 'A SealedSecret has another name or namespace than it was sealed for.',
  },
  S003: {
    name: 'wrong-cluster',
    severity: 'error',
    summary: 'A SealedSecret is sealed with a key that is not of its cluster.',
  },
  S004: {
    name: 'old-key',
    severity: 'note',
    summary: 'A SealedSecret is not sealed with the newest key of its cluster.',
  },
  S005: {
    name: 'schema',
    severity: 'error',
    summary: 'A SealedSecret does not fit the schema of its kind.',
  },
  S006: {
    name: 'both-scopes',
    severity: 'warning',
    summary: 'A SealedSecret has the annotations of two scopes.',
  },
  S007: {
    name: 'scope-on-template',
    severity: 'warning',
    summary: 'A scope annotation is only on the template, where it has no effect.',
  },
  S008: {
    name: 'generated-name',
    severity: 'error',
    summary: 'A strict SealedSecret has a generated name, under which it cannot be unsealed.',
  },
  S009: {
    name: 'scope-too-wide',
    severity: 'error',
    summary: 'A SealedSecret has a wider scope than .kubeseal.yaml allows.',
  },
  S010: {
    name: 'last-applied',
    severity: 'error',
    summary: 'An annotation of kubectl holds a copy of a Secret in plain text.',
  },
  S011: {
    name: 'template',
    severity: 'error',
    summary: 'A template does not parse, or uses an item that does not exist.',
  },
  S012: {
    name: 'certificate-expiry',
    severity: 'error',
    summary: 'A certificate of a cluster has expired or expires soon.',
  },
  S013: {
    name: 'private-key',
    severity: 'error',
    summary: 'A file holds a private key.',
  },
  S014: {
    name: 'invalid-name',
    severity: 'error',
    summary: 'An object or an item has a name that Kubernetes refuses.',
  },
  S015: {
    name: 'too-large',
    severity: 'error',
    summary: 'A SealedSecret or its Secret is larger than Kubernetes accepts.',
  },
  S016: {
    name: 'unused-ignore',
    severity: 'warning',
    summary: 'A comment to ignore a rule has no effect or no reason.',
  },
  S017: {
    name: 'stale-record',
    severity: 'note',
    summary: 'A sealing record does not fit the items.',
  },
} as const satisfies Readonly<Record<string, RuleDefinition>>;

/** The id of a rule. */
export type RuleId = keyof typeof RULES;

/** The ids of all rules, in order. */
export const RULE_IDS = Object.keys(RULES).filter(isRuleId);

/** The ids and names of all rules. */
export const RULE_WORDS: readonly string[] = RULE_IDS.flatMap((id) => [id, RULES[id].name]);

/** Returns the definition of a rule. */
export function ruleOf(id: RuleId): RuleDefinition {
  return RULES[id];
}

/** Returns the rule with an id or a name, in any letter case. Undefined if there is none. */
export function ruleNamed(text: string): RuleId | undefined {
  const wanted = text.toLowerCase();
  return RULE_IDS.find((id) => id.toLowerCase() === wanted || RULES[id].name === wanted);
}

function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(RULES, text);
}
