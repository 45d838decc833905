/**
 * The values that occur in a template, as Go has them.
 *
 * | Go                        | here                                   |
 * | ------------------------- | -------------------------------------- |
 * | `nil`                     | `null`                                 |
 * | `bool`                    | `boolean`                              |
 * | `int` (64 bits)           | `bigint`, always wrapped to 64 bits    |
 * | `float64`                 | `number`                               |
 * | `string`                  | `string`, **one character per byte**   |
 * | other integers            | {@link Integer}                        |
 * | slices                    | {@link Slice}                          |
 * | maps (their keys: string) | {@link Dict}                           |
 * | structs and pointers      | subclasses of {@link Struct}           |
 *
 * A Go string is a row of bytes, and a decrypted item need not be UTF-8. Every string in here therefore holds one
 * character of U+0000 to U+00FF for each byte: `length`, indexing, slicing, `===` and `<` then are Go's own, and
 * ASCII text is its own bytes. `textOf` and `bytesOf` (utf8.ts) change to and from JavaScript text wherever
 * characters matter; JavaScript text with a character beyond U+00FF must never become a `Value`.
 */
import type { Functions, GoFunction, Run } from './function.ts';

export type Value = null | boolean | bigint | number | string | Integer | Slice | Dict | Struct;

/** Go's `reflect.Kind`, as it prints. */
export type Kind =
  | 'bool'
  | 'int'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint32'
  | 'uint64'
  | 'float64'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'interface';

/** A Go type; `T` is how its values look here. Types are compared by identity. */
export interface Type<T extends Value = Value> {
  /** As `%T` and `typeOf` print it: `int`, `[]interface {}`, `*semver.Version`. */
  readonly name: string;
  readonly kind: Kind;
  /** What `nil` becomes where this type is wanted. Absent where Go accepts no nil. */
  readonly nil?: T;
  /** Whether the value may be assigned to this type as it is. */
  holds(value: Value): value is T;
}

function basic<T extends Value>(name: Kind, holds: (value: Value) => value is T): Type<T> {
  return { name, kind: name, holds };
}

export const BOOL = basic('bool', (value): value is boolean => typeof value === 'boolean');
export const INT = basic('int', (value): value is bigint => typeof value === 'bigint');
export const FLOAT64 = basic('float64', (value): value is number => typeof value === 'number');
export const STRING = basic('string', (value): value is string => typeof value === 'string');

/** `interface {}`: any value, nil included. */
export const ANY: Type = {
  name: 'interface {}',
  kind: 'interface',
  nil: null,
  holds: (value: Value | undefined): value is Value => value !== undefined,
};

const NO_METHODS: Functions = new Map();

/** An integer type other than `int`. */
export interface IntegerType extends Type<Integer> {
  readonly bits: 8 | 32 | 64;
  readonly signed: boolean;
}

/** An integer of another type than `int`. Subclasses are named types with methods, such as `time.Duration`. */
export class Integer {
  readonly type: IntegerType;
  readonly value: bigint;

  /** Wraps the value to the type's width. */
  constructor(type: IntegerType, value: bigint) {
    this.type = type;
    this.value = type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
  }

  /** What the type's `String` or `Error` method gives, if it has one. */
  text(): string | undefined {
    return undefined;
  }

  /** A method by its exported name, bound to this value. */
  method(name: string): GoFunction | undefined {
    return NO_METHODS.get(name);
  }
}

/** Defines an integer type; `name` is its kind for Go's own ones. */
export function integerType(name: string, kind: Kind, bits: 8 | 32 | 64, signed: boolean): IntegerType {
  const type: IntegerType = {
    name,
    kind,
    bits,
    signed,
    holds: (value): value is Integer => value instanceof Integer && value.type === type,
  };
  return type;
}

/** Whether a type is one of integers other than `int`. */
export function isIntegerType(type: Type): type is IntegerType {
  return 'signed' in type;
}

export const INT64 = integerType('int64', 'int64', 64, true);
export const UINT8 = integerType('uint8', 'uint8', 8, false);
export const UINT32 = integerType('uint32', 'uint32', 32, false);
export const UINT64 = integerType('uint64', 'uint64', 64, false);

/** An `int64`, wrapped. */
export function int64(value: bigint): Integer {
  return new Integer(INT64, value);
}

