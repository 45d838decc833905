import type { IncomingMessage } from 'node:http';
import { inside, showPlace, type Place } from '../api/place.ts';
import { isObject, Reader } from '../api/reader.ts';
import { describe, fail, failureOf, SealedSecretsError, type Failure } from '../errors.ts';
import { ApiError } from './api-error.ts';
import type { Kind } from './kinds.ts';
import { networkReason } from './network-error.ts';
import type { Request, Transport } from './transport.ts';
import type { WriteGate } from './write-gate.ts';

export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

export interface Query {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One object of a list or a watch: read, or what is wrong with it, so that one bad object does not hide the others. */
export type Listed<T> =
  | { readonly ok: true; readonly object: T }
  | { readonly ok: false; readonly ref: Ref; readonly failure: Failure };

export interface Page<T> {
  readonly items: readonly Listed<T>[];
  /** The version of the whole list, from which a watch goes on. */
  readonly resourceVersion: string;
}

export type Change<T> =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly item: Listed<T>;
      readonly resourceVersion: string;
    }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions {
  readonly from: string;
  /** After how many seconds the server shall end the stream. */
  readonly timeoutSeconds: number;
  /** How long the stream may be silent, in milliseconds, before it is taken for dead. */
  readonly silence: number;
}

/** A write. A replacement carries the version of the copy on which it was decided; 409 says that it has changed. */
export interface Write<T> {
  readonly verb: 'create' | 'replace' | 'replaceStatus';
  readonly kind: Kind<T>;
  readonly ref: Ref;
  readonly body: object;
}

const PAGE_SIZE = 500;
const MAX_LINE = 16 * 1024 * 1024;

/** The API server's objects, typed. Throws `ApiError` for a refusal and `Unreachable` for no answer. */
export class Api {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** A complete, consistent list, page by page. A page that fails ends it with an error: a cut list is no list. */
  async *list<T>(kind: Kind<T>, query: Query, signal?: AbortSignal): AsyncGenerator<Page<T>> {
    const accept = acceptFor(kind, 'PartialObjectMetadataList');
    let next = '';
    do {
      const path = collectionPath(kind, query, { limit: String(PAGE_SIZE), continue: next });
      const answer = await this.#json('GET', path, `list ${kind.plural}`, { accept, signal });
      const page = readAnswer(answer, `list ${kind.plural}`, (value, place) => readPage(kind, value, place));
      next = page.next;
      yield page;
    } while (next !== '');
  }

  /**
   * Changes since a version, bookmarks among them. Ends when the server closes the stream; throws `ApiError` with
   * status 410 where the version is too old, and `BadAnswer` for a line that cannot be read.
   */
  async *watch<T>(
    kind: Kind<T>,
    query: Query,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<Change<T>> {
    const path = collectionPath(kind, query, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.from,
      timeoutSeconds: String(options.timeoutSeconds),
    });
    const what = `watch ${kind.plural}`;
    const accept = acceptFor(kind, 'PartialObjectMetadata');
    const { status, headers, body } = await this.transport.stream({ method: 'GET', path, accept, signal });
    try {
      if (status !== 200) throw new ApiError(what, status, undefined, headers);
      for await (const line of lines(body, options.silence))
        yield readChange(kind, parseJson(line, what), what);
    } catch (error) {
      if (error instanceof SealedSecretsError || signal.aborted) throw error;
      fail({ code: 'Unreachable', server: this.transport.connection.server, reason: networkReason(error) });
    } finally {
      body.destroy();
    }
  }

