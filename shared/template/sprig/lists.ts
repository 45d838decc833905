/** Sprig's list functions, which accept slices of any type. */
import { define, defineVariadic, failCall, type GoFunction, type Run } from '../function.ts';
import {
  ANY,
  BOOL,
  INT,
  LIST,
  list,
  LISTS,
  Slice,
  sortedTexts,
  STRINGS,
  strings,
  type Type,
  typeOf,
  type Value,
} from '../value.ts';
import { toInt64, truncated } from './cast.ts';
import { deepEqual, isEmpty } from './equal.ts';
import type { FunctionTable } from './table.ts';
import { textFrom, textsFrom } from './text.ts';

const NIL_DEREFERENCE = 'runtime error: invalid memory address or nil pointer dereference';

/** Returns the value as a slice. `problem` is Sprig's message for other types, to which their kind is appended. */
function sliceOf(value: Value, problem: string): Slice {
  if (value instanceof Slice) return value;
  return failCall(value === null ? NIL_DEREFERENCE : `${problem} ${typeOf(value).kind}`);
}

/** Defines a function of one list. Plain and `must` functions fail in the same way in a template. */
function ofList<R extends Value>(
  problem: string,
  result: Type<R>,
  call: (items: readonly Value[], run: Run) => R,
): GoFunction {
  return define([ANY], result, ([value], run) => {
    const { items } = sliceOf(value, problem);
    run.allocate(16 * items.length);
    return call(items, run);
  });
}

function includes(items: readonly Value[], wanted: Value, run: Run): boolean {
  return items.some((item) => deepEqual(wanted, item, run));
}

function unique(items: readonly Value[], run: Run): Value[] {
  const found: Value[] = [];
  for (const item of items) if (!includes(found, item, run)) found.push(item);
  return found;
}

/** Splits a list into chunks. Go computes in floats here, including the result of a division by zero. */
function chunks(size: bigint, items: readonly Value[], run: Run): Slice[] {
  const made = (length: number): number => {
    return length < 0 || length > 2 ** 47 ? failCall('runtime error: makeslice: len out of range') : length;
  };
  const length = Number(size);
  const count = made(Number(truncated(Math.floor((items.length - 1) / length) + 1)));
  run.allocate(24 * count);
  return Array.from({ length: count }, (_, index) => {
    const last = index === count - 1 ? Math.floor(items.length % length) : length;
    const wanted = made(last === 0 ? length : last);
    return list(items.slice(index * length, index * length + wanted));
  });
}

function subslice(value: Value, indices: readonly Value[]): Value {
  const whole = sliceOf(value, 'list should be type of slice or array but');
  if (whole.items.length === 0) return null;
  const [from = 0n, to = BigInt(whole.items.length)] = indices.slice(0, 2).map(toInt64);
  if (from < 0n || to < from || to > BigInt(whole.items.length)) {
    return failCall('reflect.Value.Slice: slice index out of bounds');
  }
  return new Slice(whole.type, whole.items.slice(Number(from), Number(to)));
}

function concat(lists: readonly Value[], run: Run): Slice {
  const items: Value[] = [];
  for (const value of lists) {
    if (value === null) failCall(NIL_DEREFERENCE);
    if (!(value instanceof Slice)) return failCall(`Cannot concat type ${typeOf(value).kind} as list`);
    run.allocate(16 * value.items.length);
    for (const item of value.items) items.push(item);
  }
  return items.length === 0 ? LIST.nil : list(items);
}

/** Sorts a list of strings in place, so that every reference to it sees the new order. */
function sortAlpha(value: Value, run: Run): Slice<string> {
  if (!(value instanceof Slice)) return strings([textFrom(value, run)]);
  const texts = textsFrom(value, run);
  run.step(texts.length * Math.ceil(Math.log2(texts.length + 1)));
  const sorted = sortedTexts(texts, run);
  if (!STRINGS.holds(value)) return strings(sorted);
  value.items = sorted;
  return value;
}

const push = define([ANY, ANY], LIST, ([value, item], run) => {
  const { items } = sliceOf(value, 'Cannot push on type');
  run.allocate(16 * items.length + 16);
  return list([...items, item]);
});
const prepend = define([ANY, ANY], LIST, ([value, item], run) => {
  const { items } = sliceOf(value, 'Cannot prepend on type');
  run.allocate(16 * items.length + 16);
  return list([item, ...items]);
});
const first = define([ANY], ANY, ([value]) => sliceOf(value, 'Cannot find first on type').items[0] ?? null);
const last = define([ANY], ANY, ([value]) => sliceOf(value, 'Cannot find last on type').items.at(-1) ?? null);
const rest = ofList('Cannot find rest on type', LIST, (items) => {
  return items.length === 0 ? LIST.nil : list(items.slice(1));
});
const initial = ofList('Cannot find initial on type', LIST, (items) => {
  return items.length === 0 ? LIST.nil : list(items.slice(0, -1));
});
const reverse = ofList('Cannot find reverse on type', LIST, (items) => list([...items].reverse()));
const compact = ofList('Cannot compact on type', LIST, (items) =>
  list(items.filter((item) => !isEmpty(item))),
);
const uniq = ofList('Cannot find uniq on type', LIST, (items, run) => list(unique(items, run)));
const without = defineVariadic([ANY, ANY], LIST, ([value, ...omitted], run) => {
  const { items } = sliceOf(value, 'Cannot find without on type');
  run.allocate(16 * items.length);
  return list(items.filter((item) => !includes(omitted, item, run)));
});
const has = define([ANY, ANY], BOOL, ([wanted, value], run) => {
  return value !== null && includes(sliceOf(value, 'Cannot find has on type').items, wanted, run);
});
const slice = defineVariadic([ANY, ANY], ANY, ([value, ...indices]) => subslice(value, indices));
const chunk = define([INT, ANY], LISTS, ([size, value], run) => {
  return new Slice(LISTS, chunks(size, sliceOf(value, 'Cannot chunk type').items, run));
});
const newList = defineVariadic([ANY], LIST, (items) => list(items));

/** Sprig's list functions. */
export const LIST_FUNCTIONS: FunctionTable = {
  list: newList,
  tuple: newList,
  append: push,
  push,
  mustAppend: push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  slice,
  mustSlice: slice,
  chunk,
  mustChunk: chunk,
  concat: defineVariadic([ANY], ANY, (lists, run) => concat(lists, run)),
  sortAlpha: define([ANY], STRINGS, ([value], run) => sortAlpha(value, run)),
};