/** An `int`, wrapped to 64 bits: pass every result of arithmetic through it. */
export function int(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** The type of a slice. Make one only once for each element type: types are compared by identity. */
export class SliceType<T extends Value = Value> implements Type<Slice<T>> {
  readonly kind = 'slice';
  readonly name: string;
  readonly elem: Type<T>;
  readonly nil: Slice<T>;

  constructor(elem: Type<T>) {
    this.name = `[]${elem.name}`;
    this.elem = elem;
    this.nil = new Slice<T>(this, [], true);
  }

  holds(value: Value): value is Slice<T> {
    return value instanceof Slice && value.type === this;
  }
}

/** A slice. Templates cannot assign to elements; only `sortAlpha` changes a slice, as Go's does, in place. */
export class Slice<T extends Value = Value> {
  readonly type: SliceType<T>;
  items: readonly T[];
  /** A nil slice is empty too, yet `toJson` and `%#v` tell them apart. */
  readonly isNil: boolean;

  constructor(type: SliceType<T>, items: readonly T[], isNil = false) {
    this.type = type;
    this.items = items;
    this.isNil = isNil;
  }
}

export const LIST = new SliceType(ANY);
export const LISTS = new SliceType(LIST);
export const STRINGS = new SliceType(STRING);
export const INTS = new SliceType(INT);
export const BYTES = new SliceType(UINT8);

/** A `[]interface {}`. */
export function list(items: readonly Value[]): Slice {
  return new Slice(LIST, items);
}

/** A `[]string`. */
export function strings(items: readonly string[]): Slice<string> {
  return new Slice(STRINGS, items);
}

/** Sorts texts by bytes. To compare two, each byte of them may have to be looked at. */
export function sortedTexts(texts: readonly string[], run: Run): string[] {
  const size = texts.reduce((total, text) => total + 16 + text.length, 0);
  run.step(Math.floor((size * Math.ceil(Math.log2(texts.length + 1))) / 256));
  return [...texts].sort();
}

/** The type of a map from strings. Make one only once for each element type: types are compared by identity. */
export class DictType<T extends Value = Value> implements Type<Dict<T>> {
  readonly kind = 'map';
  readonly name: string;
  readonly elem: Type<T>;
  readonly nil: Dict<T>;

  constructor(elem: Type<T>) {
    this.name = `map[string]${elem.name}`;
    this.elem = elem;
    this.nil = new Dict<T>(this, new Map(), true);
  }

  holds(value: Value): value is Dict<T> {
    return value instanceof Dict && value.type === this;
  }
}

/**
 * A map from strings; no others occur. `set` and `merge` change it in place, so it may come to hold itself: what
 * walks one must count its depth.
 */
export class Dict<T extends Value = Value> {
  readonly type: DictType<T>;
  readonly entries: Map<string, T>;
  readonly isNil: boolean;

  constructor(type: DictType<T>, entries: Map<string, T>, isNil = false) {
    this.type = type;
    this.entries = entries;
    this.isNil = isNil;
  }

  /** The keys in Go's order: by bytes. */
  sortedKeys(run: Run): string[] {
    return sortedTexts([...this.entries.keys()], run);
  }
}

export const DICT = new DictType(ANY);
export const STRING_DICT = new DictType(STRING);

/** A `map[string]interface {}`. */
export function dict(entries: Iterable<readonly [string, Value]> = []): Dict {
  return new Dict(DICT, new Map(entries));
}

/**
 * A struct, or a pointer to one. A Go struct type is a subclass with its data in private fields; only what
 * `fields` and `method` give can be reached from a template.
 */
export abstract class Struct {
  /** Its kind is `struct` or `ptr`. */
  abstract readonly type: Type;

  /** Go's `==`: of structs field by field, of pointers whether they are the same. */
  equals(other: Struct): boolean {
    return this === other;
  }

  /** Exported fields in the order of their declaration. */
  fields(): readonly (readonly [name: string, value: Value])[] {
    return [];
  }

  /** Fields that Go does not export: it complains of them in other words than of those that are not there. */
  unexported(): readonly string[] {
    return [];
  }

  /** What the type's `String` or `Error` method gives, if it has one: it prints as this. */
  text(): string | undefined {
    return undefined;
  }

  /** A method by its exported name, bound to this value. */
  method(name: string): GoFunction | undefined {
    return NO_METHODS.get(name);
  }
}

/** The type of a value, nil's being undefined. */
export function typeOf(value: Exclude<Value, null>): Type;
export function typeOf(value: Value): Type | undefined;
export function typeOf(value: Value): Type | undefined {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'bigint':
      return INT;
    case 'number':
      return FLOAT64;
    case 'boolean':
      return BOOL;
    default:
      return value?.type;
  }
}
