import assert from 'node:assert/strict';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { at, type Answer } from '../control-plane/admin-client.ts';
import { FakeClock } from './fake-clock.ts';
import { KINDS, type Plural } from './object-kinds.ts';
import { ObjectStore, type Json } from './object-store.ts';
import { ScriptedApi, type Asked, type Reply } from './scripted-api.ts';

/** Returns a reply that replaces the server's own; with `lost` the request is carried out and the reply never arrives. */
export type Fault = (asked: Asked) => Reply | 'lost' | undefined;

/** Acts at the moment that a request arrives; a returned reply replaces the server's own. */
export type Interruption = (asked: Asked) => Promise<Reply | undefined> | Reply | undefined;

/** A request and the status of its answer; undefined if the connection was cut. */
export interface Answered extends Asked {
  readonly status: number | undefined;
}

interface Scripted {
  readonly method: string;
  readonly path: RegExp;
  readonly interrupt: Interruption;
}

/**
 * An API server with objects in memory, which the client under test reaches over HTTP. A test changes the objects as
 * another client does, and scripts what happens at the moment that a request arrives.
 *
 * It is strict: `stop` throws if the client has sent a request that the server does not support, or if a scripted
 * request has not arrived.
 *
 * @example
 * const server = await FakeApiServer.start();
 * server.create('secrets', { metadata: { namespace: 'ns', name: 'db' }, data: {} });
 * server.beforeNext('PUT', /\/secrets\/db$/, () => refused(500, 'InternalError'));
 */
export class FakeApiServer {
  readonly store: ObjectStore;
  /** The requests of the client, in the order of their answers. */
  readonly answered: Answered[] = [];
  /** Applies to every request. */
  fault: Fault = () => undefined;
  readonly #unsupported: string[] = [];
  #script: readonly Scripted[] = [];
  #scripted: ScriptedApi | undefined;

  private constructor(clock: Clock) {
    this.store = new ObjectStore(() => clock.now());
  }

  static async start(clock: Clock = new FakeClock()): Promise<FakeApiServer> {
    const server = new FakeApiServer(clock);
    server.#scripted = await ScriptedApi.start((asked) => server.#answer(asked));
    return server;
  }

  /** The client under test. */
  get api(): Api {
    if (this.#scripted === undefined) throw new Error('not started');
    return this.#scripted.api;
  }

  /** The requests of the client, in the order of their arrival. */
  get asked(): readonly Asked[] {
    return this.#scripted?.asked ?? [];
  }

  /** Stops the server. Throws if there was an unsupported request, or if a scripted one is missing. */
  stop(): void {
    this.#scripted?.stop();
    assert.deepEqual(this.#unsupported, [], 'requests that the server does not support');
    const missing = this.#script.map(({ method, path }) => `${method} ${String(path)}`);
    assert.deepEqual(missing, [], 'scripted requests that have not arrived');
  }

  /** Interrupts the next request with the method and a matching path, before it is answered. */
  beforeNext(method: string, path: RegExp, interrupt: Interruption): void {
    this.#script = [...this.#script, { method, path, interrupt }];
  }

  /** Returns the requests with the method and a matching path. */
  of(method: string, path = /^/): readonly Answered[] {
    return this.answered.filter((each) => each.method === method && path.test(each.path));
  }

  /** The requests other than GET. */
  get writes(): readonly Answered[] {
    return this.answered.filter(({ method }) => method !== 'GET');
  }

  /** Sends a request as another client. */
  request(method: string, path: string, body?: unknown): Answer {
    // As over HTTP, undefined fields are not sent.
    const sent: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
    const reply = this.store.answer({ method, path, body: sent });
    if (reply === undefined || reply === 'cut') throw new Error(`${method} ${path} is not supported`);
    return { status: reply.status, body: reply.body };
  }

  /** Creates an object as another client. */
  create(plural: Plural, object: object): Json {
    const path = collectionPath(plural, String(at(object, 'metadata', 'namespace')));
    return this.#expect(201, this.request('POST', path, object));
  }

  /** Applies a merge patch to an object as another client; null removes a field. */
  change(plural: Plural, ref: Ref, patch: object): Json {
    return this.#expect(200, this.request('PATCH', objectPath(plural, ref), patch));
  }

  /** Replaces the status of a SealedSecret as another client. */
  replaceStatus(ref: Ref, status: object): Json {
    const path = `${objectPath('sealedsecrets', ref)}/status`;
    return this.#expect(200, this.request('PUT', path, { ...this.get('sealedsecrets', ref), status }));
  }

  /** Deletes an object as another client, if it exists. Its dependents stay: there is no garbage collector. */
  delete(plural: Plural, ref: Ref): void {
    this.request('DELETE', objectPath(plural, ref));
  }

  /** Returns the object, or undefined if it does not exist. */
  get(plural: Plural, ref: Ref): Json | undefined {
    return this.store.get(plural, ref);
  }

  /** Returns the reason and the message of each event on a SealedSecret, oldest first. */
  events({ namespace, name }: Ref): readonly { readonly reason: unknown; readonly message: unknown }[] {
    return this.store
      .list('events')
      .filter((event) => {
        const object = at(event, 'involvedObject');
        return at(object, 'namespace') === namespace && at(object, 'name') === name;
      })
      .map(({ reason, message }) => ({ reason, message }));
  }

  async #answer(asked: Asked): Promise<Reply> {
    const scripted = this.#script.find(
      ({ method, path }) => method === asked.method && path.test(asked.path),
    );
    this.#script = this.#script.filter((each) => each !== scripted);
    const interrupted = await scripted?.interrupt(asked);
    const fault = this.fault(asked);
    const replacement = interrupted ?? (fault === 'lost' ? undefined : fault);
    const reply = replacement ?? this.#stored(asked);
    const sent = fault === 'lost' ? 'cut' : reply;
    this.answered.push({ ...asked, status: sent === 'cut' ? undefined : sent.status });
    return sent;
  }

  #stored(asked: Asked): Reply {
    const reply = this.store.answer(asked);
    if (reply !== undefined) return reply;
    this.#unsupported.push(`${asked.method} ${asked.path}`);
    return { status: 501, body: 'not supported' };
  }

  #expect(status: number, answer: Answer): Json {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body as Json;
  }
}

function collectionPath(plural: Plural, namespace: string): string {
  return `${KINDS[plural].root}/namespaces/${namespace}/${plural}`;
}

function objectPath(plural: Plural, { namespace, name }: Ref): string {
  return `${collectionPath(plural, namespace)}/${name}`;
}
