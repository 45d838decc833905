import { isDeepStrictEqual } from 'node:util';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { showRef } from '../../shared/kubernetes/api/ref.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { KINDS, ROUTE, type KindRules, type Plural } from './object-kinds.ts';
import { refused, type Reply } from './scripted-api.ts';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A request as the store needs it. */
export interface StoreRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: unknown;
}

interface Target {
  readonly kind: KindRules;
  readonly ref: Ref;
  readonly subresource: string | undefined;
}

/**
 * Objects in memory, with the rules of the API server that the controller depends on: UIDs, versions and generations,
 * preconditions, the status subresource, finalizers, and what may change in a Secret. `test/e2e/fake-api.test.ts` compares
 * it with a real API server.
 */
export class ObjectStore {
  /** Whether the CRD is the reference's, which has no `status.applied` and drops it. */
  dropsApplied = false;
  readonly #objects = new Map<string, Json>();
  readonly #now: () => Date;
  #version = 0;

  /** @param now returns the time of the server's clock */
  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Returns the object, or undefined if it does not exist. */
  get(plural: Plural, ref: Ref): Json | undefined {
    return this.#objects.get(keyOf(KINDS[plural], ref));
  }

  /** Returns all objects of a kind, oldest first. */
  list(plural: Plural): readonly Json[] {
    const { kind } = KINDS[plural];
    return [...this.#objects.values()].filter((object) => object['kind'] === kind);
  }

  /** Returns the answer to a request, or undefined if the store does not support it. */
  answer(request: StoreRequest): Reply | undefined {
    const {
      root = '',
      namespace = '',
      plural = '',
      name,
      subresource,
    } = ROUTE.exec(request.path)?.groups ?? {};
    const kind = Object.entries(KINDS).find(([each]) => each === plural)?.[1];
    if (kind?.root !== root) return undefined;
    const target = { kind, ref: { namespace, name: decodeURIComponent(name ?? '') }, subresource };
    if (name === undefined) return this.#answerCollection(target, request);
    if (request.method === 'PUT' && !namesTarget(request.body, target.ref)) return undefined;
    if (subresource !== undefined && !(kind.hasStatus && request.method === 'PUT')) return undefined;
    const existing = this.#objects.get(keyOf(kind, target.ref));
    if (existing === undefined) {
      const message = `${kind.resource} "${target.ref.name}" not found`;
      return METHODS.has(request.method) ? refused(404, 'NotFound', { message }) : undefined;
    }
    switch (request.method) {
      case 'GET':
        return { status: 200, body: existing };
      case 'PUT':
        return this.#update(target, existing, asObject(request.body));
      case 'PATCH':
        return this.#update(target, existing, asObject(mergePatch(existing, request.body)));
      case 'DELETE':
        return this.#delete(target, existing, request.body);
      default:
        return undefined;
    }
  }

  #answerCollection(target: Target, { method, query, body }: StoreRequest): Reply | undefined {
    if (method === 'POST') return this.#create(target, asObject(body));
    if (method !== 'GET' || query?.has('watch')) return undefined;
    const [label, value] = (query?.get('labelSelector') ?? '').split('=');
    const [, named] = (query?.get('fieldSelector') ?? '').split('metadata.name=');
    const items = [...this.#objects].filter(
      ([key, object]) =>
        key.startsWith(`${target.kind.plural} ${target.ref.namespace}/`) &&
        (!label || at(object, 'metadata', 'labels', label) === value) &&
        (named === undefined || at(object, 'metadata', 'name') === named),
    );
    const metadata = { resourceVersion: String(this.#version) };
    const { kind, apiVersion } = target.kind;
    return {
      status: 200,
      body: { kind: `${kind}List`, apiVersion, metadata, items: items.map(([, item]) => item) },
    };
  }

  #create({ kind, ref: { namespace } }: Target, body: Json): Reply {
    const name = stringAt(body, 'metadata', 'name');
    const ref = { namespace, name };
    const key = keyOf(kind, ref);
    if (this.#objects.has(key)) {
      return refused(409, 'AlreadyExists', { message: `${kind.resource} "${name}" already exists` });
    }
    const metadata = {
      ...ref,
      uid: `${kind.plural}-${this.#version + 1}`,
      creationTimestamp: `${this.#now().toISOString().slice(0, 19)}Z`,
      ...(kind.hasStatus ? { generation: 1 } : {}),
    };
    const content = without(body, ['status']);
    const object = kind.prepared({ ...content, metadata: { ...writable(body), ...metadata } });
    const problems = kind.problems(object, undefined);
    if (problems.length > 0) return invalid(kind, name, problems);
    return { status: 201, body: this.#store(key, object) };
  }

  #update({ kind, ref, subresource }: Target, before: Json, body: Json): Reply {
    const conflict = this.#conflict(kind, before, at(body, 'metadata'));
    if (conflict) return conflict;
    const after = subresource === 'status' ? this.#withStatus(before, body) : withContent(kind, before, body);
    const problems = kind.problems(after, before);
    if (problems.length > 0) return invalid(kind, ref.name, problems);
    const key = keyOf(kind, ref);
    // A write that changes nothing keeps the version.
    if (isDeepStrictEqual(after, before)) return { status: 200, body: before };
    if (!isFinished(after)) return { status: 200, body: this.#store(key, after) };
    this.#objects.delete(key);
    return { status: 200, body: after };
  }

  #withStatus(before: Json, body: Json): Json {
    const { applied, ...status } = asObject(body['status'] ?? {});
    const kept = this.dropsApplied || applied === undefined ? status : { ...status, applied };
    return { ...before, status: kept };
  }

  #delete({ kind, ref }: Target, before: Json, options: unknown): Reply {
    const conflict = this.#conflict(kind, before, at(options, 'preconditions'), { isDelete: true });
    if (conflict) return conflict;
    const key = keyOf(kind, ref);
    if (listAt(before, 'metadata', 'finalizers').length > 0) {
      const deletionTimestamp = `${this.#now().toISOString().slice(0, 19)}Z`;
      const generation = at(before, 'metadata', 'generation');
      const metadata = {
        ...asObject(before['metadata']),
        deletionTimestamp,
        deletionGracePeriodSeconds: 0,
        ...(typeof generation === 'number' ? { generation: generation + 1 } : {}),
      };
      return { status: 200, body: this.#store(key, { ...before, metadata }) };
    }
    this.#objects.delete(key);
    this.#version++;
    const details = { name: ref.name, kind: kind.plural, uid: at(before, 'metadata', 'uid') };
    return { status: 200, body: { kind: 'Status', apiVersion: 'v1', status: 'Success', details } };
  }

  /** Returns the refusal of a write whose preconditions do not hold. */
  #conflict(
    kind: KindRules,
    before: Json,
    preconditions: unknown,
    { isDelete = false } = {},
  ): Reply | undefined {
    const given = at(preconditions, 'resourceVersion');
    const name = String(at(before, 'metadata', 'name'));
    if (!isDelete && given === undefined && kind.hasStatus) {
      const problem = { field: 'metadata.resourceVersion', reason: 'FieldValueInvalid' };
      return invalid(kind, name, [problem]);
    }
    const differs = ['uid', 'resourceVersion'].some((field) => {
      const wanted = at(preconditions, field);
      return wanted !== undefined && wanted !== at(before, 'metadata', field);
    });
    if (!differs) return undefined;
    return refused(409, 'Conflict', {
      message: `Operation cannot be fulfilled on ${kind.resource} "${name}": it has changed`,
    });
  }

