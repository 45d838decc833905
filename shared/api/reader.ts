import { fail } from './errors.ts';
import { inside, showPlace, type Place } from './place.ts';

/**
 * Reads typed fields of one untrusted object. Every mismatch throws `WrongType` with the place and the type that was
 * found, never the value. An absent or null field is undefined.
 *
 * Reads own properties only, so `__proto__` and `constructor` are ordinary names. Matches field names in any letter
 * case, as Go's decoder does. Throws `DuplicateField` for a field that occurs in two cases, since readers differ on
 * which one counts.
 */
export class Reader {
  readonly place: Place;
  /** The object itself, unparsed. */
  readonly raw: object;
  readonly #names: readonly string[];

  constructor(value: unknown, place: Place) {
    this.place = place;
    this.raw = isObject(value) ? value : wrongType(value, place, 'an object');
    this.#names = Object.keys(this.raw);
  }

  /** Returns a field's value; undefined if it is absent or null, which Kubernetes treats alike. */
  value(name: string): unknown {
    let found: string | undefined;
    for (const each of this.#names) {
      if (!isSameField(each, name)) continue;
      if (found !== undefined) fail({ code: 'DuplicateField', at: showPlace(this.at(name)) });
      found = each;
    }
    return found === undefined ? undefined : (fieldOf(this.raw, found) ?? undefined);
  }

  /** Returns the place of a field. */
  at(name: string): Place {
    return inside(this.place, name);
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (typeof value === 'string') return value.toWellFormed();
    return value === undefined ? undefined : wrongType(value, this.at(name), 'a string');
  }

  /** Throws `Missing` if the field is absent. */
  requiredString(name: string): string {
    return this.string(name) ?? fail({ code: 'Missing', at: showPlace(this.at(name)) });
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return wrongType(value, this.at(name), 'a boolean');
  }

  /** Reads a safe integer. */
  integer(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
    return wrongType(value, this.at(name), 'an integer');
  }

  object(name: string): Reader | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : new Reader(value, this.at(name));
  }

  /** Reads a list with the place of each item; empty if the field is absent. */
  list(name: string): readonly { value: unknown; place: Place }[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return wrongType(value, this.at(name), 'a list');
    const place = this.at(name);
    return value.map((item: unknown, index) => ({ value: item, place: inside(place, index) }));
  }

  /** Reads a map with case-sensitive keys and unparsed values; empty if the field is absent. */
  entries(name: string): Map<string, unknown> {
    const value = this.value(name);
    if (value === undefined) return new Map();
    if (!isObject(value)) return wrongType(value, this.at(name), 'a map');
    const entries = new Map<string, unknown>();
    for (const key of Object.keys(value)) entries.set(key.toWellFormed(), fieldOf(value, key));
    return entries;
  }

  /** Reads a map of strings. A null value is an empty string, as in Go's decoder. */
  stringMap(name: string): Map<string, string> {
    const strings = new Map<string, string>();
    for (const [key, value] of this.entries(name)) {
      strings.set(key, value === null ? '' : this.#entry(value, name, key));
    }
    return strings;
  }

  /** Reads a map of strings and keeps null values. */
  nullableStringMap(name: string): Map<string, string | null> {
    const strings = new Map<string, string | null>();
    for (const [key, value] of this.entries(name)) {
      strings.set(key, value === null ? null : this.#entry(value, name, key));
    }
    return strings;
  }

  /** Reads a list of strings; empty if the field is absent. */
  strings(name: string): string[] {
    return this.list(name).map(({ value, place }) => asString(value, place));
  }

  /** Reads a string of a map. Makes no place unless the value is wrong. */
  #entry(value: unknown, name: string, key: string): string {
    if (typeof value === 'string') return value.toWellFormed();
    return wrongType(value, inside(this.at(name), key), 'a string');
  }
}

/** Compares names in any letter case. Names of the same length, since the wanted one is ASCII. */
function isSameField(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  return name.length === wanted.length && name.toLowerCase() === wanted.toLowerCase();
}

/** Returns the value of a property that the object has itself. */
function fieldOf(object: object, name: string): unknown {
  return Reflect.get(object, name);
}

/** Returns whether a value of JSON or YAML is a map. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns the value if it is a string; throws `WrongType` otherwise. Never converts: an unquoted `yes` or `0123` in
 * YAML would be sealed as `true` or `83`.
 */
export function asString(value: unknown, place: Place): string {
  // A lone surrogate is not a character. Replaced as in Go, since UTF-8 cannot encode it.
  return typeof value === 'string' ? value.toWellFormed() : wrongType(value, place, 'a string');
}

/** Throws `WrongType` with the type of the value, never the value. */
export function wrongType(value: unknown, place: Place, wanted: string): never {
  return fail({ code: 'WrongType', at: showPlace(place), found: typeName(value), wanted });
}

/** Names the type of a value as messages do. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'a map';
    case 'number':
    case 'bigint':
      return 'a number';
    default:
      return `a ${typeof value}`;
  }
}
