import { Reader } from '../../shared/api/reader.ts';
import type { Kind } from '../../shared/kubernetes/api/kinds.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';

/** The record of an election: who leads, and since when. */
export interface LeaseRecord {
  /** The identity of the holder; empty if the Lease is free. */
  readonly holderIdentity: string;
  /** How long the holder may be silent, in whole seconds; undefined if the record does not say. */
  readonly leaseDurationSeconds: number | undefined;
  /** When the holder took the Lease, by its clock, with six fractional digits; empty if absent. */
  readonly acquireTime: string;
  /** When the holder last renewed the Lease, by its clock, with six fractional digits; empty if absent. */
  readonly renewTime: string;
  /** How many times the Lease has changed hands. */
  readonly leaseTransitions: number;
}

/** A Lease as the API server stores it. */
export interface Lease {
  readonly record: LeaseRecord;
  /** The metadata, unparsed. A replacement sends it back, with its `resourceVersion` as precondition. */
  readonly metadata: object;
}

/** Leases of `coordination.k8s.io/v1`. */
export const LEASES: Kind<Lease> = {
  kind: 'Lease',
  root: '/apis/coordination.k8s.io/v1',
  plural: 'leases',
  metadataOnly: false,
  parse(document, place) {
    const reader = new Reader(document, place);
    const metadata = new Reader(reader.value('metadata'), reader.at('metadata'));
    // A replacement without a version would overwrite any other record.
    metadata.requiredString('resourceVersion');
    const spec = reader.object('spec');
    return {
      metadata: metadata.raw,
      record: {
        holderIdentity: spec?.string('holderIdentity') ?? '',
        leaseDurationSeconds: spec?.integer('leaseDurationSeconds'),
        acquireTime: spec?.string('acquireTime') ?? '',
        renewTime: spec?.string('renewTime') ?? '',
        leaseTransitions: spec?.integer('leaseTransitions') ?? 0,
      },
    };
  },
};

/** Returns the body that creates a Lease, or replaces the version of it that was read. */
export function leaseBody(ref: Ref, record: LeaseRecord, existing: Lease | null): object {
  const { acquireTime, renewTime, ...rest } = record;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: existing?.metadata ?? ref,
    spec: {
      ...rest,
      ...(acquireTime === '' ? {} : { acquireTime }),
      ...(renewTime === '' ? {} : { renewTime }),
    },
  };
}

/** Returns a time as a MicroTime of Kubernetes. The API server refuses any other number of fractional digits. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
