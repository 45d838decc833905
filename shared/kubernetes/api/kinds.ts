import { parseServerMetadata, type Metadata } from '../../api/metadata.ts';
import type { Place } from '../../api/place.ts';
import { Reader } from '../../api/reader.ts';
import { parseStoredSealedSecret, type StoredSealedSecret } from '../../api/sealed-secret.ts';
import { parseServerSecret, type Secret } from '../../api/secret.ts';

/** A kind of object in the API, and how one of them is read. */
export interface Kind<T> {
  readonly kind: string;
  /** Group and version: `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly root: string;
  readonly plural: string;
  /** Whether metadata alone is asked for, where objects are listed and watched. */
  readonly metadataOnly: boolean;
  parse(document: unknown, place: Place): T;
}

export const SEALED_SECRETS: Kind<StoredSealedSecret> = {
  kind: 'SealedSecret',
  root: '/apis/bitnami.com/v1alpha1',
  plural: 'sealedsecrets',
  metadataOnly: false,
  parse: parseStoredSealedSecret,
};

export const SECRETS: Kind<Secret> = {
  kind: 'Secret',
  root: '/api/v1',
  plural: 'secrets',
  metadataOnly: false,
  parse: parseServerSecret,
};

export const SEALED_SECRET_METADATA: Kind<Metadata> = metadataOf(SEALED_SECRETS);
export const SECRET_METADATA: Kind<Metadata> = metadataOf(SECRETS);
export const NAMESPACE_METADATA: Kind<Metadata> = metadataOf({
  kind: 'Namespace',
  root: '/api/v1',
  plural: 'namespaces',
  metadataOnly: true,
  parse: () => null,
});

/** What we send and never read. */
export const EVENTS: Kind<null> = {
  kind: 'Event',
  root: '/api/v1',
  plural: 'events',
  metadataOnly: false,
  parse: () => null,
};

export interface Service {
  readonly firstPortName: string;
}

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

export const SERVICE_METADATA: Kind<Metadata> = metadataOf(SERVICES);

/** The same kind, listed and watched as PartialObjectMetadata: whatever the objects hold stays on the server. */
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
