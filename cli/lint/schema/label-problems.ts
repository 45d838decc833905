import { isName, type Metadata } from '../../../shared/api/metadata.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { shownName } from '../shown-name.ts';

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Returns the labels and annotations that the API server refuses, of an object or of the Secret that it becomes.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelProblems(
  { labels, annotations }: Pick<Metadata, 'labels' | 'annotations'>,
  at: readonly string[],
): readonly Problem[] {
  return [
    ...[...labels].flatMap(([key, value]) => [
      ...keyProblems(isKey(key), { key, at: [...at, 'labels', key], kind: 'label' }),
      ...valueProblems(key, value, [...at, 'labels', key]),
    ]),
    ...[...annotations.keys()].flatMap((key) =>
      // The API server compares the keys of annotations in lower case.
      keyProblems(isKey(key.toLowerCase()), { key, at: [...at, 'annotations', key], kind: 'annotation' }),
    ),
  ];
}

interface Keyed {
  readonly key: string;
  readonly at: readonly string[];
  readonly kind: 'label' | 'annotation';
}

function keyProblems(isFine: boolean, { key, at, kind }: Keyed): readonly Problem[] {
  if (isFine || hasPlaceholder(key)) return [];
  return [
    {
      rule: 'S005',
      at,
      message: `Kubernetes refuses the ${kind} ${shownName(key)}`,
      advice:
        'use at most 63 letters, digits, "-", "_" and ".", behind a domain and a slash if it is of a tool',
    },
  ];
}

function valueProblems(key: string, value: string, at: readonly string[]): readonly Problem[] {
  if (value === '' || NAME.test(value) || hasPlaceholder(value)) return [];
  return [
    {
      rule: 'S005',
      at,
      message: `Kubernetes refuses the value of the label ${shownName(key)}`,
      advice: 'use at most 63 letters, digits, "-", "_" and "."; an annotation may have any value',
    },
  ];
}

function isKey(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0 ? NAME.test(key) : isName(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}
