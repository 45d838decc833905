/**
 * The Go values that occur in a template, and how they are represented here.
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
 * A Go string is a sequence of bytes, and a decrypted item is not necessarily UTF-8. Every string here therefore
 * contains one character from U+0000 to U+00FF for each byte. With that, `length`, indexing, slicing, `===` and `<`
 * work as in Go, and ASCII text looks the same in both forms. `textOf` and `bytesOf` (utf8.ts) convert to and from
 * JavaScript text where characters matter. JavaScript text with a character above U+00FF must never become a `Value`.
 */
import type { Functions, GoFunction, Run } from './function.ts';

/** A Go value, represented as in the table above. */
export type Value = null | boolean | bigint | number | string | Integer | Slice | Dict | Struct;

/** The kinds of Go types that occur, as `reflect.Kind` prints them. */
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

/** A Go type whose values have the TypeScript type `T`. Types are compared by identity. */
export interface Type<T extends Value = Value> {
  /** The name as `%T` and `typeOf` print it: `int`, `[]interface {}`, `*semver.Version`. */
  readonly name: string;
  readonly kind: Kind;
  /** The value that `nil` becomes when passed as this type. Absent if Go does not accept nil. */
  readonly nil?: T;
  /** Whether the value can be assigned to this type without conversion. */
  holds(value: Value): value is T;
}

function basic<T extends Value>(name: Kind, holds: (value: Value) => value is T): Type<T> {
  return { name, kind: name, holds };
}

/** `bool` */
export const BOOL = basic('bool', (value): value is boolean => typeof value === 'boolean');
/** `int` */
export const INT = basic('int', (value): value is bigint => typeof value === 'bigint');
/** `float64` */
export const FLOAT64 = basic('float64', (value): value is number => typeof value === 'number');
/** `string` */
export const STRING = basic('string', (value): value is string => typeof value === 'string');

/** `interface {}`: any value, including nil. */
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

/**
 * An integer of a type other than `int`. Subclasses represent named types with methods, such as `time.Duration`.
 */
export class Integer {
  readonly type: IntegerType;
  readonly value: bigint;

  /** Wraps the value to the type's width. */
  constructor(type: IntegerType, value: bigint) {
    this.type = type;
    this.value = type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
  }

  /** Returns the result of the type's `String` or `Error` method, if it has one. */
  text(): string | undefined {
    return undefined;
  }

  /** Returns the method with the given exported name, bound to this value. */
  method(name: string): GoFunction | undefined {
    return NO_METHODS.get(name);
  }
}

/** Defines an integer type. For Go's basic types, `name` and `kind` are the same. */
export function integerType(properties: Omit<IntegerType, 'holds'>): IntegerType {
  const type: IntegerType = {
    ...properties,
    holds: (value): value is Integer => value instanceof Integer && value.type === type,
  };
  return type;
}

/** Whether a type is an integer type other than `int`. */
export function isIntegerType(type: Type): type is IntegerType {
  return 'signed' in type;
}

/** `int64` */
export const INT64 = integerType({ name: 'int64', kind: 'int64', bits: 64, signed: true });
/** `uint8` */
export const UINT8 = integerType({ name: 'uint8', kind: 'uint8', bits: 8, signed: false });
/** `uint32` */
export const UINT32 = integerType({ name: 'uint32', kind: 'uint32', bits: 32, signed: false });
/** `uint64` */
export const UINT64 = integerType({ name: 'uint64', kind: 'uint64', bits: 64, signed: false });

/** Returns an `int64`, wrapped to 64 bits. */
export function int64(value: bigint): Integer {
  return new Integer(INT64, value);
}

/** Wraps an `int` to 64 bits. Every result of arithmetic must pass through this function. */
export function int(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** The type of a slice. Create only one for each element type, because types are compared by identity. */
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

/** A slice. Templates cannot assign to elements. Only `sortAlpha` changes a slice in place, as it does in Go. */
export class Slice<T extends Value = Value> {
  readonly type: SliceType<T>;
  items: readonly T[];
  /** Whether this is the nil slice. It is empty, but `toJson` and `%#v` distinguish it from other empty slices. */
  readonly isNil: boolean;

  constructor(type: SliceType<T>, items: readonly T[], isNil = false) {
    this.type = type;
    this.items = items;
    this.isNil = isNil;
  }
}

/** `[]interface {}` */
export const LIST = new SliceType(ANY);
/** `[][]interface {}` */
export const LISTS = new SliceType(LIST);
/** `[]string` */
export const STRINGS = new SliceType(STRING);
/** `[]int` */
export const INTS = new SliceType(INT);
/** `[]uint8` */
export const BYTES = new SliceType(UINT8);

/** Returns a `[]interface {}`. */
export function list(items: readonly Value[]): Slice {
  return new Slice(LIST, items);
}

/** Returns a `[]string`. */
export function strings(items: readonly string[]): Slice<string> {
  return new Slice(STRINGS, items);
}

/** Sorts strings by bytes. Counts steps for their lengths, because a comparison may have to read every byte. */
export function sortedTexts(texts: readonly string[], run: Run): string[] {
  const size = texts.reduce((total, text) => total + 16 + text.length, 0);
  run.step(Math.floor((size * Math.ceil(Math.log2(texts.length + 1))) / 256));
  return [...texts].sort();
}

/**
 * The type of a map with string keys. Create only one for each element type, because types are compared by identity.
 */
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
 * A map with string keys; no other maps occur. `set` and `merge` change a map in place, so it can contain itself: code
 * that walks a map must limit the depth.
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

  /** Returns the keys in Go's order, which is by bytes. */
  sortedKeys(run: Run): string[] {
    return sortedTexts([...this.entries.keys()], run);
  }
}

/** `map[string]interface {}` */
export const DICT = new DictType(ANY);
/** `map[string]string` */
export const STRING_DICT = new DictType(STRING);

/** Returns a `map[string]interface {}`. */
export function dict(entries: Iterable<readonly [string, Value]> = []): Dict {
  return new Dict(DICT, new Map(entries));
}

/**
 * A struct, or a pointer to one. Each Go struct type is a subclass that keeps its data in private fields. A template
 * can access only what `fields` and `method` return.
 */
export abstract class Struct {
  /** The Go type, of kind `struct` or `ptr`. */
  abstract readonly type: Type;

  /** Compares like Go's `==`: structs field by field, pointers by identity. */
  equals(other: Struct): boolean {
    return this === other;
  }

  /** Returns the exported fields in the order of their declaration. */
  fields(): readonly (readonly [name: string, value: Value])[] {
    return [];
  }

  /** Returns the names of unexported fields, for which Go's error message differs from that for unknown fields. */
  unexported(): readonly string[] {
    return [];
  }

  /** Returns the result of the type's `String` or `Error` method, if it has one. The value prints as this text. */
  text(): string | undefined {
    return undefined;
  }

  /** Returns the method with the given exported name, bound to this value. */
  method(name: string): GoFunction | undefined {
    return NO_METHODS.get(name);
  }
}

/** Returns the type of a value, or undefined for nil. */
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
