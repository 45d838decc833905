import { isDeepStrictEqual } from 'node:util';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/until.ts';
import { Cluster, itemsOf, toldBy } from '../support/cluster.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';

/** How long an administrator repeats a write that fails, in ms. */
const PATIENCE = 120_000;
const MERGE = 'application/merge-patch+json';

/** A SealedSecret as it was last written, and the value that its Secret must have. */
interface Entry {
  readonly body: SealedBody;
  readonly value: string;
}

/** The state of the ledger at some time. */
export type Page = ReadonlyMap<string, Entry>;

/**
 * Writes SealedSecrets and Secrets of one namespace as an administrator, and knows what every Secret must hold in the
 * end. The writes go to the API server itself, and are repeated while it does not answer.
 */
export class Ledger {
  readonly namespace: string;
  readonly #plane: ControlPlane;
  #entries = new Map<string, Entry>();
  /** Everything that ever existed: its Secret must be gone if it is not an entry. */
  readonly #names = new Set<string>();
  #values = 0;

  constructor(plane: ControlPlane, namespace: string) {
    this.#plane = plane;
    this.namespace = namespace;
  }

  /** The names of the SealedSecrets that exist, in order of creation. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  async create(certificate: Certificate): Promise<string> {
    const name = `s${this.#names.size}`;
    this.#names.add(name);
    const value = this.#newValue(name);
    const body = sealedSecret(certificate, { namespace: this.namespace, name }, { a: value });
    await this.#post(name, { body, value });
    return name;
  }

  async update(certificate: Certificate, name: string): Promise<void> {
    const { body } = this.#entry(name);
    const value = this.#newValue(name);
    const encryptedData = { a: sealedItem(certificate, body.metadata, value) };
    const spec = { ...body.spec, encryptedData };
    await this.#write('PATCH', this.#path('sealedsecrets', name), [200], { spec });
    this.#entries.set(name, { body: { ...body, spec }, value });
  }

  async remove(name: string): Promise<void> {
    await this.#write('DELETE', this.#path('sealedsecrets', name), [200, 404]);
    this.#entries.delete(name);
  }

  /** Changes the Secret by hand, if it exists. */
  async damage(name: string): Promise<void> {
    const data = { a: Buffer.from('changed by hand').toString('base64') };
    await this.#write('PATCH', this.#path('secrets', name), [200, 404], { data });
  }

  /** Deletes the Secret by hand, if it exists. */
  async lose(name: string): Promise<void> {
    await this.#write('DELETE', this.#path('secrets', name), [200, 404]);
  }

  /** Writes every SealedSecret again, after the API server has deleted them all. */
  async createAgain(): Promise<void> {
    for (const [name, entry] of this.#entries) await this.#post(name, entry);
  }

  /** Returns the current state, for {@link turnBackTo}. */
  page(): Page {
    return new Map(this.#entries);
  }

  /** Expects a former state, because the cluster has been restored to it. */
  turnBackTo(page: Page): void {
    this.#entries = new Map(page);
  }

  /** Waits until everything is as it must be. Throws with the differences after `timeout` ms. */
  async settled(timeout: number): Promise<void> {
    let differences: readonly string[] = [];
    const wait = until(
      'the Secrets',
      async () => {
        // The API server may not answer yet.
        differences = await this.#differences().catch((error: unknown) => [String(error)]);
        return differences.length === 0 || undefined;
      },
      timeout,
    );
    await wait.catch(() => {
      const shown = differences.slice(0, 10).join('; ');
      throw new Error(`after ${timeout / 1000} s, ${differences.length} differences: ${shown}`);
    });
  }

  /** Returns what is not as it must be. Names no values. */
  async #differences(): Promise<string[]> {
    const cluster = new Cluster(this.#plane);
    const [secrets, sealed] = await Promise.all([
      cluster.list('secrets', this.namespace),
      cluster.list('sealedsecrets', this.namespace),
    ]);
    const nameOf = (object: unknown): string => stringAt(object, 'metadata', 'name');
    const found = new Map(secrets.map((secret) => [nameOf(secret), secret]));
    const objects = new Map(sealed.map((object) => [nameOf(object), object]));
    return [...this.#names].flatMap((name) => {
      const entry = this.#entries.get(name);
      const secret = found.get(name);
      const object = objects.get(name);
      if (entry === undefined) {
        const left = [...(object ? ['SealedSecret'] : []), ...(secret ? ['Secret'] : [])];
        return left.map((kind) => `the ${kind} ${name} still exists`);
      }
      if (object === undefined) return [`there is no SealedSecret ${name}`];
      if (secret === undefined) return [`there is no Secret ${name}`];
      if (!isDeepStrictEqual(itemsOf(secret), { a: entry.value })) return [`the Secret ${name} differs`];
      const owners = listAt(secret, 'metadata', 'ownerReferences').map((owner) => at(owner, 'uid'));
      if (!isDeepStrictEqual(owners, [at(object, 'metadata', 'uid')])) return [`${name} has other owners`];
      const told = toldBy(object);
      const isCurrent = told?.observedGeneration === at(object, 'metadata', 'generation');
      return told?.status === 'True' && isCurrent
        ? []
        : [`Synced of ${name} is ${told?.status ?? 'missing'}`];
    });
  }

  /** The values are unique, so that no Secret is right by chance. */
  #newValue(name: string): string {
    return `value ${++this.#values} of ${this.namespace}/${name}`;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`there is no SealedSecret ${name}`);
    return entry;
  }

  async #post(name: string, entry: Entry): Promise<void> {
    // A POST whose answer was lost is repeated, and answered 409.
    const path = this.#path('sealedsecrets', name).slice(0, -name.length - 1);
    await this.#write('POST', path, [201, 409], entry.body);
    this.#entries.set(name, entry);
  }

  #path(plural: 'secrets' | 'sealedsecrets', name: string): string {
    const root = plural === 'secrets' ? '/api/v1' : '/apis/bitnami.com/v1alpha1';
    return `${root}/namespaces/${this.namespace}/${plural}/${name}`;
  }

  async #write(method: string, path: string, expected: readonly number[], body?: object): Promise<void> {
    const type = method === 'PATCH' ? MERGE : undefined;
    let last = 'no answer';
    const written = until(
      `${method} ${path}`,
      async () => {
        try {
          const answer = await this.#plane.request(method, path, body, type);
          last = `${answer.status}: ${String(at(answer.body, 'message'))}`;
          if (expected.includes(answer.status)) return true;
          if (answer.status < 500 && answer.status !== 429) throw new Refused(last);
        } catch (error) {
          if (error instanceof Refused) throw error;
          last = String(error);
        }
        return undefined;
      },
      PATIENCE,
    );
    await written.catch((error: unknown) => {
      throw new Error(`${method} ${path}: ${last}`, { cause: error });
    });
  }
}

/** The API server refused a write for good. */
class Refused extends Error {
  override readonly name = 'Refused';
}
