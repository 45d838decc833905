import { isObject, typeName } from '../../../shared/api/reader.ts';
import { factsOf } from '../../../shared/inspect/facts.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { shownName } from '../shown-name.ts';

/** Returns the items of `spec.encryptedData` that hold no sealed value, each with the reason. */
export function itemProblems(encryptedData: unknown): readonly Problem[] {
  if (!isObject(encryptedData)) return [];
  return Object.entries(encryptedData).flatMap(([item, value]: [string, unknown]): Problem[] => {
    const reason = reasonOf(value);
    if (reason === undefined || hasPlaceholder(item)) return [];
    return [
      {
        rule: 'S005',
        at: ['spec', 'encryptedData', item],
        message: `the item ${shownName(item)} holds no sealed value: ${reason}`,
        advice:
          'seal its value with kubeseal set, or remove the item; a value in plain text stays in the history: change it',
      },
    ];
  });
}

/** Returns what is wrong with the deprecated `spec.data`, which is one sealed value. */
export function v1DataProblems(data: unknown): readonly Problem[] {
  if (data === undefined || data === null) return [];
  // Another type is reported with the others.
  const reason = typeof data === 'string' ? reasonOf(data) : undefined;
  return [
    {
      rule: 'S005',
      severity: 'note',
      at: ['spec', 'data'],
      message: 'spec.data is deprecated: it cannot be changed in place',
      advice: 'recover the Secret with kubeseal --recovery-unseal, and seal it again',
    },
    ...(reason === undefined
      ? []
      : [
          {
            rule: 'S005',
            at: ['spec', 'data'],
            message: `spec.data holds no sealed value: ${reason}`,
            advice: 'write encryptedData with the sealed value of each item instead',
          } satisfies Problem,
        ]),
  ];
}

/** Returns why a value is not a sealed one. Undefined if it is one, or a placeholder for one. */
function reasonOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return `it is ${typeName(value)}`;
  const facts = factsOf(value);
  return 'problem' in facts && !hasPlaceholder(value) ? facts.problem : undefined;
}
