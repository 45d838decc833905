import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Status } from '../../shared/api/status.ts';

type Strings = Record<string, string>;

/** Fields of metadata that a test can set. */
export interface MetadataParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deleting?: boolean;
  readonly created?: Date;
  readonly labels?: Strings;
  readonly annotations?: Strings;
  readonly owners?: readonly OwnerReference[];
}

/** Returns the metadata of `ns/db` as the API server might return it. */
export function metadata(parts: MetadataParts = {}): Metadata {
  return {
    name: parts.name ?? 'db',
    namespace: parts.namespace ?? 'ns',
    generateName: '',
    labels: new Map(Object.entries(parts.labels ?? {})),
    annotations: new Map(Object.entries(parts.annotations ?? {})),
    finalizers: [],
    server: {
      uid: parts.uid ?? 'uid-1',
      resourceVersion: parts.resourceVersion ?? '1',
      generation: parts.generation ?? 1,
      deleting: parts.deleting ?? false,
      created: parts.created,
      ownerReferences: parts.owners ?? [],
    },
  };
}

/** Returns a SealedSecret without items, as the API server might return it. */
export function storedSealedSecret(own: Metadata, status: Status = NO_STATUS): StoredSealedSecret {
  const template = { metadata: metadata(), type: '', immutable: undefined, data: new Map<string, string>() };
  const sealed = { encryptedData: new Map<string, string>(), hasEncryptedData: true, v1Data: undefined };
  return { metadata: own, status, sealed: { metadata: own, ...sealed, template } };
}

const NO_STATUS: Status = { observedGeneration: 0, conditions: [], applied: undefined };

/** Returns a Secret with the given metadata. */
export function secret(
  parts: MetadataParts & { data?: Strings; type?: string; immutable?: boolean } = {},
): Secret {
  const data = Object.entries(parts.data ?? { a: '1' }).map(
    ([item, text]) => [item, Buffer.from(text)] as const,
  );
  return {
    metadata: metadata(parts),
    type: parts.type ?? '',
    immutable: parts.immutable,
    data: new Map(data),
  };
}

/** Returns the owner reference that the controller writes for a SealedSecret with that UID. */
export function ownedBy(uid: string): OwnerReference {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    name: 'db',
    uid,
    controller: true,
    blockOwnerDeletion: undefined,
  };
}

/** Encodes text as base64, for the data of a Secret. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
