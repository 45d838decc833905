import { isDeepStrictEqual } from 'node:util';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { refused, ScriptedApi, type Asked, type Reply } from './scripted-api.ts';

/** A stored JSON object. */
type Stored = Record<string, unknown>;

/**
 * An API server with one SealedSecret and the Secret of the same name. It keeps resource versions, refuses stale
 * writes, and enforces the relevant rules for Secrets: one controller, a fixed type, and immutability.
 */
export class ObjectServer {
  secret: Stored | undefined;
  sealedSecret: Stored;
  /** Whether the CRD is the reference's, which prunes `status.applied`. */
  dropsApplied = false;
  readonly events: unknown[] = [];
  secretWrites = 0;
  readonly #ref: Ref;
  #scripted: ScriptedApi | undefined;
  #versions = 0;

  private constructor(ref: Ref, spec: object) {
    this.#ref = ref;
    const metadata = { ...ref, uid: 'sealed-secret', resourceVersion: this.#version(), generation: 1 };
    this.sealedSecret = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata, spec };
  }

  static async start(ref: Ref, spec: object): Promise<ObjectServer> {
    const server = new ObjectServer(ref, spec);
    server.#scripted = await ScriptedApi.start((asked) => server.#answer(asked));
    return server;
  }

  get scripted(): ScriptedApi {
    if (this.#scripted === undefined) throw new Error('not started');
    return this.#scripted;
  }

  stop(): void {
    this.#scripted?.stop();
  }

  /** Replaces the spec of the SealedSecret, as `kubectl apply` does. */
  edit(spec: object): void {
    const generation = Number(at(this.sealedSecret, 'metadata', 'generation')) + 1;
    this.#changeSealedSecret({ spec }, { generation });
  }

  loseStatus(): void {
    this.#changeSealedSecret({ status: undefined });
  }

  /** The annotations of the Secret; empty if there is no Secret. */
  get annotations(): ReadonlyMap<string, string> {
    const annotations = Object.entries(at(this.secret, 'metadata', 'annotations') ?? {});
    return new Map(annotations.map(([name, value]) => [name, String(value)]));
  }

  /** Changes fields of the Secret and of its metadata, if it exists. */
  change(fields: object, metadata: object = {}): void {
    const { secret } = this;
    if (secret) this.put({ ...secret, ...fields }, { ...(at(secret, 'metadata') ?? {}), ...metadata });
  }

  /** Creates or replaces the Secret as clients can; an object without a UID is a new one. */
  put(secret: object, metadata: object): void {
    const uid = at(metadata, 'uid') ?? `secret-${this.#version()}`;
    const own = { ...this.#ref, ...metadata, uid, resourceVersion: this.#version() };
    this.secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', ...secret, metadata: own };
  }

  #version(): string {
    return String(++this.#versions);
  }

  #changeSealedSecret(change: object, metadata: object = {}): void {
    const before = at(this.sealedSecret, 'metadata') ?? {};
    const own = { ...before, ...metadata, resourceVersion: this.#version() };
    this.sealedSecret = { ...this.sealedSecret, ...change, metadata: own };
  }

  #answer({ method, path, body }: Asked): Reply {
    if (path.endsWith('/events')) {
      this.events.push(body);
      return { status: 201, body: Object(body) as object };
    }
    if (path.includes('/sealedsecrets/')) return this.#answerSealedSecret(method, body);
    if (method === 'POST') return this.secret ? refused(409, 'AlreadyExists') : this.#written(body, 201);
    if (this.secret === undefined) return refused(404, 'NotFound');
    return method === 'PUT' ? this.#replace(this.secret, body) : { status: 200, body: this.secret };
  }

  #answerSealedSecret(method: string, body: unknown): Reply {
    if (method === 'PUT') {
      if (!isSameVersion(this.sealedSecret, body)) return refused(409, 'Conflict');
      const status = { ...(at(body, 'status') ?? {}) };
      this.#changeSealedSecret({
        status: this.dropsApplied ? { ...status, applied: undefined } : status,
      });
    }
    return { status: 200, body: this.sealedSecret };
  }

  #replace(before: Stored, body: unknown): Reply {
    if (!isSameVersion(before, body)) return refused(409, 'Conflict');
    const isTypeKept = (at(body, 'type') ?? 'Opaque') === at(before, 'type');
    const isImmutable = at(before, 'immutable') === true;
    const isKept = at(body, 'immutable') === true && isDeepStrictEqual(at(body, 'data'), at(before, 'data'));
    return isTypeKept && (!isImmutable || isKept)
      ? this.#written(body, 200, at(before, 'metadata', 'uid'))
      : refused(422, 'Invalid');
  }

  #written(body: unknown, status: number, uid?: unknown): Reply {
    const owners = listAt(body, 'metadata', 'ownerReferences');
    if (owners.filter((owner) => at(owner, 'controller') === true).length > 1) return refused(422, 'Invalid');
    this.secretWrites++;
    this.put(Object(body) as object, { ...(at(body, 'metadata') ?? {}), uid });
    return { status, body: this.secret ?? {} };
  }
}

function isSameVersion(stored: unknown, body: unknown): boolean {
  return ['uid', 'resourceVersion'].every(
    (field) => at(body, 'metadata', field) === at(stored, 'metadata', field),
  );
}
