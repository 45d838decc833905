// Mistakes of callers without a type checker. They throw TypeError, as in Node's own functions.

import { utf8Bytes } from '../shared/bytes.ts';
import { SCOPES, type Scope } from '../shared/seal/scope.ts';

/** Returns the value if it is a text. Throws TypeError. */
export function requireText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  return value;
}

/** Returns bytes, or those of a text in UTF-8. Throws TypeError for any other value. */
export function requireBytes(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string or a Uint8Array`);
  return utf8Bytes(value);
}

/** Returns the value if it is a scope. Throws TypeError. */
export function requireScope(value: unknown): Scope {
  const scope = SCOPES.find((each) => each === value);
  if (scope === undefined) throw new TypeError(`scope must be one of ${SCOPES.join(', ')}`);
  return scope;
}
