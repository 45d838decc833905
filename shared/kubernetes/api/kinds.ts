import { parseConfigMap, type ConfigMap } from '../../api/config-map.ts';
import { parseServerMetadata, type Metadata } from '../../api/metadata.ts';
import type { Place } from '../../api/place.ts';
import { Reader } from '../../api/reader.ts';
import { parseStoredSealedSecret, type StoredSealedSecret } from '../../api/sealed-secret.ts';
import { parseServerSecret, type Secret } from '../../api/secret.ts';

/** A kind of API object, and how to parse one. */
export interface Kind<T> {
  readonly kind: string;
  /** Group and version: `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly root: string;
  readonly plural: string;
  /** Whether to request metadata only (PartialObjectMetadata). */
  readonly metadataOnly: boolean;
  /** Parses an object from the API server. Throws `SealedSecretsError` naming the place. */
  parse(document: unknown, place: Place): T;
}

/** SealedSecrets, with status. */
export const SEALED_SECRETS: Kind<StoredSealedSecret> = {
  kind: 'SealedSecret',
  root: '/apis/bitnami.com/v1alpha1',
  plural: 'sealedsecrets',
  metadataOnly: false,
  parse: parseStoredSealedSecret,
};

/** Secrets, with their data. */
export const SECRETS: Kind<Secret> = {
  kind: 'Secret',
  root: '/api/v1',
  plural: 'secrets',
  metadataOnly: false,
  parse: parseServerSecret,
};

/** SealedSecrets, metadata only. */
export const SEALED_SECRET_METADATA: Kind<Metadata> = metadataOf(SEALED_SECRETS);
/** Secrets, metadata only. */
export const SECRET_METADATA: Kind<Metadata> = metadataOf(SECRETS);
/** Namespaces, metadata only. */
export const NAMESPACE_METADATA: Kind<Metadata> = metadataOf({
  kind: 'Namespace',
  root: '/api/v1',
  plural: 'namespaces',
  metadataOnly: true,
  parse: () => null,
});

/** Events, which are only written and never parsed. */
export const EVENTS: Kind<null> = {
  kind: 'Event',
  root: '/api/v1',
  plural: 'events',
  metadataOnly: false,
  parse: () => null,
};

/** ConfigMaps, with the items that are text. */
export const CONFIG_MAPS: Kind<ConfigMap> = {
  kind: 'ConfigMap',
  root: '/api/v1',
  plural: 'configmaps',
  metadataOnly: false,
  parse: parseConfigMap,
};

/** The part of a Service that the API server's proxy needs. */
export interface Service {
  /** Empty if the port has no name. */
  readonly firstPortName: string;
}

/** Services. */
export const SERVICES: Kind<Service> = {
  kind: 'Service',
  root: '/api/v1',
  plural: 'services',
  metadataOnly: false,
  parse(document, place) {
    const ports = new Reader(document, place).object('spec')?.list('ports') ?? [];
    const first = ports[0];
    return { firstPortName: first ? (new Reader(first.value, first.place).string('name') ?? '') : '' };
  },
};

/** Services, metadata only. */
export const SERVICE_METADATA: Kind<Metadata> = metadataOf(SERVICES);

/** Returns the same kind, requested as PartialObjectMetadata: the rest of each object stays on the server. */
function metadataOf(kind: Kind<unknown>): Kind<Metadata> {
  return {
    ...kind,
    metadataOnly: true,
    parse(document, place) {
      const reader = new Reader(document, place);
      return parseServerMetadata(new Reader(reader.value('metadata'), reader.at('metadata')));
    },
  };
}
