import { fail } from '../errors.ts';
import { inside, showPlace, type Place } from './place.ts';

/**
 * Reads the fields of one untrusted object into our types. Every mismatch throws `SealedSecretsError` with the
 * place and the kind of thing found, never the value.
 *
 * Only own properties count, so `__proto__` and `constructor` are names like any other. Field names match in any
 * letter case, as Go's decoder reads them; the same field twice in two cases is refused, for readers differ on
 * which one counts.
 */
export class Reader {
  readonly place: Place;
  /** The object itself, unread. */
  readonly raw: object;
  readonly #fields = new Map<string, { name: string; value: unknown }>();
  readonly #twice = new Set<string>();

  constructor(value: unknown, place: Place) {
    this.place = place;
    this.raw = isObject(value) ? value : wrongType(value, place, 'an object');
    for (const [name, field] of Object.entries(this.raw) as [string, unknown][]) {
      const folded = name.toLowerCase();
      if (this.#fields.has(folded)) this.#twice.add(folded);
      this.#fields.set(folded, { name, value: field });
    }
  }

  /** The field's value, `undefined` where it is absent or null: Kubernetes reads both alike. */
  value(name: string): unknown {
    const folded = name.toLowerCase();
    if (this.#twice.has(folded)) fail({ code: 'DuplicateField', at: showPlace(this.at(name)) });
    return this.#fields.get(folded)?.value ?? undefined;
  }

  at(name: string): Place {
    return inside(this.place, name);
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : asString(value, this.at(name));
  }

  requiredString(name: string): string {
    return this.string(name) ?? fail({ code: 'Missing', at: showPlace(this.at(name)) });
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return wrongType(value, this.at(name), 'a boolean');
  }

  integer(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
    return wrongType(value, this.at(name), 'an integer');
  }

  object(name: string): Reader | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : new Reader(value, this.at(name));
  }

  list(name: string): readonly { value: unknown; place: Place }[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return wrongType(value, this.at(name), 'a list');
    return value.map((item: unknown, index) => ({ value: item, place: inside(this.at(name), index) }));
  }

  /** A map by exact key, its values unread. */
  entries(name: string): Map<string, unknown> {
    const value = this.value(name);
    if (value === undefined) return new Map();
    if (!isObject(value)) return wrongType(value, this.at(name), 'a map');
    return new Map(Object.entries(value).map(([key, entry]) => [key.toWellFormed(), entry as unknown]));
  }

  /** A null value is an empty string, as for Go's decoder. */
  stringMap(name: string): Map<string, string> {
    const strings = new Map<string, string>();
    for (const [key, value] of this.entries(name)) {
      strings.set(key, value === null ? '' : asString(value, inside(this.at(name), key)));
    }
    return strings;
  }

  /** A map of strings in which a null has a meaning of its own. */
  nullableStringMap(name: string): Map<string, string | null> {
    const strings = new Map<string, string | null>();
    for (const [key, value] of this.entries(name)) {
      strings.set(key, value === null ? null : asString(value, inside(this.at(name), key)));
    }
    return strings;
  }

  strings(name: string): string[] {
    return this.list(name).map(({ value, place }) => asString(value, place));
  }
}

/** Whether the value is a plain object, as JSON and YAML give it. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A string, and nothing that YAML read as something else: an unquoted `yes` or `0123` would otherwise be sealed
 * as `true` or `83`.
 */
export function asString(value: unknown, place: Place): string {
  // Half of a surrogate pair is no character: Go, and UTF-8, have a replacement for it.
  return typeof value === 'string' ? value.toWellFormed() : wrongType(value, place, 'a string');
}

export function wrongType(value: unknown, place: Place, wanted: string): never {
  return fail({ code: 'WrongType', at: showPlace(place), found: typeName(value), wanted });
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
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
