import { showPlace, type Place } from '../../api/place.ts';
import { Reader } from '../../api/reader.ts';
import { describe, fail, failureOf, SealedSecretsError } from '../../errors.ts';
import { ApiError } from './api-error.ts';
import type { BoundedText } from './bounded-text.ts';
import { EVENT_NAMES, readChange, type Change } from './change.ts';
import type { Kind } from './kinds.ts';
import { LargeObjects } from './large-objects.ts';
import { LineScanner } from './line-scanner.ts';
import { ListScanner } from './list-scanner.ts';
import { ITEM_NAMES, MAX_OBJECT, parseJson, readItem, type Listed } from './listed.ts';
import { networkReason } from '../http/network-error.ts';
import { showRef, type Ref } from './ref.ts';
import { chunksOf, readRefusal, StalledBody } from '../http/response-body.ts';
import type { Request, Transport } from '../http/transport.ts';

export type { Change } from './change.ts';
export { isOversized, type Listed } from './listed.ts';
export { showRef, type Ref } from './ref.ts';

export interface Query {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether to ask for the list in pages, which is the default. A list that outlives its pages can be had whole. */
  readonly paged?: boolean;
}

export interface WatchOptions {
  readonly from: string;
  /** After how many seconds the server is to end the stream. */
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

/** A stream that was open, but on which the server has said nothing for too long. */
export class SilentStream extends SealedSecretsError {
  constructor(server: string) {
    super({ code: 'Unreachable', server, reason: 'timed out' });
  }
}

const PAGE_SIZE = 500;
/** How long the next part of a list may take, in milliseconds. A list that moves on may take any time. */
const LIST_STALL = 30_000;

/** The API server's objects, typed. Throws `ApiError` for a refusal and `Unreachable` for no answer. */
export class Api {
  readonly transport: Transport;
  readonly #largeObjects = new LargeObjects();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /**
   * Calls `visit` for each object of a complete, consistent list as it arrives, so that one object at a time is in
   * memory. Returns the version of the list, from which a watch goes on. Throws when any part of the list fails: what
   * was visited until then is not the whole list.
   *
   * An object of more than 4 MiB is visited as one that cannot be read.
   */
  async list<T>(
    kind: Kind<T>,
    query: Query,
    visit: (item: Listed<T>) => void | Promise<void>,
    { signal, paged = true }: ListOptions = {},
  ): Promise<string> {
    const limit = paged ? String(PAGE_SIZE) : '';
    const what = `list ${kind.plural}`;
    for (let next = ''; ;) {
      const path = collectionPath(kind, query, { limit, continue: next });
      const scanner = new ListScanner(what, { limit: MAX_OBJECT, wanted: ITEM_NAMES });
      const accept = acceptFor(kind, 'PartialObjectMetadataList');
      const request: Request = { method: 'GET', path, accept, signal };
      for await (const item of this.#stream(request, what, scanner, LIST_STALL)) {
        await visit(readItem(kind, item, what));
      }
      const end = readAnswer(scanner.end(), what, readListEnd);
      if (end.next === '') return end.resourceVersion;
      next = end.next;
    }
  }

  /**
   * Changes since a version, bookmarks among them. Ends when the server closes the stream; throws `ApiError` with
   * status 410 where the version is too old, `SilentStream` where nothing comes for too long, and `BadAnswer` for a line
   * that cannot be read.
   *
   * A change of more than 4 MiB is yielded as one of an object that cannot be read.
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
    const scanner = new LineScanner({ limit: MAX_OBJECT, wanted: EVENT_NAMES });
    const accept = acceptFor(kind, 'PartialObjectMetadata');
    const request: Request = { method: 'GET', path, accept, watch: true, signal };
    for await (const line of this.#stream(request, what, scanner, options.silence)) {
      yield readChange(kind, line, what);
    }
  }

  /**
   * Returns whether the server has reached a version, so that a watch may go on from there. It has not after etcd was
   * restored from an older snapshot: then a watch from that version is accepted, and silent.
   */
  async hasReached(
    kind: Kind<unknown>,
    { namespace, fieldSelector }: Query,
    resourceVersion: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const path = collectionPath(
      kind,
      { ...(namespace === undefined ? {} : { namespace }), ...(fieldSelector ? { fieldSelector } : {}) },
      { limit: '1', resourceVersion, resourceVersionMatch: 'NotOlderThan' },
    );
    const what = `list ${kind.plural}`;
    const scanner = new ListScanner(what, { limit: MAX_OBJECT, wanted: ITEM_NAMES });
    const accept = acceptFor(kind, 'PartialObjectMetadataList');
    const request: Request = { method: 'GET', path, accept, signal };
    const items = this.#stream(request, what, scanner, LIST_STALL);
    try {
      // The one item and the end, which lets the connection be used again. A server may ignore the limit.
      for (let i = 0; i < 2; i++) await items.next();
      return true;
    } catch (error) {
      if (isTooLargeVersion(error)) return false;
      throw error;
    } finally {
      await items.return(undefined);
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

  /** Sends a write. Returns the object as the server stores it. */
  async write<T>({ verb, kind, ref, body }: Write<T>, signal?: AbortSignal): Promise<T> {
    const what = `${verb === 'replaceStatus' ? 'update the status of' : verb} ${named(kind, ref)}`;
    const object = objectPath(kind, ref);
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
    signal?: AbortSignal,
  ): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions };
    try {
      await this.#json('DELETE', objectPath(kind, ref), `delete ${named(kind, ref)}`, { body, signal });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** Sends a request and yields the parts into which a scanner splits the body of the answer. */
  async *#stream(
    request: Request,
    what: string,
    scanner: { push(chunk: Buffer): BoundedText[]; readonly held: number },
    stall: number,
  ): AsyncGenerator<BoundedText> {
    const { status, headers, body } = await this.transport.stream(request);
    const place = this.#largeObjects.stream();
    try {
      if (status !== 200) throw new ApiError(what, status, await readRefusal(body, stall), headers);
      for await (const chunk of chunksOf(body, stall)) {
        yield* scanner.push(chunk);
        await place.follow(scanner.held);
      }
    } catch (error) {
      if (error instanceof SealedSecretsError || request.signal?.aborted) throw error;
      const { server } = this.transport.connection;
      if (error instanceof StalledBody) throw new SilentStream(server);
      fail({ code: 'Unreachable', server, reason: networkReason(error) });
    } finally {
      place.end();
      body.destroy();
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

/** What the API server answers to a list at a version that it has not reached within 3 s. */
function isTooLargeVersion(error: unknown): boolean {
  return error instanceof ApiError && error.status === 504 && error.reason === 'Timeout';
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
function readListEnd(answer: unknown, place: Place): { resourceVersion: string; next: string } {
  const list = new Reader(answer, place);
  const found = list.requiredString('kind');
  if (!found.endsWith('List')) fail({ code: 'WrongKind', at: showPlace(place), kind: found, wanted: 'list' });
  const metadata = new Reader(list.value('metadata'), list.at('metadata'));
  // Items that are no list were left where they are.
  list.list('items');
  return {
    resourceVersion: metadata.requiredString('resourceVersion'),
    next: metadata.string('continue') ?? '',
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
