import { inside, type Place } from '../../api/place.ts';
import { Reader } from '../../api/reader.ts';
import { fail } from '../errors.ts';
import { ApiError } from './api-error.ts';
import type { BoundedText } from './bounded-text.ts';
import type { JsonHead } from './json-head.ts';
import type { Kind } from './kinds.ts';
import { oversized, parseJson, readListed, type Listed } from './listed.ts';

/** A watch event. */
export type Change<T> =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly item: Listed<T>;
      readonly resourceVersion: string;
    }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** The paths of the strings that {@link readChange} needs of a large event. */
export const EVENT_NAMES = [
  ['type'],
  ['object', 'metadata', 'name'],
  ['object', 'metadata', 'namespace'],
  ['object', 'metadata', 'resourceVersion'],
];

/**
 * Parses one watch event. Throws `ApiError` for an ERROR event, and `BadAnswer` for one that cannot be parsed or has no
 * version: continuing after it could miss a change.
 */
export function readChange<T>(kind: Kind<T>, event: BoundedText, what: string): Change<T> {
  return event.complete
    ? readEvent(kind, { event: parseJson(event.text, what), size: event.text.length }, what)
    : readHead(kind, event.head, what);
}

function readEvent<T>(
  kind: Kind<T>,
  { event, size }: { readonly event: unknown; readonly size: number },
  what: string,
): Change<T> {
  const place: Place = { source: what };
  const reader = new Reader(event, place);
  const type = reader.requiredString('type');
  const object = reader.value('object');
  if (type === 'ERROR') {
    const status = new Reader(object, inside(place, 'object')).integer('code') ?? 500;
    throw new ApiError(what, { status, body: object });
  }
  const holder = new Reader(object, inside(place, 'object'));
  const metadata = new Reader(holder.value('metadata'), holder.at('metadata'));
  const resourceVersion = metadata.requiredString('resourceVersion');
  if (type === 'BOOKMARK') return { type, resourceVersion };
  return { type: changeType(type, what), item: readListed(kind, object, size), resourceVersion };
}

function readHead<T>(kind: Kind<T>, head: JsonHead, what: string): Change<T> {
  const field = (name: string): string => head.string('object', 'metadata', name) ?? '';
  const type = changeType(head.string('type'), what);
  const resourceVersion = field('resourceVersion');
  const ref = { namespace: field('namespace'), name: field('name') };
  if (resourceVersion === '' || ref.name === '') {
    return fail({ code: 'BadAnswer', what, problem: 'a large event that names neither object nor version' });
  }
  return { type, item: oversized(kind, ref), resourceVersion };
}

function changeType(type: string | undefined, what: string): 'ADDED' | 'MODIFIED' | 'DELETED' {
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return type;
  return fail({ code: 'BadAnswer', what, problem: 'an event of an unknown type' });
}
