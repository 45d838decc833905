import { isDeepStrictEqual } from 'node:util';
import { at, listAt } from '../control-plane/admin-client.ts';
import type { Plural } from './cluster.ts';
import type { Json } from './object-store.ts';

export type { Plural } from './cluster.ts';

/** Why the API server refuses an object: an entry of `details.causes`. */
export interface Problem {
  readonly field: string;
  readonly reason: string;
}

/** The rules of one kind of object. */
export interface KindRules {
  readonly kind: string;
  readonly apiVersion: string;
  /** Group and version as in a path. */
  readonly root: string;
  readonly plural: Plural;
  /** The name of the resource in messages. */
  readonly resource: string;
  /** Whether the kind has a generation and a status subresource. */
  readonly hasStatus: boolean;
  /** Returns the object as it is stored: with defaults and without empty fields. */
  prepared(object: Json): Json;
  /** Returns why the object is refused; `before` is undefined at creation. */
  problems(after: Json, before: Json | undefined): readonly Problem[];
}

/** The paths of objects and collections in a namespace. */
export const ROUTE =
  /^(?<root>\/api\/v1|\/apis\/bitnami\.com\/v1alpha1)\/namespaces\/(?<namespace>[^/]+)\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/;

const SECRET_TYPE = { kind: 'Secret', apiVersion: 'v1' };

/** The kinds of objects that the fake API server has. */
export const KINDS: Readonly<Record<Plural, KindRules>> = {
  secrets: {
    ...SECRET_TYPE,
    root: '/api/v1',
    plural: 'secrets',
    resource: 'secrets',
    hasStatus: false,
    prepared: preparedSecret,
    problems: (after, before) => [...ownerProblems(after), ...(before ? secretProblems(after, before) : [])],
  },
  configmaps: {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    root: '/api/v1',
    plural: 'configmaps',
    resource: 'configmaps',
    hasStatus: false,
    prepared: (object) => object,
    problems: () => [],
  },
  sealedsecrets: {
    kind: 'SealedSecret',
    apiVersion: 'bitnami.com/v1alpha1',
    root: '/apis/bitnami.com/v1alpha1',
    plural: 'sealedsecrets',
    resource: 'sealedsecrets.bitnami.com',
    hasStatus: true,
    // The default of the CRD.
    prepared: (object) => ({ status: { observedGeneration: -1 }, ...object }),
    problems: ownerProblems,
  },
  events: {
    kind: 'Event',
    apiVersion: 'v1',
    root: '/api/v1',
    plural: 'events',
    resource: 'events',
    hasStatus: false,
    prepared: (object) => ({ eventTime: null, reportingComponent: '', reportingInstance: '', ...object }),
    problems: () => [],
  },
};

/** Returns a Secret with the default type, `stringData` merged into `data`, and without empty fields. */
function preparedSecret({ data, stringData, immutable, type, ...rest }: Json): Json {
  const texts = Object.entries(stringData ?? {}).map(([item, text]) => [
    item,
    Buffer.from(String(text)).toString('base64'),
  ]);
  const items = { ...(data ?? {}), ...(Object.fromEntries(texts) as object) };
  return {
    ...rest,
    ...SECRET_TYPE,
    ...(Object.keys(items).length === 0 ? {} : { data: items }),
    ...(immutable === undefined || immutable === null ? {} : { immutable }),
    type: type === undefined || type === '' ? 'Opaque' : type,
  };
}

function ownerProblems(object: Json): readonly Problem[] {
  const owners = listAt(object, 'metadata', 'ownerReferences');
  const controllers = owners.filter((owner) => at(owner, 'controller') === true);
  return controllers.length > 1 ? [{ field: 'metadata.ownerReferences', reason: 'FieldValueInvalid' }] : [];
}

function secretProblems(after: Json, before: Json): readonly Problem[] {
  const problems: Problem[] = [];
  if (after['type'] !== before['type']) problems.push({ field: 'type', reason: 'FieldValueInvalid' });
  if (before['immutable'] !== true) return problems;
  if (after['immutable'] !== true) problems.push({ field: 'immutable', reason: 'FieldValueForbidden' });
  if (!isDeepStrictEqual(after['data'], before['data'])) {
    problems.push({ field: 'data', reason: 'FieldValueForbidden' });
  }
  return problems;
}
