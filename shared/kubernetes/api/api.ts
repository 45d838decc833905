import { showPlace, type Place } from '../../api/place.ts';
import { Reader } from '../../api/reader.ts';
import { failureOf, SealedSecretsError } from '../../errors.ts';
import { fail, kubernetesFailure } from '../errors.ts';
import { fail as failObject } from '../../api/errors.ts';
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

/** Which objects to list or watch. */
export interface Query {
  /** Absent for all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Which objects to list, and how. */
export interface ListOptions extends Query {
  readonly signal?: AbortSignal | undefined;
  /** Whether to list in pages, which is the default. A list whose continue token expires can be fetched in one page. */
  readonly paged?: boolean;
}

/** How to watch objects. */
export interface WatchOptions {
  /** The version to start after. */
  readonly from: string;
  /** How long the server keeps the stream open, in seconds. */
  readonly timeoutSeconds: number;
  /** How long the stream may be silent before it counts as dead, in ms. */
  readonly silence: number;
  readonly signal: AbortSignal;
}

/** Which version of an object to delete. */
export interface DeleteOptions {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A write. A replacement carries the version that it is based on; the server answers 409 if the object has changed. A
 * patch is a JSON merge patch (RFC 7396); it carries a version only if it must not meet another one.
 */
export interface Write<T> {
  readonly verb: 'create' | 'replace' | 'replaceStatus' | 'patch';
  readonly kind: Kind<T>;
  readonly ref: Ref;
  readonly body: object;
}

/** An open stream on which the server has sent nothing for too long. */
export class SilentStream extends SealedSecretsError {
  constructor(server: string) {
    super(kubernetesFailure({ code: 'Unreachable', server, reason: 'timed out' }));
  }
}

interface StreamOptions {
  readonly request: Request;
  /** The operation, for errors. */
  readonly what: string;
  readonly scanner: { push(chunk: Buffer): BoundedText[]; readonly held: number };
  /** How long the next chunk may take, in ms. */
  readonly stall: number;
}

const WRITE_METHODS = { create: 'POST', replace: 'PUT', replaceStatus: 'PUT', patch: 'PATCH' } as const;
const MERGE_PATCH = 'application/merge-patch+json';

const PAGE_SIZE = 500;
/** How long the next chunk of a list may take, in ms. A list that makes progress has no time limit. */
const LIST_STALL = 30_000;

/** Typed access to the API server. Methods throw `ApiError` for an error response and `Unreachable` for none. */
export class Api {
  readonly transport: Transport;
  readonly #largeObjects = new LargeObjects();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /**
   * Lists objects and calls `visit` for each as it arrives, so that one object at a time is in memory. Returns the
   * version of the list, from which a watch can continue. Throws if any part of the list fails; the objects visited until
   * then are not the whole list. An object of more than 4 MiB is visited as one that cannot be parsed.
   */
  async list<T>(
    kind: Kind<T>,
    { signal, paged = true, ...query }: ListOptions,
    visit: (item: Listed<T>) => void | Promise<void>,
  ): Promise<string> {
    const limit = paged ? String(PAGE_SIZE) : '';
    const what = `list ${kind.plural}`;
    for (let next = ''; ;) {
      const path = collectionPath(kind, query, { limit, continue: next });
      const scanner = new ListScanner(what, { limit: MAX_OBJECT, wanted: ITEM_NAMES });
      const accept = acceptFor(kind, 'PartialObjectMetadataList');
      const request: Request = { method: 'GET', path, accept, signal };
      for await (const item of this.#stream({ request, what, scanner, stall: LIST_STALL })) {
        await visit(readItem(kind, item, what));
      }
      const end = readAnswer(scanner.end(), what, readListEnd);
      if (end.next === '') return end.resourceVersion;
      next = end.next;
    }
  }

  /**
   * Yields the changes since a version, including bookmarks, until the server closes the stream. Throws `ApiError` with
   * status 410 if the version is too old, `SilentStream` if nothing arrives for too long, and `BadAnswer` for a line
   * that cannot be parsed. An object of more than 4 MiB is yielded as one that cannot be parsed.
   */
  async *watch<T>(kind: Kind<T>, query: Query, options: WatchOptions): AsyncGenerator<Change<T>> {
    const { signal } = options;
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
    for await (const line of this.#stream({ request, what, scanner, stall: options.silence })) {
      yield readChange(kind, line, what);
    }
  }

  /**
   * Returns whether the server has reached a version, so that a watch can continue from it. After etcd is restored from
   * an older snapshot, the server accepts a watch from a later version but sends nothing.
   */
  async hasReached(
    kind: Kind<unknown>,
    { namespace, fieldSelector }: Query,
    { resourceVersion, signal }: { readonly resourceVersion: string; readonly signal?: AbortSignal },
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
    const items = this.#stream({ request, what, scanner, stall: LIST_STALL });
    try {
      // Reads the one item and the end, so that the connection can be reused. A server may ignore the limit.
      for (let i = 0; i < 2; i++) await items.next();
      return true;
    } catch (error) {
      if (isTooLargeVersion(error)) return false;
      throw error;
    } finally {
      await items.return(undefined);
    }
  }

