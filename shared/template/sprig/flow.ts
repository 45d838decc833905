/** Sprig's functions for defaults, conditions and types. */
import { define, defineVariadic, failCall } from '../function.ts';
import { ANY, BOOL, STRING, typeOf, type Value } from '../value.ts';
import { deepEqual, isEmpty } from './equal.ts';
import type { FunctionTable } from './table.ts';

/** Returns the type as `%T` prints it. */
function typeName(value: Value): string {
  return typeOf(value)?.name ?? '<nil>';
}

function kindName(value: Value): string {
  return typeOf(value)?.kind ?? 'invalid';
}

/** Sprig's functions for defaults, conditions and types, by name. */
export const FLOW: FunctionTable = {
  default: defineVariadic([ANY, ANY], ANY, ([otherwise, given = null]) =>
    isEmpty(given) ? otherwise : given,
  ),
  empty: define([ANY], BOOL, ([value]) => isEmpty(value)),
  coalesce: defineVariadic([ANY], ANY, (values) => values.find((value) => !isEmpty(value)) ?? null),
  all: defineVariadic([ANY], BOOL, (values) => !values.some(isEmpty)),
  any: defineVariadic([ANY], BOOL, (values) => !values.every(isEmpty)),
  ternary: define([ANY, ANY, BOOL], ANY, ([yes, no, which]) => (which ? yes : no)),
  fail: define([STRING], STRING, ([message]) => failCall(message)),
  typeOf: define([ANY], STRING, ([value]) => typeName(value)),
  typeIs: define([STRING, ANY], BOOL, ([name, value]) => typeName(value) === name),
  typeIsLike: define([STRING, ANY], BOOL, ([name, value]) => [name, `*${name}`].includes(typeName(value))),
  kindOf: define([ANY], STRING, ([value]) => kindName(value)),
  kindIs: define([STRING, ANY], BOOL, ([name, value]) => kindName(value) === name),
  deepEqual: define([ANY, ANY], BOOL, ([a, b], run) => deepEqual(a, b, run)),
};
