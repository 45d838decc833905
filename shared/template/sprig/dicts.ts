/** Sprig's dict functions. A dict maps strings to values of any type. */
import { CallError, define, defineVariadic, failCall, type GoFunction, type Run } from '../function.ts';
import {
  ANY,
  BOOL,
  Dict,
  DICT,
  dict,
  LIST,
  list,
  Slice,
  STRING,
  STRINGS,
  strings,
  type Value,
  typeOf,
} from '../value.ts';
import { merge } from './merge.ts';
import type { FunctionTable } from './table.ts';
import { textFrom } from './text.ts';
import { Version } from './version.ts';

function newDict(values: readonly Value[], run: Run): Dict {
  const made = dict();
  run.allocate(16 * values.length);
  for (let index = 0; index < values.length; index += 2) {
    const [key = null, value = ''] = values.slice(index, index + 2);
    const text = textFrom(key, run);
    run.allocate(text.length);
    made.entries.set(text, value);
  }
  return made;
}

/** Follows keys through nested dicts. */
function dig(values: readonly Value[]): Value {
  if (values.length < 3) return failCall('dig needs at least three arguments');
  const keys = values.slice(0, -2);
  const [otherwise = null, start = null] = values.slice(-2);
  let at = asDict(start);
  const names = keys.map((key) => (typeof key === 'string' ? key : failCall(notA(key, 'string'))));
  for (const [index, name] of names.entries()) {
    if (!at.entries.has(name)) return otherwise;
    const value = at.entries.get(name) ?? null;
    if (index === names.length - 1) return value;
    at = asDict(value);
  }
  return otherwise;
}

function asDict(value: Value): Dict {
  return DICT.holds(value) ? value : failCall(notA(value, DICT.name));
}

/** Returns the message of Go's panic for a failed type assertion. */
function notA(value: Value, wanted: string): string {
  return `interface conversion: interface {} is ${typeOf(value)?.name ?? 'nil'}, not ${wanted}`;
}

const BLANK_VERSION = new Version({ major: 0n, minor: 0n, patch: 0n, prerelease: '', metadata: '' }, '');

/** Copies nested dicts and lists. */
function deepCopy(value: Value, run: Run, depth = 0): Value {
  if (depth > 1000) return failCall('nested too deep to copy');
  run.step(4);
  if (value instanceof Slice) {
    run.allocate(16 * value.items.length);
    return value.isNil
      ? value
      : new Slice(
          value.type,
          value.items.map((item) => deepCopy(item, run, depth + 1)),
        );
  }
  if (value instanceof Dict) {
    run.allocate(16 * value.entries.size);
    const entries = [...value.entries].map(([key, item]) => [key, deepCopy(item, run, depth + 1)] as const);
    return value.isNil ? value : new Dict(value.type, new Map(entries));
  }
  // Sprig's copies of versions are blank.
  if (value instanceof Version) return BLANK_VERSION;
  return value;
}

function merger(overwrite: boolean, must: boolean): GoFunction {
  return defineVariadic([DICT, DICT], ANY, ([first, ...others], run) => {
    let into = first;
    for (const from of others) {
      if (into.isNil && !from.isNil) into = dict();
      try {
        merge(into, from, { overwrite, run });
      } catch (error) {
        if (must || !(error instanceof CallError)) throw error;
        return '';
      }
    }
    return into;
  });
}

/** Returns the values in the order of the sorted keys. Go iterates over maps in random order. */
function sortedValues({ entries }: Dict, keys: readonly string[]): Value[] {
  return keys.map((key) => entries.get(key) ?? null);
}

const copy = define([ANY], ANY, ([value], run) => {
  return value === null
    ? failCall('reflect: call of reflect.Value.Type on zero Value')
    : deepCopy(value, run);
});

/** Sprig's dict functions. */
export const DICT_FUNCTIONS: FunctionTable = {
  dict: defineVariadic([ANY], DICT, (values, run) => newDict(values, run)),
  get: define([DICT, STRING], ANY, ([{ entries }, key]) =>
    entries.has(key) ? (entries.get(key) ?? null) : '',
  ),
  set: define([DICT, STRING, ANY], DICT, ([into, key, value], run) => {
    if (into.isNil) failCall('assignment to entry in nil map');
    run.allocate(16 + key.length);
    into.entries.set(key, value);
    return into;
  }),
  unset: define([DICT, STRING], DICT, ([from, key]) => {
    from.entries.delete(key);
    return from;
  }),
  hasKey: define([DICT, STRING], BOOL, ([{ entries }, key]) => entries.has(key)),
  pluck: defineVariadic([STRING, DICT], LIST, ([key, ...dicts]) => {
    return list(
      dicts.filter(({ entries }) => entries.has(key)).map(({ entries }) => entries.get(key) ?? null),
    );
  }),
  keys: defineVariadic([DICT], STRINGS, (dicts, run) => {
    for (const { entries } of dicts) run.allocate(32 * entries.size);
    const keys = dicts.flatMap((one) => one.sortedKeys(run));
    return strings(keys);
  }),
  values: define([DICT], LIST, ([from], run) => {
    run.allocate(16 * from.entries.size);
    return list(sortedValues(from, from.sortedKeys(run)));
  }),
  pick: defineVariadic([DICT, STRING], DICT, ([{ entries }, ...keys]) => {
    return dict(keys.filter((key) => entries.has(key)).map((key) => [key, entries.get(key) ?? null]));
  }),
  omit: defineVariadic([DICT, STRING], DICT, ([{ entries }, ...keys], run) => {
    run.allocate(16 * entries.size);
    const omitted = new Set(keys);
    return dict([...entries].filter(([key]) => !omitted.has(key)));
  }),
  merge: merger(false, false),
  mustMerge: merger(false, true),
  mergeOverwrite: merger(true, false),
  mustMergeOverwrite: merger(true, true),
  dig: defineVariadic([ANY], ANY, (values) => dig(values)),
  deepCopy: copy,
  mustDeepCopy: copy,
};