  /** One object as it stands now, or null. */
  async get<T>(kind: Kind<T>, ref: Ref, signal?: AbortSignal): Promise<T | null> {
    try {
      const answer = await this.#json('GET', objectPath(kind, ref), `get ${named(kind, ref)}`, {
        accept: acceptFor(kind, 'PartialObjectMetadata'),
        signal,
      });
      return readAnswer(answer, `get ${named(kind, ref)}`, (value) => kind.parse(value, placeOf(kind, ref)));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** Sends a write if the gate lets it, and gives the object as the server keeps it. */
  async write<T>({ verb, kind, ref, body }: Write<T>, gate: WriteGate, signal?: AbortSignal): Promise<T> {
    const what = `${verb === 'replaceStatus' ? 'update the status of' : verb} ${named(kind, ref)}`;
    const object = objectPath(kind, ref);
    gate.check();
    const answer =
      verb === 'create'
        ? await this.#json('POST', collectionPath(kind, { namespace: ref.namespace }, {}), what, {
            body,
            signal,
          })
        : await this.#json('PUT', verb === 'replace' ? object : `${object}/status`, what, { body, signal });
    return readAnswer(answer, what, (value) => kind.parse(value, placeOf(kind, ref)));
  }

  /** Deletes an object, if it is still the one of that UID and version; 409 says that it is not. Gone is gone. */
  async delete(
    kind: Kind<unknown>,
    ref: Ref,
    preconditions: { readonly uid: string; readonly resourceVersion: string },
    gate: WriteGate,
    signal?: AbortSignal,
  ): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions };
    gate.check();
    try {
      await this.#json('DELETE', objectPath(kind, ref), `delete ${named(kind, ref)}`, { body, signal });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  async #json(
    method: Request['method'],
    path: string,
    what: string,
    options: { accept?: string; body?: object; signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    const { status, headers, body } = await this.transport.request({
      method,
      path,
      signal: options.signal,
      ...(options.accept === undefined ? {} : { accept: options.accept }),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    if (status < 200 || status > 299) throw new ApiError(what, status, tryJson(body.toString()), headers);
    return parseJson(body.toString(), what);
  }
}

/** `NAMESPACE/NAME` */
export function showRef(ref: Ref): string {
  return `${ref.namespace}/${ref.name}`;
}

function named(kind: Kind<unknown>, ref: Ref): string {
  return `${kind.kind} ${showRef(ref)}`;
}

function placeOf(kind: Kind<unknown>, ref: Ref): Place {
  return { source: named(kind, ref) };
}

function acceptFor(kind: Kind<unknown>, as: string): string {
  return kind.metadataOnly ? `application/json;as=${as};v=v1;g=meta.k8s.io` : 'application/json';
}

function collectionPath(kind: Kind<unknown>, query: Query, parameters: Record<string, string>): string {
  const namespace = query.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(query.namespace)}`;
  const { labelSelector = '', fieldSelector = '' } = query;
  const given = Object.entries({ ...parameters, labelSelector, fieldSelector });
  const search = new URLSearchParams(given.filter(([, value]) => value !== '')).toString();
  return `${kind.root}${namespace}/${kind.plural}${search === '' ? '' : `?${search}`}`;
}

function objectPath(kind: Kind<unknown>, ref: Ref): string {
  return `${kind.root}/namespaces/${encodeURIComponent(ref.namespace)}/${kind.plural}/${encodeURIComponent(ref.name)}`;
}

/** What cannot be read in an answer is the server's fault, or that of someone in between, and may pass. */
function readAnswer<T>(answer: unknown, what: string, read: (value: unknown, place: Place) => T): T {
  try {
    return read(answer, { source: 'the answer' });
  } catch (error) {
    return fail({ code: 'BadAnswer', what, problem: describe(failureOf(error, what)) });
  }
}

/** Anything but a list with its version is no list: to take it for an empty one would mean that there is nothing. */
function readPage<T>(kind: Kind<T>, answer: unknown, place: Place): Page<T> & { readonly next: string } {
  const list = new Reader(answer, place);
  const found = list.requiredString('kind');
  if (!found.endsWith('List')) fail({ code: 'WrongKind', at: showPlace(place), kind: found, wanted: 'list' });
  const metadata = new Reader(list.value('metadata'), list.at('metadata'));
  const resourceVersion = metadata.requiredString('resourceVersion');
  const items = list.list('items').map(({ value }) => readListed(kind, value));
  return { items, resourceVersion, next: metadata.string('continue') ?? '' };
}

function readListed<T>(kind: Kind<T>, value: unknown): Listed<T> {
  const ref = refOf(value);
  try {
    return { ok: true, object: kind.parse(value, placeOf(kind, ref)) };
  } catch (error) {
    return { ok: false, ref, failure: failureOf(error, `reading a ${kind.kind}`) };
  }
}

/** The name of an object that may be malformed everywhere else. */
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

function readChange<T>(kind: Kind<T>, event: unknown, what: string): Change<T> {
  const place = { source: what };
  const reader = new Reader(event, place);
  const type = reader.requiredString('type');
  const object = reader.value('object');
  if (type === 'ERROR') {
    throw new ApiError(what, new Reader(object, inside(place, 'object')).integer('code') ?? 500, object);
  }
  const holder = new Reader(object, inside(place, 'object'));
  const metadata = new Reader(holder.value('metadata'), holder.at('metadata'));
  const resourceVersion = metadata.requiredString('resourceVersion');
  switch (type) {
    case 'BOOKMARK':
      return { type, resourceVersion };
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, item: readListed(kind, object), resourceVersion };
    default:
      return fail({ code: 'BadAnswer', what, problem: 'an event of an unknown type' });
  }
}

/** The lines of a stream. A stream that is silent for too long is destroyed: half-open connections never end. */
async function* lines(body: IncomingMessage, silence: number): AsyncGenerator<string> {
  body.setTimeout(silence, () => body.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    rest += decoder.decode(chunk, { stream: true });
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    if (rest.length > MAX_LINE) fail({ code: 'TooLarge', at: 'a line of a watch', limit: '16 MiB' });
    for (const line of complete) if (line !== '') yield line;
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fail({ code: 'BadAnswer', what, problem: 'the answer is not JSON' });
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
