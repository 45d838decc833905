/** The arguments of a call, and their conversion to the types of the parameters. */
import { WHATEVER } from './builtins.ts';
import type { Maybe } from './compare.ts';
import { failCall, type GoFunction } from './function.ts';
import { sourceOf, type Literal, type Operand } from './node.ts';
import { FLOAT64, INT, Integer, isIntegerType, typeOf, type Kind, type Type } from './value.ts';

/** The value of the previous command, which a pipeline passes on as the last argument. */
export interface Piped {
  readonly value: Maybe;
}

/** The arguments of a call in a template: the written ones and the piped one. */
export interface Given {
  readonly args: readonly Operand[];
  readonly piped: Piped | null;
}

/** Returns the type of a function's parameter by its position. */
export function paramOf({ params, rest }: GoFunction, i: number): Type {
  return params[i] ?? rest ?? WHATEVER;
}

/** Go's name for the literals that a parameter of a kind accepts, as in its error messages. */
export const WANTED: ReadonlyMap<Kind, string> = new Map([
  ['bool', 'bool'],
  ['string', 'string'],
  ['int', 'integer'],
  ['int32', 'integer'],
  ['int64', 'integer'],
  ['uint8', 'unsigned integer'],
  ['uint32', 'unsigned integer'],
  ['uint64', 'unsigned integer'],
  ['float64', 'float'],
]);

/** Converts a literal to a value of a basic type. Returns undefined if that is impossible. */
export function literalAs(type: Type, literal: Literal): Maybe {
  if (literal.kind !== 'number') return type.kind === literal.kind ? literal.value : undefined;
  if (type === INT) return literal.integer ?? undefined;
  if (type === FLOAT64) return literal.float;
  if (!isIntegerType(type)) return undefined;
  const value = type.signed ? literal.integer : literal.unsigned;
  return value === null ? undefined : new Integer(type, value);
}

/** Implements `call`. It always fails with Go's error, since no value is ever a function here. */
export function callValue(value: Maybe, source: Operand | undefined): never {
  if (value === undefined || value === null) failCall('call of nil');
  const type = typeOf(value).name;
  const piped = typeof value === 'string' ? value : `<${type} Value>`;
  failCall(`non-function ${source === undefined ? piped : sourceOf(source)} of type ${type}`);
}
