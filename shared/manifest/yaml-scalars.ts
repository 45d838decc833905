import { goInteger, goNumber } from './go-numbers.ts';

/**
 * Scalars of YAML 1.1 with the rules of Go's decoder (go.yaml.in/yaml/v2), which Kubernetes uses: dates and base-60
 * numbers are strings, and tags that create other objects (`!!binary`, `!!set`) are not supported.
 */

/** The value of a scalar. */
export type ScalarValue = string | number | boolean | null;

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
]);
const INFINITE = /^(?<sign>[-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/** Whether a plain scalar without a tag is null. */
export function isNull(text: string): boolean {
  return NULLS.has(text);
}

/** Returns the value of a plain scalar without a tag. */
export function plainValue(text: string): ScalarValue {
  if (NULLS.has(text)) return null;
  return BOOLEANS.get(text) ?? floatOf(text) ?? text;
}

/** Returns the value of a scalar with a tag of YAML, such as `int` for `!!int`; undefined if it is not of that type. */
export function taggedValue(type: string, text: string): ScalarValue | undefined {
  switch (type) {
    case 'str':
      return text;
    case 'null':
      return NULLS.has(text) ? null : undefined;
    case 'bool':
      return BOOLEANS.get(text);
    case 'int':
      return goInteger(text);
    case 'float':
      return floatOf(text);
    case 'merge':
      return text === '<<' || text === '' ? '<<' : undefined;
    default:
      return undefined;
  }
}

/** Returns the number that a text represents, which may be an integer; undefined if it is none. */
function floatOf(text: string): number | undefined {
  const number = goNumber(text);
  if (number !== undefined) return number;
  if (NOT_A_NUMBER.test(text)) return NaN;
  const sign = INFINITE.exec(text)?.groups?.['sign'];
  return sign === undefined ? undefined : sign === '-' ? -Infinity : Infinity;
}
