import { showPath } from '../../../shared/api/place.ts';
import { isObject, typeName } from '../../../shared/api/reader.ts';
import { nearest } from '../../../shared/input/nearest.ts';
import { REMOVED, type PatchMap } from '../../../shared/manifest/splice.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { shownName } from '../shown-name.ts';
import type { CollectionType, FieldType } from './field-type.ts';

type Path = readonly (string | number)[];

/** A value, the type that it should have, and where it is. */
interface Typed<T extends FieldType> {
  readonly value: unknown;
  readonly type: T;
  readonly at: Path;
}

/** A time as RFC 3339 has it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** How many unknown fields of an object are compared with the known ones: a comparison takes time. */
const MAX_COMPARED = 100;

/** Returns where an object differs from its type: everything, in the order of the object. Placeholders fit every type. */
export function typeProblems(value: unknown, type: FieldType): readonly Problem[] {
  return problemsOf({ value, type, at: [] });
}

function problemsOf(typed: Typed<FieldType>): readonly Problem[] {
  const { value, type, at } = typed;
  if (typeof value === 'string' && type.kind !== 'string' && hasPlaceholder(value)) return [];
  if (value === null) return type.nullable === true ? [] : [needlessNull(at)];
  switch (type.kind) {
    case 'any':
      return [];
    case 'string':
      return typeof value === 'string' ? [] : [wrongType(typed, 'a string')];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(typed, 'a boolean')];
    case 'integer':
      return Number.isInteger(value) ? [] : [wrongType(typed, 'an integer')];
    case 'time':
      return typeof value === 'string' && TIME.test(value) ? [] : [wrongType(typed, 'a time')];
    case 'list':
      return Array.isArray(value) ? inList(value, { ...typed, type }) : [wrongType(typed, 'a list')];
    case 'map':
    case 'object':
      return isObject(value) ? inMap(value, { ...typed, type }) : [wrongType(typed, 'a map')];
  }
}

function inList(items: readonly unknown[], { type, at }: Typed<CollectionType>): readonly Problem[] {
  if (type.kind === 'object') return [];
  return items.flatMap((value, index) => problemsOf({ value, type: type.of, at: [...at, index] }));
}

function inMap(map: object, { type, at }: Typed<CollectionType>): readonly Problem[] {
  let unknown = 0;
  return Object.entries(map).flatMap(([name, value]: [string, unknown]) => {
    const path = [...at, name];
    if (type.kind !== 'object') return problemsOf({ value, type: type.of, at: path });
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (field !== undefined) return problemsOf({ value, type: field, at: path });
    return hasPlaceholder(name)
      ? []
      : [unknownField(name, { type, at, isCompared: unknown++ < MAX_COMPARED })];
  });
}

interface UnknownField {
  readonly type: CollectionType & { readonly kind: 'object' };
  /** The object that has the field. */
  readonly at: Path;
  readonly isCompared: boolean;
}

function unknownField(name: string, { type, at, isCompared }: UnknownField): Problem {
  const isIgnored = type.unknown === 'ignored';
  const meant = isCompared ? nearest(name, Object.keys(type.fields)) : undefined;
  const outcome = isIgnored ? 'the controller ignores it' : 'kubectl refuses it, and other tools drop it';
  return {
    rule: 'S005',
    ...(isIgnored ? { severity: 'warning' } : {}),
    at: [...at, name],
    message: `${subject(at)} has an unknown field ${shownName(name)}: ${outcome}`,
    advice: meant === undefined ? 'remove it' : `did you mean "${meant}"?`,
  };
}

/** A null that means the same as nothing. The reference writes some, and checkers of schemas refuse them. */
function needlessNull(at: Path): Problem {
  return {
    rule: 'S005',
    needsAll: true,
    severity: 'note',
    at,
    message: `${subject(at)} is null, which the API server drops and schema checkers refuse`,
    advice: 'remove it',
    ...(at.length > 0 && at.every((step) => typeof step === 'string') ? { fix: removalOf(at) } : {}),
  };
}

function removalOf(at: Path): PatchMap {
  const [step = '', ...rest] = at;
  return new Map([[step, rest.length === 0 ? REMOVED : removalOf(rest)]]);
}

function wrongType({ value, at }: Typed<FieldType>, wanted: string): Problem {
  const found = typeName(value);
  const isUnquoted = wanted === 'a string' && (typeof value === 'number' || typeof value === 'boolean');
  return {
    rule: 'S005',
    at,
    message: `${subject(at)} is ${found}, not ${wanted}`,
    advice: isUnquoted ? 'put it in quotes' : (HOW[wanted] ?? `write ${wanted}`),
  };
}

/** What to do about a type, where more is to be said than its name. */
const HOW: Readonly<Record<string, string>> = {
  'a time': 'remove it: the API server sets it',
  'a boolean': 'write true or false, without quotes',
};

/** Returns what a sentence is about. */
function subject(at: Path): string {
  return at.length === 0 ? 'the object' : showPath(at);
}
