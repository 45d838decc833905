/** Truth and comparison of values: `eq`, `lt` and similar functions. */
import { sprintf } from './format.ts';
import { failCall, type Run } from './function.ts';
import { Dict, Integer, Slice, Struct, typeOf, type Value } from './value.ts';

/** A value, or undefined for no value, such as that of a missing key. */
export type Maybe = Value | undefined;

/** Whether a value counts as true: neither false, zero, nil nor empty. */
export function truth(value: Maybe): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    default:
  }
  if (value instanceof Integer) return value.value !== 0n;
  if (value instanceof Slice) return value.items.length > 0;
  if (value instanceof Dict) return value.entries.size > 0;
  return value !== undefined && value !== null;
}

type BasicKind = 'bool' | 'int' | 'uint' | 'float' | 'string' | null;

function basicKind(value: Maybe): BasicKind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    default:
      if (!(value instanceof Integer)) return null;
      return value.type.signed ? 'int' : 'uint';
  }
}

/** Returns the value of an integer of any type, or null for other values. */
function integerOf(value: Maybe): bigint | null {
  if (value instanceof Integer) return value.value;
  return typeof value === 'bigint' ? value : null;
}

/** Implements `eq`: whether the first value equals any of the others. */
export function equalsAny(first: Maybe, others: readonly Maybe[], run: Run): boolean {
  if (others.length === 0) failCall('missing argument for comparison');
  return others.some((other) => equals(first, other, run));
}

function equals(a: Maybe, b: Maybe, run: Run): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  if (kindA === null && kindB === null) return equalsComposite(a, b, run);
  const [integerA, integerB] = [integerOf(a), integerOf(b)];
  if (integerA !== null && integerB !== null) return integerA === integerB;
  if (kindA === kindB) return a === b;
  if (isNothing(a) || isNothing(b)) return false;
  return incompatible(a, b);
}

/** Compares two composite values. Slices and maps compare only to nil, structs and pointers to their own kind. */
function equalsComposite(a: Maybe, b: Maybe, run: Run): boolean {
  if (!isNothing(a) && !isNothing(b) && typeOf(a).kind !== typeOf(b).kind) {
    const words = 'non-comparable types %s: %v, %s: %v';
    failCall(sprintf(words, [a, typeOf(a).name, typeOf(b).name, b], run));
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (b instanceof Slice || b instanceof Dict) {
    failCall(sprintf('non-comparable type %s: %v', [b, b.type.name], run));
  }
  return a instanceof Struct && b instanceof Struct ? a.equals(b) : a === b;
}

/** Whether there is no value, or an untyped nil. */
function isNothing(value: Maybe): value is null | undefined {
  return value === undefined || value === null;
}

function isNil(value: Maybe): value is null | undefined {
  return isNothing(value) || ((value instanceof Slice || value instanceof Dict) && value.isNil);
}

/** Implements `lt`. */
export function isLess(a: Maybe, b: Maybe): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  const [integerA, integerB] = [integerOf(a), integerOf(b)];
  if (integerA !== null && integerB !== null) return integerA < integerB;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (kindA === null || kindB === null || kindA === kindB) failCall('invalid type for comparison');
  return incompatible(a, b);
}

function incompatible(a: Maybe, b: Maybe): never {
  const [nameA, nameB] = [a, b].map((value) => (isNothing(value) ? 'nil' : typeOf(value).name));
  failCall(`incompatible types for comparison: ${nameA} and ${nameB}`);
}
