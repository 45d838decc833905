import { fail } from './errors.ts';
import { showPlace, type Place } from './place.ts';
import { isObject, Reader } from './reader.ts';

/** An owner reference (https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#ownerreference-v1-meta). */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean | undefined;
}

/** The part of an object's metadata that is read. An absent name or namespace is an empty text. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly generateName: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly finalizers: readonly string[];
  /** The fields that the API server owns; `NO_SERVER` for an object from a file. */
  readonly server: ServerMetadata;
}

/** The metadata that the API server owns. */
export interface ServerMetadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Whether the object is being deleted. */
  readonly deleting: boolean;
  /** When the object was created; undefined if that is absent or malformed. */
  readonly created: Date | undefined;
  readonly ownerReferences: readonly OwnerReference[];
}

/** The server metadata of an object that is not in a cluster. */
export const NO_SERVER: ServerMetadata = {
  uid: '',
  resourceVersion: '',
  generation: 0,
  deleting: false,
  created: undefined,
  ownerReferences: [],
};

/** Returns the metadata of an object that did not exist before: it has what is given, and is otherwise empty. */
export function newMetadata(given: Partial<Omit<Metadata, 'server'>>): Metadata {
  const empty = {
    name: '',
    namespace: '',
    generateName: '',
    labels: NONE,
    annotations: NONE,
    finalizers: [],
  };
  return { ...empty, ...given, server: NO_SERVER };
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Parses the metadata of a file. Ignores the fields that the API server owns. */
export function parseFileMetadata(meta: Reader | undefined): Metadata {
  return {
    name: meta?.string('name') ?? '',
    namespace: meta?.string('namespace') ?? '',
    generateName: meta?.string('generateName') ?? '',
    labels: meta?.stringMap('labels') ?? new Map<string, string>(),
    annotations: meta?.stringMap('annotations') ?? new Map<string, string>(),
    finalizers: meta?.strings('finalizers') ?? [],
    server: NO_SERVER,
  };
}

/**
 * Parses the metadata of an object that was saved from a cluster. Of the fields that the API server owns, reads the
 * time of creation and the kinds of the owners; ignores malformed ones.
 */
export function parseSavedMetadata(meta: Reader | undefined): Metadata {
  const owners: unknown = meta?.value('ownerReferences');
  const ownerReferences = (Array.isArray(owners) ? (owners as unknown[]) : [])
    .filter(isObject)
    .map((owner) => ({ ...NO_OWNER, kind: kindOf(owner) }));
  const created = dateOf(meta?.value('creationTimestamp'));
  return { ...parseFileMetadata(meta), server: { ...NO_SERVER, created, ownerReferences } };
}

const NO_OWNER: OwnerReference = {
  apiVersion: '',
  kind: '',
  name: '',
  uid: '',
  controller: false,
  blockOwnerDeletion: undefined,
};

function kindOf(owner: object): string {
  const kind: unknown = Object.hasOwn(owner, 'kind') && 'kind' in owner ? owner.kind : '';
  return typeof kind === 'string' ? kind : '';
}

/** Parses the metadata of an object from the API server. */
export function parseServerMetadata(meta: Reader): Metadata {
  return { ...parseFileMetadata(meta), server: parseServerFields(meta) };
}

function parseServerFields(meta: Reader): ServerMetadata {
  return {
    uid: meta.requiredString('uid'),
    resourceVersion: meta.requiredString('resourceVersion'),
    generation: meta.integer('generation') ?? 0,
    deleting: meta.value('deletionTimestamp') !== undefined,
    created: dateOf(meta.value('creationTimestamp')),
    ownerReferences: meta.list('ownerReferences').map(({ value, place }) => {
      const owner = new Reader(value, place);
      return {
        apiVersion: owner.requiredString('apiVersion'),
        kind: owner.requiredString('kind'),
        name: owner.requiredString('name'),
        uid: owner.requiredString('uid'),
        controller: owner.boolean('controller') ?? false,
        blockOwnerDeletion: owner.boolean('blockOwnerDeletion'),
      };
    }),
  };
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Returns the owner that controls the object, of which there is at most one. */
export function controllerOf(metadata: Metadata): OwnerReference | undefined {
  return metadata.server.ownerReferences.find((owner) => owner.controller);
}

/** Returns the name of an object for people: `NAMESPACE/NAME`, or `NAME` without a namespace. */
export function fullName({ name, namespace }: Pick<Metadata, 'name' | 'namespace'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Returns whether a text is a valid object name: a DNS-1123 subdomain. */
export function isName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => DNS_LABEL.test(part));
}

/** Returns whether a text is a valid namespace name: a DNS-1123 label. */
export function isNamespace(namespace: string): boolean {
  return namespace.length <= 63 && DNS_LABEL.test(namespace);
}

/**
 * Throws `BadName` for a name or namespace that cannot be part of an OAEP label: `a/b` in the namespace `c` and `b` in
 * the namespace `c/a` would share one. Accepts other names that the API server refuses, such as a template's
 * placeholder.
 */
export function checkLabelPart(text: string, place: Place): void {
  if (text !== '' && !/[/\p{Cc}]/u.test(text)) return;
  fail({
    code: 'BadName',
    at: showPlace(place),
    value: text,
    rule: 'must not be empty or contain "/" or control characters',
  });
}
