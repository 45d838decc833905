import { isName } from '../../shared/api/metadata.ts';
import { usageError } from '../flags/usage-error.ts';
import { splitPair } from './literals.ts';

const PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Parses the `KEY=VALUE` of `--annotation`. Throws `Usage` for a key that the API server refuses. */
export function parseAnnotations(texts: readonly string[]): ReadonlyMap<string, string> {
  return parsePairs(texts, 'annotation');
}

/** Parses the `KEY=VALUE` of `--label`. Throws `Usage` for a key or value that the API server refuses. */
export function parseLabels(texts: readonly string[]): ReadonlyMap<string, string> {
  const labels = parsePairs(texts, 'label');
  for (const [key, value] of labels) {
    if (value !== '' && !PART.test(value))
      usageError(
        `--label ${key}: the value must have at most 63 letters, digits, "-", "_" and ".", and begin and end with a letter or digit`,
      );
  }
  return labels;
}

function parsePairs(texts: readonly string[], flag: string): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const [key, value] = splitPair(text, flag);
      if (!isQualifiedName(key))
        usageError(`--${flag}: a key must be NAME or PREFIX/NAME, of letters, digits, "-", "_" and "."`);
      return [key, value];
    }),
  );
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const [prefix] = parts;
  return parts.length < 2 && PART.test(name) && (prefix === undefined || isName(prefix));
}
