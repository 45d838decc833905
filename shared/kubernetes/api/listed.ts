import { isObject } from '../../api/reader.ts';
import { failureOf, type Failure } from '../../errors.ts';
import { fail } from '../errors.ts';
import { fileFailure } from '../../file-errors.ts';
import type { BoundedText } from './bounded-text.ts';
import type { Kind } from './kinds.ts';
import { showRef, type Ref } from './ref.ts';

/**
 * The largest object of a list or watch, in bytes of JSON. The API server accepts requests of 3 MiB, and etcd stores
 * objects of up to 1.5 MiB; only characters that JSON escapes can exceed that.
 */
export const MAX_OBJECT = 4 * 1024 * 1024;

/** An object of a list or watch, or why it cannot be parsed: one bad object does not hide the others. */
export type Listed<T> =
  | {
      readonly ok: true;
      readonly object: T;
      /** The length of its JSON, in UTF-16 units. */
      readonly size: number;
    }
  | {
      readonly ok: false;
      /** The name is empty if it cannot be read, and so is the namespace. */
      readonly ref: Ref;
      readonly failure: Failure;
    };

/**
 * Parses an object of a list or watch from its JSON value.
 *
 * @param size the length of the JSON text, in UTF-16 units
 */
export function readListed<T>(kind: Kind<T>, value: unknown, size: number): Listed<T> {
  const ref = refOf(value);
  try {
    return { ok: true, object: kind.parse(value, { source: `${kind.kind} ${showRef(ref)}` }), size };
  } catch (error) {
    return { ok: false, ref, failure: failureOf(error, `reading a ${kind.kind}`) };
  }
}

/** Returns the entry of an object that is skipped because it is larger than {@link MAX_OBJECT}. */
export function oversized<T>(kind: Kind<T>, ref: Ref): Listed<T> {
  const at = `${kind.kind} ${showRef(ref)}`;
  return {
    ok: false,
    ref,
    failure: fileFailure({ code: 'TooLarge', at, limit: `${MAX_OBJECT / 2 ** 20} MiB` }),
  };
}

/** Returns whether an object was skipped because of its size. */
export function isOversized(item: Listed<unknown>): boolean {
  return !item.ok && item.failure.code === 'TooLarge';
}

/** The paths of the strings that {@link readItem} needs of a large item. */
export const ITEM_NAMES = [
  ['metadata', 'name'],
  ['metadata', 'namespace'],
];

/** Parses one item of a list. Throws `BadAnswer` if it is not JSON. */
export function readItem<T>(kind: Kind<T>, item: BoundedText, what: string): Listed<T> {
  if (item.complete) return readListed(kind, parseJson(item.text, what), item.text.length);
  const namespace = item.head.string('metadata', 'namespace') ?? '';
  return oversized(kind, { namespace, name: item.head.string('metadata', 'name') ?? '' });
}

/** Parses JSON. Throws `BadAnswer`, which never quotes the text. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fail({ code: 'BadAnswer', what, problem: 'the answer is not JSON' });
  }
}

/** Returns the name and namespace of an object that may be malformed otherwise. */
function refOf(value: unknown): Ref {
  const metadata: unknown = isObject(value) && 'metadata' in value ? value.metadata : undefined;
  const field = (name: 'name' | 'namespace'): string => {
    const text: unknown = isObject(metadata)
      ? Object.entries(metadata).find(([key]) => key === name)?.[1]
      : undefined;
    return typeof text === 'string' ? text : '';
  };
  return { namespace: field('namespace'), name: field('name') };
}
