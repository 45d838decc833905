import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/until.ts';

const ROOTS = {
  secrets: '/api/v1',
  configmaps: '/api/v1',
  events: '/api/v1',
  sealedsecrets: '/apis/bitnami.com/v1alpha1',
} as const;

/** The kinds of objects that tests read and write. */
export type Plural = keyof typeof ROOTS;

/** The condition `Synced` of a SealedSecret and the status around it. */
export interface Told {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: unknown;
  readonly applied: unknown;
  /** The complete SealedSecret. */
  readonly object: unknown;
}

/** An event as the API server stores it. */
export interface Recorded {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** Reads and writes a cluster's objects as an administrator, beside the controller under test. */
export class Cluster {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** Returns the object, or undefined if it does not exist. */
  async get(plural: Plural, ref: Ref): Promise<unknown> {
    const { status, body } = await this.#plane.request('GET', path(plural, ref));
    return status === 404 ? undefined : expected(status, body, 200);
  }

  async list(plural: Plural, namespace?: string): Promise<unknown[]> {
    const inside = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const { status, body } = await this.#plane.request('GET', `${ROOTS[plural]}${inside}/${plural}`);
    return listAt(expected(status, body, 200), 'items');
  }

  /** Creates an object without checking its content. */
  async create(plural: Plural, object: object): Promise<unknown> {
    const namespace = stringAt(object, 'metadata', 'namespace');
    const { status, body } = await this.#plane.request(
      'POST',
      `${ROOTS[plural]}/namespaces/${namespace}/${plural}`,
      object,
    );
    return expected(status, body, 201);
  }

  /** Applies a merge patch to an object; null removes a field. */
  async change(plural: Plural, ref: Ref, change: object): Promise<unknown> {
    const type = 'application/merge-patch+json';
    const { status, body } = await this.#plane.request('PATCH', path(plural, ref), change, type);
    return expected(status, body, 200);
  }

  /** Deletes an object, and its dependents according to the propagation policy. */
  async delete(
    plural: Plural,
    ref: Ref,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
  ): Promise<void> {
    const options = `?propagationPolicy=${propagationPolicy}`;
    const { status, body } = await this.#plane.request('DELETE', path(plural, ref) + options);
    expected(status, body, propagationPolicy === 'Background' ? 200 : [200, 202]);
  }

  /** Waits until the object does not exist. Garbage collection may take a minute. */
  async absent(plural: Plural, ref: Ref): Promise<void> {
    await until(
      `${ref.namespace}/${ref.name} to be gone`,
      async () => (await this.get(plural, ref)) === undefined || undefined,
      180_000,
    );
  }

  /** Waits until `Synced` has the given status and `status.observedGeneration` is the current generation. */
  async told(ref: Ref, status: 'True' | 'False' | 'any', timeout?: number): Promise<Told> {
    return until(
      `Synced ${status} of ${ref.namespace}/${ref.name}`,
      async () => {
        const told = toldBy(await this.get('sealedsecrets', ref));
        const generation = at(told?.object, 'metadata', 'generation');
        if (told === undefined || told.observedGeneration !== generation) return undefined;
        return status === 'any' || told.status === status ? told : undefined;
      },
      timeout,
    );
  }

  /** Waits until the Secret exists with a UID other than `notUid`. */
  async secret(ref: Ref, notUid = ''): Promise<unknown> {
    return until(`the Secret ${ref.namespace}/${ref.name}`, async () => {
      const secret = await this.get('secrets', ref);
      return uidOf(secret) === notUid ? undefined : secret;
    });
  }

  /** Waits until the Secret has exactly these items, given as text, and returns the Secret. */
  async secretWith(ref: Ref, items: Readonly<Record<string, string>>): Promise<unknown> {
    const wanted = JSON.stringify(Object.entries(items).sort());
    return until(`the items ${wanted} in ${ref.namespace}/${ref.name}`, async () => {
      const secret = await this.get('secrets', ref);
      return JSON.stringify(Object.entries(itemsOf(secret)).sort()) === wanted ? secret : undefined;
    });
  }

  /**
   * Waits for `count` events with the reason on the SealedSecret, and returns all of its events, in no particular
   * order.
   */
  async events(ref: Ref, reason: string, count = 1): Promise<Recorded[]> {
    return until(`${count} events ${reason} on ${ref.namespace}/${ref.name}`, async () => {
      const events = (await this.list('events', ref.namespace))
        .filter((event) => at(event, 'involvedObject', 'name') === ref.name)
        .map((event) => ({
          type: stringAt(event, 'type'),
          reason: stringAt(event, 'reason'),
          message: stringAt(event, 'message'),
          component: stringAt(event, 'source', 'component'),
        }));
      return events.filter((event) => event.reason === reason).length >= count ? events : undefined;
    });
  }
}

function path(plural: Plural, { namespace, name }: Ref): string {
  return `${ROOTS[plural]}/namespaces/${namespace}/${plural}/${encodeURIComponent(name)}`;
}

function expected(status: number, body: unknown, wanted: number | readonly number[]): unknown {
  if (![wanted].flat().includes(status))
    throw new Error(`answered ${status}: ${String(at(body, 'message'))}`);
  return body;
}

/** Returns what the status of a SealedSecret reports, or undefined without the condition `Synced`. */
export function toldBy(object: unknown): Told | undefined {
  const condition = at(object, 'status', 'conditions', 0);
  if (at(condition, 'type') !== 'Synced') return undefined;
  return {
    status: stringAt(condition, 'status'),
    reason: stringAt(condition, 'reason'),
    message: stringAt(condition, 'message'),
    observedGeneration: at(object, 'status', 'observedGeneration'),
    applied: at(object, 'status', 'applied'),
    object,
  };
}

/** Returns the UID, or an empty string if there is no object. */
export function uidOf(object: unknown): string {
  const uid = at(object, 'metadata', 'uid');
  return typeof uid === 'string' ? uid : '';
}

/** Returns the resource version of an object. */
export function versionOf(object: unknown): string {
  return stringAt(object, 'metadata', 'resourceVersion');
}

/** Returns the items of a Secret as text. */
export function itemsOf(secret: unknown): Record<string, string> {
  const data = Object.entries(at(secret, 'data') ?? {});
  return Object.fromEntries(
    data.map(([item, value]) => [item, Buffer.from(String(value), 'base64').toString('utf8')]),
  );
}
