import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { until } from '../control-plane/until.ts';
import { itemsOf, type Cluster } from '../support/cluster.ts';
import { nameOf } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';

/** How long to wait until a backlog is done, in ms. */
const PATIENCE = 120_000;

/** How many SealedSecrets a burst has. A leader works on them for about a second. */
const BURST = 100;

/** Creates SealedSecrets one after the other, and on demand many at once, until it is stopped. */
export class Feeder {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #certificate: Certificate;
  readonly #values = new Map<string, string>();
  #isStopped = false;
  readonly #running: Promise<void>;

  /** @param period the pause between two of them, in ms */
  constructor(cluster: Cluster, namespace: string, options: { certificate: Certificate; period: number }) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#certificate = options.certificate;
    this.#running = this.#run(options.period);
    // Awaited by `stop`.
    this.#running.catch(() => undefined);
  }

  /** The names of the SealedSecrets so far. */
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Stops after the current one. Rejects if one could not be created. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** Waits until each SealedSecret has the right Secret, and there is no other Secret. */
  async allAreRight(): Promise<void> {
    await until(
      'all Secrets to be right',
      async () => {
        const secrets = await this.#cluster.list('secrets', this.#namespace);
        const right = secrets.filter((secret) => itemsOf(secret)['a'] === this.#values.get(nameOf(secret)));
        return (right.length === this.#values.size && secrets.length === right.length) || undefined;
      },
      PATIENCE,
    );
  }

  /** Creates many SealedSecrets, so that the leader is in the midst of its work for a while. */
  async burst(): Promise<void> {
    await Promise.all(Array.from({ length: BURST }, () => this.#create()));
  }

  async #run(period: number): Promise<void> {
    while (!this.#isStopped) {
      await this.#create();
      await sleep(period);
    }
  }

  async #create(): Promise<void> {
    const name = `fed-${this.#values.size}`;
    const value = `the value of ${name}`;
    this.#values.set(name, value);
    const ref = { namespace: this.#namespace, name };
    await this.#cluster.create('sealedsecrets', sealedSecret(this.#certificate, ref, { a: value }));
  }
}
