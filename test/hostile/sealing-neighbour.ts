import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Cluster } from '../support/cluster.ts';
import { sealedSecret } from '../support/sealed.ts';

/** How often a SealedSecret is made, in ms. */
const INTERVAL = 500;
/** How often its Secret is looked for, in ms. */
const CHECK_PERIOD = 50;
/** After so long it counts as never synced, in ms. */
const TIMEOUT = 30_000;

/** Someone in another namespace who makes one SealedSecret after another, and waits for the Secret of each. */
export class SealingNeighbour {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #certificate: Certificate;
  readonly #waiting = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #made = 0;
  #ended = false;
  #failure: unknown;
  #longest = 0;

  constructor(cluster: Cluster, namespace: string, certificate: Certificate) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#certificate = certificate;
  }

  /** The longest time from a creation to its Secret, in ms. */
  get longest(): number {
    return this.#longest;
  }

  /** How many SealedSecrets there were. */
  get count(): number {
    return this.#made;
  }

  start(): void {
    this.#make();
    this.#timer = setInterval(() => this.#make(), INTERVAL);
  }

  /** Makes no more, and waits for the Secrets of those that were made. Throws why one could not be made. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#waiting);
    if (this.#failure !== undefined) throw new Error('a neighbour failed', { cause: this.#failure });
  }

  /** Makes no more, and waits for none: the controller ends. */
  end(): void {
    clearInterval(this.#timer);
    this.#ended = true;
  }

  #make(): void {
    const waiting = this.#wait(`neighbour-${++this.#made}`)
      .catch((error: unknown) => {
        if (!this.#ended) this.#failure = error;
      })
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  async #wait(name: string): Promise<void> {
    const ref = { namespace: this.#namespace, name };
    await this.#cluster.create('sealedsecrets', sealedSecret(this.#certificate, ref, { a: 'one' }));
    // From here on it is the controller's turn.
    const start = performance.now();
    const elapsed = (): number => performance.now() - start;
    while ((await this.#cluster.get('secrets', ref)) === undefined && elapsed() < TIMEOUT) {
      await sleep(CHECK_PERIOD);
      if (this.#ended) return;
    }
    this.#longest = Math.max(this.#longest, elapsed());
  }
}
