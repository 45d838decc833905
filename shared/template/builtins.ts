/** The built-in functions of Go's templates. */
import { equalsAny, isLess, truth, type Maybe } from './compare.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { sprint, sprintf, sprintln } from './format.ts';
import { defineVariadic, failCall, type Functions, type GoFunction, type Run } from './function.ts';
import {
  ANY,
  BOOL,
  Dict,
  FLOAT64,
  INT,
  Integer,
  Slice,
  STRING,
  typeOf,
  UINT8,
  type Type,
  type Value,
} from './value.ts';

/** Go's `reflect.Value`: the type of a parameter that accepts anything, including no value. */
export const WHATEVER: Type = {
  name: 'reflect.Value',
  kind: 'struct',
  holds: (value): value is Value => ANY.holds(value),
};

type Call = (args: readonly Maybe[], run: Run) => Maybe;

/** Declares a built-in function of a fixed number of parameters of any type. */
function builtin(count: number, call: Call, result: Type = WHATEVER): GoFunction {
  const params = Array.from({ length: count }, () => WHATEVER);
  return { params, rest: undefined, result, impure: false, call };
}

/** Declares a built-in function of one or more parameters of any type. */
function variadic(call: Call, result: Type = WHATEVER): GoFunction {
  return { ...builtin(1, call, result), rest: WHATEVER };
}

/** Declares `and`, `or` or `call`, which the engine runs itself because they need more than the values of arguments. */
function special(name: string): GoFunction {
  return variadic(() => failCall(`${name} is run by the engine`));
}

/** `and` */
export const AND = special('and');
/** `or` */
export const OR = special('or');
/** `call` */
export const CALL = special('call');

/** The built-in functions by name. */
export const BUILTINS: Functions = new Map([
  ['and', AND],
  ['or', OR],
  ['call', CALL],
  ['not', builtin(1, ([value]) => !truth(value), BOOL)],
  ['len', builtin(1, ([value]) => BigInt(length(value)), INT)],
  ['index', variadic(([item, ...indexes]) => index(item, indexes))],
  ['slice', variadic(([item, ...indexes]) => slice(item, indexes))],
  ['eq', variadic(([first, ...others], run) => equalsAny(first, others, run), BOOL)],
  ['ne', builtin(2, ([a, b], run) => !equalsAny(a, [b], run), BOOL)],
  ['lt', builtin(2, ([a, b]) => isLess(a, b), BOOL)],
  ['le', builtin(2, ([a, b], run) => isLess(a, b) || equalsAny(a, [b], run), BOOL)],
  ['gt', builtin(2, ([a, b], run) => !(isLess(a, b) || equalsAny(a, [b], run)), BOOL)],
  ['ge', builtin(2, ([a, b]) => !isLess(a, b), BOOL)],
  ['print', defineVariadic([ANY], STRING, (args, run) => sprint(args, run))],
  ['println', defineVariadic([ANY], STRING, (args, run) => sprintln(args, run))],
  ['printf', defineVariadic([STRING, ANY], STRING, ([format, ...args], run) => sprintf(format, args, run))],
  ['html', escaper(escapeHtml)],
  ['js', escaper(escapeJs)],
  ['urlquery', escaper(escapeQuery)],
]);

/** Declares a function that escapes its arguments, joined as by `print`. A missing value becomes `<no value>`. */
function escaper(escape: (text: string) => string): GoFunction {
  return defineVariadic([ANY], STRING, (args, run) => {
    const text = sprint(
      args.map((arg) => arg ?? '<no value>'),
      run,
    );
    // Escaping turns one byte into at most six.
    run.allocate(text.length * 6);
    return escape(text);
  });
}

function length(value: Maybe): number {
  if (value === undefined) failCall('reflect: call of reflect.Value.Type on zero Value');
  if (value === null) failCall('len of nil pointer');
  if (typeof value === 'string') return value.length;
  if (value instanceof Slice) return value.items.length;
  if (value instanceof Dict) return value.entries.size;
  return failCall(`len of type ${targetName(value)}`);
}

/** Returns the name of a value's type, or for a pointer the type it points to. */
function targetName(value: Exclude<Value, null>): string {
  const { kind, name } = typeOf(value);
  return kind === 'ptr' ? name.slice(1) : name;
}

function index(item: Maybe, indexes: readonly Maybe[]): Maybe {
  if (item === undefined || item === null) failCall('index of untyped nil');
  let value: Value = item;
  for (const at of indexes) {
    if (value === null) failCall('index of nil pointer');
    if (typeof value === 'string') {
      const position = indexOf(at, value.length);
      if (position === value.length) failCall('reflect: string index out of range');
      value = new Integer(UINT8, BigInt(value.charCodeAt(position)));
    } else if (value instanceof Slice) {
      const found: Value | undefined = value.items[indexOf(at, value.items.length)];
      value = found === undefined ? failCall('reflect: slice index out of range') : found;
    } else if (value instanceof Dict) {
      const found: Value | undefined = value.entries.get(keyOf(at));
      value = found === undefined ? zeroOf(value.type.elem) : found;
    } else {
      failCall(`can't index item of type ${targetName(value)}`);
    }
  }
  return value;
}

function keyOf(at: Maybe): string {
  if (typeof at === 'string') return at;
  if (at === undefined || at === null) return failCall('value is nil; should be of type string');
  return failCall(`value has type ${typeOf(at).name}; should be string`);
}

/** Checks an index as Go does and returns it. It may equal the length. */
function indexOf(at: Maybe, length: number): number {
  if (at === undefined || at === null) return failCall('cannot index slice/array with nil');
  const value = at instanceof Integer ? BigInt.asIntN(64, at.value) : at;
  if (typeof value !== 'bigint') failCall(`cannot index slice/array with type ${typeOf(at).name}`);
  if (value < 0n || value > BigInt(length)) failCall(`index out of range: ${value}`);
  return Number(value);
}

function zeroOf(type: Type): Value {
  switch (type) {
    case STRING:
      return '';
    case BOOL:
      return false;
    case INT:
      return 0n;
    case FLOAT64:
      return 0;
    default:
      return type.nil ?? null;
  }
}

function slice(item: Maybe, indexes: readonly Maybe[]): Maybe {
  if (item === undefined || item === null) failCall('slice of untyped nil');
  if (indexes.length > 3) failCall(`too many slice indexes: ${indexes.length}`);
  if (typeof item !== 'string' && !(item instanceof Slice)) {
    failCall(`can't slice item of type ${targetName(item)}`);
  }
  if (typeof item === 'string' && indexes.length === 3) failCall('cannot 3-index slice a string');
  const size = typeof item === 'string' ? item.length : item.items.length;
  const [from = 0, to = size, most = size] = indexes.map((at) => indexOf(at, size));
  if (from > to) failCall(`invalid slice index: ${from} > ${to}`);
  if (to > most) failCall(`invalid slice index: ${to} > ${most}`);
  return typeof item === 'string' ? item.slice(from, to) : new Slice(item.type, item.items.slice(from, to));
}
