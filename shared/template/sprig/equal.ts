/** Go's `reflect.DeepEqual`, and Sprig's definition of empty. */
import { LimitError } from '../budget.ts';
import type { Run } from '../function.ts';
import { Dict, Integer, Slice, Struct, typeOf, type Value } from '../value.ts';
import { Version } from './version.ts';

/** Whether two values have the same type and are deeply equal. */
export function deepEqual(a: Value, b: Value, run: Run): boolean {
  return equal(a, b, { run, depth: 0, dicts: [] });
}

/** The maximum nesting depth of compared values. */
const MAX_DEPTH = 1000;

type Pair = readonly [a: Value, b: Value];

/** Where two values are compared. */
interface Comparison {
  readonly run: Run;
  readonly depth: number;
  /** The pairs of dicts that contain the values. */
  readonly dicts: readonly Pair[];
}

function equal(a: Value, b: Value, comparison: Comparison): boolean {
  const { run, depth } = comparison;
  run.step();
  if (depth > MAX_DEPTH) throw new LimitError(`a value is nested deeper than ${MAX_DEPTH}`);
  if (typeOf(a) !== typeOf(b)) return false;
  if (a instanceof Integer) return b instanceof Integer && a.value === b.value;
  if (a instanceof Slice) {
    if (!(b instanceof Slice) || a.isNil !== b.isNil || a.items.length !== b.items.length) return false;
    const inside = { ...comparison, depth: depth + 1 };
    return a === b || a.items.every((item, index) => equal(item, b.items[index] ?? null, inside));
  }
  if (a instanceof Dict) return b instanceof Dict && equalDicts(a, b, comparison);
  if (a instanceof Struct) return b instanceof Struct && equalStructs(a, b, comparison);
  return a === b;
}

function equalDicts(a: Dict, b: Dict, { run, depth, dicts }: Comparison): boolean {
  if (a.isNil !== b.isNil || a.entries.size !== b.entries.size) return false;
  // Maps that contain themselves are equal at a pair that is already being compared.
  if (a === b || dicts.some(([one, other]) => one === a && other === b)) return true;
  const inside = { run, depth: depth + 1, dicts: [...dicts, [a, b] as const] };
  for (const [key, value] of a.entries) {
    if (!b.entries.has(key) || !equal(value, b.entries.get(key) ?? null, inside)) return false;
  }
  return true;
}

function equalStructs(a: Struct, b: Struct, comparison: Comparison): boolean {
  if (a.equals(b)) return true;
  if (a instanceof Version) return a.isLike(b);
  const others = b.fields();
  const names = a.fields();
  return (
    names.length > 0 &&
    names.every(([, value], index) => equal(value, others[index]?.[1] ?? null, comparison))
  );
}

/** Whether a value is the zero value of its type or has no elements. Structs and pointers are never empty. */
export function isEmpty(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value === '';
    case 'bigint':
      return value === 0n;
    case 'number':
      return value === 0;
    case 'boolean':
      return !value;
    default:
      if (value instanceof Slice) return value.items.length === 0;
      if (value instanceof Dict) return value.entries.size === 0;
      return value instanceof Integer ? value.value === 0n : value === null;
  }
}