  /** Returns an object, or null if it does not exist. Throws `BadAnswer` if it cannot be parsed. */
  async get<T>(kind: Kind<T>, ref: Ref, signal?: AbortSignal): Promise<T | null> {
    try {
      const what = `get ${named(kind, ref)}`;
      const answer = await this.#json(what, {
        method: 'GET',
        path: objectPath(kind, ref),
        accept: acceptFor(kind, 'PartialObjectMetadata'),
        signal,
      });
      return readAnswer(answer, what, (value) => kind.parse(value, placeOf(kind, ref)));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** Sends a write and returns the object as the server stores it. Throws `ApiError` with status 409 for a conflict. */
  async write<T>({ verb, kind, ref, body }: Write<T>, signal?: AbortSignal): Promise<T> {
    const what = `${verb === 'replaceStatus' ? 'update the status of' : verb} ${named(kind, ref)}`;
    const paths = {
      create: collectionPath(kind, { namespace: ref.namespace }, {}),
      replace: objectPath(kind, ref),
      replaceStatus: `${objectPath(kind, ref)}/status`,
      patch: objectPath(kind, ref),
    };
    const method = WRITE_METHODS[verb];
    const contentType = verb === 'patch' ? { contentType: MERGE_PATCH } : {};
    const answer = await this.#json(what, { method, path: paths[verb], body, signal, ...contentType });
    return readAnswer(answer, what, (value) => kind.parse(value, placeOf(kind, ref)));
  }

  /** Deletes an object, or does nothing if it is gone. Throws `ApiError` with status 409 if UID or version differ. */
  async delete(
    kind: Kind<unknown>,
    ref: Ref,
    { uid, resourceVersion, signal }: DeleteOptions,
  ): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } };
    try {
      await this.#json(`delete ${named(kind, ref)}`, {
        method: 'DELETE',
        path: objectPath(kind, ref),
        body,
        signal,
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** Sends a request and yields the texts into which the scanner splits the response. */
  async *#stream({ request, what, scanner, stall }: StreamOptions): AsyncGenerator<BoundedText> {
    const { status, headers, body } = await this.transport.stream(request);
    const slot = this.#largeObjects.stream();
    try {
      if (status !== 200) throw new ApiError(what, { status, body: await readRefusal(body, stall), headers });
      for await (const chunk of chunksOf(body, stall)) {
        yield* scanner.push(chunk);
        await slot.follow(scanner.held);
      }
    } catch (error) {
      if (error instanceof SealedSecretsError || request.signal?.aborted) throw error;
      const { server } = this.transport.connection;
      if (error instanceof StalledBody) throw new SilentStream(server);
      fail({ code: 'Unreachable', server, reason: networkReason(error) });
    } finally {
      slot.end();
      body.destroy();
    }
  }

  async #json(
    what: string,
    { body: object, ...request }: Omit<Request, 'body'> & { readonly body?: object },
  ): Promise<unknown> {
    const { status, headers, body } = await this.transport.request({
      ...request,
      ...(object === undefined ? {} : { body: JSON.stringify(object) }),
    });
    if (status < 200 || status > 299)
      throw new ApiError(what, { status, body: tryJson(body.toString()), headers });
    return parseJson(body.toString(), what);
  }
}

/** Returns whether the API server has not reached the requested version within 3 s. */
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
  const all = Object.entries({ ...parameters, labelSelector, fieldSelector });
  const search = new URLSearchParams(all.filter(([, value]) => value !== '')).toString();
  return `${kind.root}${namespace}/${kind.plural}${search === '' ? '' : `?${search}`}`;
}

function objectPath(kind: Kind<unknown>, ref: Ref): string {
  return `${kind.root}/namespaces/${encodeURIComponent(ref.namespace)}/${kind.plural}/${encodeURIComponent(ref.name)}`;
}

/** Throws `BadAnswer` if the response cannot be parsed: the server, or a proxy, is at fault, and a retry may help. */
function readAnswer<T>(answer: unknown, what: string, read: (value: unknown, place: Place) => T): T {
  try {
    return read(answer, { source: 'the answer' });
  } catch (error) {
    return fail({ code: 'BadAnswer', what, problem: failureOf(error, what).describe() });
  }
}

/** Parses the list without its items. Throws for anything else, which must not count as an empty list. */
function readListEnd(answer: unknown, place: Place): { resourceVersion: string; next: string } {
  const list = new Reader(answer, place);
  const found = list.requiredString('kind');
  if (!found.endsWith('List'))
    failObject({ code: 'WrongKind', at: showPlace(place), kind: found, wanted: 'list' });
  const metadata = new Reader(list.value('metadata'), list.at('metadata'));
  // The scanner leaves `items` in place if it is not a list.
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
