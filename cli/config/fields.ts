import { inside, showPlace, type Place } from '../../shared/api/place.ts';
import { asString, Reader } from '../../shared/api/reader.ts';
import { withoutValue } from '../../shared/input/without-value.ts';
import { visible } from '../../shared/text.ts';
import { nearest } from '../../shared/input/nearest.ts';
import { fail } from './errors.ts';

/**
 * Returns a reader of a map that has only the fields of `names`, none of them null: a setting without a value would
 * otherwise be a limit that does not hold. Throws `UnknownField`, `NullField` or `WrongType`.
 */
export function strictReader(value: unknown, place: Place, names: readonly string[]): Reader {
  const reader = new Reader(value, place);
  for (const [field, content] of Object.entries(reader.raw)) {
    if (!names.includes(field)) {
      const shown = visible(withoutValue(field));
      fail({
        code: 'UnknownField',
        at: showPlace(place),
        field: shown,
        similar: nearest(field, names),
        names,
      });
    }
    if (content === null) fail({ code: 'NullField', at: showPlace(inside(place, field)) });
  }
  return reader;
}

/** Returns the entries of a map with names that the user chooses. Throws `NullField` or `WrongType`. */
export function namedEntries(reader: Reader, field: string): readonly NamedEntry[] {
  const place = reader.at(field);
  return [...reader.entries(field)].map(([name, value]) => {
    const at = inside(place, name);
    if (value === null) fail({ code: 'NullField', at: showPlace(at) });
    return { name, value, place: at };
  });
}

/** An entry of a map with names that the user chooses. */
export interface NamedEntry {
  readonly name: string;
  readonly value: unknown;
  readonly place: Place;
}

/** Returns a text that is not empty. Undefined if the field is absent. Throws `EmptyText` or `WrongType`. */
export function textField(reader: Reader, field: string): string | undefined {
  const text = reader.string(field);
  if (text?.trim() === '') fail({ code: 'EmptyText', at: showPlace(reader.at(field)) });
  return text;
}

/** Returns a list of texts with their places. Undefined if the field is absent. Throws `EmptyText` or `WrongType`. */
export function textList(
  reader: Reader,
  field: string,
): readonly { readonly text: string; readonly place: Place }[] | undefined {
  const value = reader.value(field);
  if (value === undefined) return undefined;
  return reader.list(field).map(({ value: each, place }) => {
    const text = asString(each, place);
    if (text.trim() === '') fail({ code: 'EmptyText', at: showPlace(place) });
    return { text, place };
  });
}

/** Returns the choice that a value names. Throws `NotAChoice` or `WrongType`. */
export function choiceOf<T extends string>(value: unknown, place: Place, choices: readonly T[]): T {
  const text = asString(value, place);
  const found = choices.find((choice) => choice === text);
  return (
    found ?? fail({ code: 'NotAChoice', at: showPlace(place), choices, similar: nearest(text, choices) })
  );
}
