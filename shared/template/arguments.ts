/** What is given to a function, and what its parameters make of it. */
import { WHATEVER } from './builtins.ts';
import type { Maybe } from './compare.ts';
import { failCall, type GoFunction } from './function.ts';
import { sourceOf, type Literal, type Operand } from './node.ts';
import { FLOAT64, INT, Integer, isIntegerType, typeOf, type Kind, type Type } from './value.ts';

/** The value of the command before, which a pipeline hands on as the last argument. */
export interface Piped {
  readonly value: Maybe;
}

/** Arguments as they stand in the template: those written, and the piped one. */
export interface Given {
  readonly args: readonly Operand[];
  readonly piped: Piped | null;
}

/** The type of a function's parameter by its position. */
export function paramOf({ params, rest }: GoFunction, i: number): Type {
  return params[i] ?? rest ?? WHATEVER;
}

/** What Go calls the literals that a kind of parameter takes. */
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

/** A literal as a value of a basic type; undefined where it cannot be one. */
export function literalAs(type: Type, literal: Literal): Maybe {
  if (literal.kind !== 'number') return type.kind === literal.kind ? literal.value : undefined;
  if (type === INT) return literal.integer ?? undefined;
  if (type === FLOAT64) return literal.float;
  if (!isIntegerType(type)) return undefined;
  const value = type.signed ? literal.integer : literal.unsigned;
  return value === null ? undefined : new Integer(type, value);
}

/** `call`: no function is ever a value here, so all that it does is to complain. */
export function callValue(value: Maybe, source: Operand | undefined): never {
  if (value === undefined || value === null) failCall('call of nil');
  const type = typeOf(value).name;
  const piped = typeof value === 'string' ? value : `<${type} Value>`;
  failCall(`non-function ${source === undefined ? piped : sourceOf(source)} of type ${type}`);
}