  #store(key: string, object: Json): Json {
    const metadata = { ...asObject(object['metadata']), resourceVersion: String(++this.#version) };
    const stored = { ...object, metadata };
    this.#objects.set(key, stored);
    return stored;
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'PATCH', 'DELETE']);

function keyOf({ plural }: KindRules, ref: Ref): string {
  return `${plural} ${showRef(ref)}`;
}

/** Whether an object has the name and the namespace of the path that it is sent to. The API server refuses others. */
function namesTarget(body: unknown, { namespace, name }: Ref): boolean {
  return at(body, 'metadata', 'name') === name && at(body, 'metadata', 'namespace') === namespace;
}

/** Returns the object with the content of the body, and with the metadata and the status that clients cannot write. */
function withContent(kind: KindRules, before: Json, body: Json): Json {
  const content = without(body, ['status']);
  const own = without(asObject(before['metadata']), WRITABLE);
  const isChanged = kind.hasStatus && !isDeepStrictEqual(body['spec'], before['spec']);
  const metadata = {
    ...writable(body),
    ...own,
    ...(isChanged ? { generation: Number(own['generation']) + 1 } : {}),
  };
  const status = 'status' in before ? { status: before['status'] } : {};
  return kind.prepared({ ...content, ...status, metadata });
}

/** The fields of metadata that clients can write. */
const WRITABLE = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** Returns the metadata of a body that clients can write, without empty fields. */
function writable(body: Json): Json {
  return Object.fromEntries(
    WRITABLE.flatMap((field) => {
      const value = at(body, 'metadata', field);
      return Object.keys(value ?? {}).length === 0 ? [] : [[field, value]];
    }),
  );
}

function without(object: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

function isFinished(object: Json): boolean {
  const isDeleting = at(object, 'metadata', 'deletionTimestamp') !== undefined;
  return isDeleting && listAt(object, 'metadata', 'finalizers').length === 0;
}

function invalid(kind: KindRules, name: string, causes: readonly { field: string; reason: string }[]): Reply {
  return refused(422, 'Invalid', { message: `${kind.kind} "${name}" is invalid`, causes });
}

/** Applies a JSON merge patch (RFC 7396). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws TypeError if the value is not a JSON object */
function asObject(value: unknown): Json {
  if (!isObject(value)) throw new TypeError('not a JSON object');
  return value;
}
