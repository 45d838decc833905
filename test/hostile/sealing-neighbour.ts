import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Cluster } from '../support/cluster.ts';
import { sealedSecret } from '../support/sealed.ts';

/** How often to create a SealedSecret, in ms. */
const INTERVAL = 500;
/** How often to check for its Secret, in ms. */
const CHECK_PERIOD = 50;
/** After this time a SealedSecret counts as not synced, in ms. */
const TIMEOUT = 30_000;

/** A user in another namespace who creates SealedSecrets continuously, and measures how long each Secret takes. */
export class SealingNeighbour {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #certificate: Certificate;
  readonly #waiting = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #created = 0;
  #ended = false;
  #failure: unknown;
  #longest = 0;

  constructor(cluster: Cluster, namespace: string, certificate: Certificate) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#certificate = certificate;
  }

  /** The longest time from creating a SealedSecret to its Secret, in ms. */
  get longest(): number {
    return this.#longest;
  }

  /** The number of SealedSecrets created. */
  get count(): number {
    return this.#created;
  }

  /** Starts to create SealedSecrets. */
  start(): void {
    this.#create();
    this.#timer = setInterval(() => this.#create(), INTERVAL);
  }

  /** Creates no more, and waits for the remaining Secrets. Throws if a SealedSecret could not be created. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#waiting);
    if (this.#failure !== undefined) throw new Error('a neighbour failed', { cause: this.#failure });
  }

  /** Creates no more, and waits for no Secrets, because the controller ends. */
  end(): void {
    clearInterval(this.#timer);
    this.#ended = true;
  }

  #create(): void {
    const waiting = this.#wait(`neighbour-${++this.#created}`)
      .catch((error: unknown) => {
        if (!this.#ended) this.#failure = error;
      })
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  async #wait(name: string): Promise<void> {
    const ref = { namespace: this.#namespace, name };
    await this.#cluster.create('sealedsecrets', sealedSecret(this.#certificate, ref, { a: 'one' }));
    // The time that the controller takes starts here.
    const start = performance.now();
    const elapsed = (): number => performance.now() - start;
    while ((await this.#cluster.get('secrets', ref)) === undefined && elapsed() < TIMEOUT) {
      await sleep(CHECK_PERIOD);
      if (this.#ended) return;
    }
    this.#longest = Math.max(this.#longest, elapsed());
  }
}
