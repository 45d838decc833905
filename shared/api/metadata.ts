import { fail } from '../errors.ts';
import { showPlace, type Place } from './place.ts';
import { Reader } from './reader.ts';

/** https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#ownerreference-v1-meta */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean | undefined;
}

/** The part of an object's metadata that we read. An absent name or namespace is the empty string. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly generateName: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly finalizers: readonly string[];
  /** What the API server owns; empty or absent in a file. */
  readonly server: ServerMetadata;
}

export interface ServerMetadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly deleting: boolean;
  /** Undefined where the server does not say, or not in a form that is a date. */
  readonly created: Date | undefined;
  readonly ownerReferences: readonly OwnerReference[];
}

/** Of an object that is in no cluster. */
export const NO_SERVER: ServerMetadata = {
  uid: '',
  resourceVersion: '',
  generation: 0,
  deleting: false,
  created: undefined,
  ownerReferences: [],
};

/** Reads metadata from a file: what the server owns is not looked at, since it goes nowhere. */
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

/** Reads metadata from the API server's answer. */
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

/** The owner that controls the object; at most one does. */
export function controllerOf(metadata: Metadata): OwnerReference | undefined {
  return metadata.server.ownerReferences.find((owner) => owner.controller);
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Refuses what is not a DNS-1123 subdomain of at most 253 characters. Names and namespaces are checked before an
 * OAEP label is built of them: `a/b` in the namespace `c` and `b` in the namespace `c/a` would share one.
 */
export function checkName(name: string, place: Place): void {
  if (name.length > 253 || !name.split('.').every((part) => DNS_LABEL.test(part))) {
    fail({
      code: 'BadName',
      at: showPlace(place),
      value: name,
      rule: 'lower case letters, digits, "-" and "."',
    });
  }
}

/** Refuses what is not a DNS-1123 label of at most 63 characters. */
export function checkNamespace(namespace: string, place: Place): void {
  if (namespace.length > 63 || !DNS_LABEL.test(namespace)) {
    fail({
      code: 'BadName',
      at: showPlace(place),
      value: namespace,
      rule: 'lower case letters, digits and "-", at most 63',
    });
  }
}
