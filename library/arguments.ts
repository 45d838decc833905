// Mistakes of callers without a type checker. They throw TypeError, as in Node's own functions.

import { SCOPES, type Scope } from '../shared/seal/scope.ts';

/** Returns the value if it is a text. Throws TypeError. */
export function requireText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  return value;
}

/** Returns the value if it is a scope. Throws TypeError. */
export function requireScope(value: unknown): Scope {
  const scope = SCOPES.find((each) => each === value);
  if (scope === undefined) throw new TypeError(`scope must be one of ${SCOPES.join(', ')}`);
  return scope;
}
