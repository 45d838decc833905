import { setMaxListeners } from 'node:events';
import { afterEach } from 'node:test';
import { KeyManager } from '../../controller/keys/key-manager.ts';
import type { KeyOptions } from '../../controller/keys/key-options.ts';
import { SealingKeys } from '../../controller/keys/sealing-keys.ts';
import type { Log } from '../../controller/log/log.ts';
import { FakeClock } from './fake-clock.ts';
import { keyItems, keySecret } from './key-secret.ts';
import { generateFromPool } from './key-pool.ts';
import { KeyServer } from './key-server.ts';
import { DAY } from './keys.ts';
import type { Asked } from './scripted-api.ts';

/** The options of a key manager in tests. */
export const KEY_OPTIONS: KeyOptions = {
  namespace: 'kube-system',
  prefix: 'sealed-secrets-key',
  order: 'CertNotBefore',
  generation: 'auto',
  renewPeriod: 30 * DAY,
  cutoff: undefined,
  keepReplaced: true,
  made: { bits: 2048, commonName: '', validity: 3650 * DAY, labels: new Map(), annotations: new Map() },
};
generateFromPool();

/** A key manager on a fake clock. */
export class Rig {
  readonly clock: FakeClock;
  readonly server: KeyServer;
  readonly keys: SealingKeys;
  readonly logged: string[] = [];
  /** Whether the process of the key manager is the leader. */
  readonly leader = { isLeader: true };
  /** When the key record asks for a new key. */
  requestedAt: Date | undefined;
  /** The names of the Secrets of kept keys. */
  readonly kept: string[] = [];
  arrivals = 0;
  departures = 0;
  readonly #manager: KeyManager;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(clock: FakeClock, server: KeyServer, options: KeyOptions) {
    this.clock = clock;
    this.server = server;
    this.keys = new SealingKeys(options.order, clock);
    const note = (message: string, fields: object = {}): void =>
      void this.logged.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = { info: note, warn: note, error: note };
    const { api } = server.scripted;
    const listener = {
      onKeysAdded: () => this.arrivals++,
      onKeysRemoved: () => this.departures++,
      onKeysLoaded: () => undefined,
      onKeyKept: (_: unknown, name: string) => void this.kept.push(name),
    };
    this.#manager = new KeyManager({
      api,
      keys: this.keys,
      options,
      clock,
      log,
      listener,
      leader: this.leader,
      renewRequestedAt: () => this.requestedAt,
    });
    setMaxListeners(0, this.#stop.signal);
  }

  async run(): Promise<this> {
    this.#running = this.#manager.run(this.#stop.signal);
    await this.settled();
    return this;
  }

  /** Waits until the manager sleeps. */
  async settled(): Promise<void> {
    await this.clock.sleeping();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    await this.settled();
  }

  async changed(): Promise<void> {
    this.#manager.changed();
    await new Promise((resolve) => setImmediate(resolve));
    await this.settled();
  }

  /** Tells the manager that it has become the leader, or is it no longer. */
  async leaderChanged(): Promise<void> {
    this.#manager.leaderChanged();
    await new Promise((resolve) => setImmediate(resolve));
    await this.settled();
  }

  /** Tells the manager that the key record has changed. */
  async recordChanged(): Promise<void> {
    this.#manager.recordChanged();
    await new Promise((resolve) => setImmediate(resolve));
    await this.settled();
  }

  /** Requests a key as a signal does. */
  async renew(): Promise<void> {
    this.#manager.renew();
    await new Promise((resolve) => setImmediate(resolve));
    await this.settled();
  }

  /** The certificate to seal with. */
  get pem(): string | undefined {
    return this.keys.certificate?.pem;
  }

  get renewalDue(): Date | undefined {
    return this.#manager.renewalDue;
  }

  get newest(): string | undefined {
    return this.keys.newest?.secretName;
  }

  logs(text: string): string[] {
    return this.logged.filter((line) => line.includes(text));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** An API server, and its clock. */
export interface Served {
  readonly clock: FakeClock;
  readonly server: KeyServer;
}

const open: (Rig | KeyServer)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

/**
 * Starts an API server for keys until the test ends.
 *
 * @param whose whether its clock steps with the controller's, or is one that is always right
 */
export async function serve(whose: 'shared' | 'own' = 'shared'): Promise<Served> {
  const clock = new FakeClock();
  const server = await KeyServer.start(whose === 'own' ? clock.unstepped : clock);
  open.push(server);
  return { clock, server };
}

/** Returns a key manager that does not run yet, and is stopped when the test ends. */
export function rig({ clock, server }: Served, options: Partial<KeyOptions> = {}): Rig {
  const made = new Rig(clock, server, { ...KEY_OPTIONS, ...options });
  open.push(made);
  return made;
}

/** Puts a key Secret whose certificate is valid from `days` before the start of the clock. Returns the certificate. */
export async function bring(
  server: KeyServer,
  name: string,
  days: number,
  metadata?: object,
): Promise<string> {
  const notBefore = new Date(new FakeClock().now().getTime() - days * DAY);
  const items = await keyItems({ notBefore, validity: 3650 * DAY });
  server.put(keySecret(name, items, metadata));
  return items['tls.crt'];
}

/** Whether a request creates a Secret. */
export const isCreate = ({ method }: Asked): boolean => method === 'POST';
