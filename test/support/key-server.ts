import type { Clock } from '../../shared/clock.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { FakeApiServer, type Fault } from './fake-api-server.ts';
import type { Json, ObjectStore } from './object-store.ts';

const NAMESPACE = 'kube-system';

/** A fake API server for key Secrets. */
export class KeyServer {
  readonly secrets: KeySecrets;
  /** The requests, and the client that sends them. */
  readonly scripted: FakeApiServer;

  private constructor(server: FakeApiServer) {
    this.scripted = server;
    this.secrets = new KeySecrets(server.store);
  }

  /** @param clock the server's clock */
  static async start(clock: Clock): Promise<KeyServer> {
    return new KeyServer(await FakeApiServer.start(clock));
  }

  /** See `FakeApiServer.fault`. */
  set fault(fault: Fault) {
    this.scripted.fault = fault;
  }

  /** Creates a Secret, or another one in its place. */
  put(secret: object): void {
    const metadata = { ...(at(secret, 'metadata') ?? {}), namespace: NAMESPACE };
    this.secrets.delete(stringAt(metadata, 'name'));
    this.scripted.create('secrets', { ...secret, metadata });
  }

  /** Replaces the labels of a Secret. */
  relabel(name: string, labels: object): void {
    const ref = { namespace: NAMESPACE, name };
    this.scripted.change('secrets', ref, { metadata: { labels: null } });
    this.scripted.change('secrets', ref, { metadata: { labels } });
  }

  stop(): void {
    this.scripted.stop();
  }
}

/** The Secrets in the namespace of the controller, by name. */
class KeySecrets {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#store.list('secrets').length;
  }

  get(name: string): Json | undefined {
    return this.#store.get('secrets', { namespace: NAMESPACE, name });
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  keys(): readonly string[] {
    return this.values().map((secret) => stringAt(secret, 'metadata', 'name'));
  }

  values(): readonly Json[] {
    return this.#store.list('secrets');
  }

  delete(name: string): void {
    this.#store.answer({ method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}/secrets/${name}` });
  }

  clear(): void {
    for (const name of this.keys()) this.delete(name);
  }
}
