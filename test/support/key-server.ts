import type { Clock } from '../../shared/clock.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { ACTIVE } from './key-secret.ts';
import { refused, ScriptedApi, type Asked, type Reply } from './scripted-api.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';

/** An API server for key Secrets that uses a test's clock, and fails on request. */
export class KeyServer {
  readonly secrets = new Map<string, object>();
  /** Overrides the answer to a request. With `lost` the request is carried out and its answer never arrives. */
  fault: (asked: Asked) => Reply | 'lost' | undefined = () => undefined;
  readonly #clock: Clock;
  #scripted: ScriptedApi | undefined;
  #versions = 0;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async start(clock: Clock): Promise<KeyServer> {
    const server = new KeyServer(clock);
    server.#scripted = await ScriptedApi.start((asked) => {
      const fault = server.fault(asked);
      if (fault !== undefined && fault !== 'lost') return fault;
      const reply = server.#answer(asked);
      return fault === 'lost' ? 'cut' : reply;
    });
    return server;
  }

  get scripted(): ScriptedApi {
    if (this.#scripted === undefined) throw new Error('not started');
    return this.#scripted;
  }

  /** Stores a Secret, with the fields that the server sets. */
  put(secret: object): void {
    const version = String(++this.#versions);
    const created = `${this.#clock.now().toISOString().slice(0, 19)}Z`;
    const server = { uid: `uid-${version}`, resourceVersion: version, creationTimestamp: created };
    const metadata = { ...server, ...(at(secret, 'metadata') ?? {}) };
    this.secrets.set(stringAt(secret, 'metadata', 'name'), { ...secret, metadata });
  }

  /** Replaces the labels of a stored Secret. */
  relabel(name: string, labels: object): void {
    const secret = this.secrets.get(name) ?? {};
    const metadata = { ...(at(secret, 'metadata') ?? {}), labels, resourceVersion: String(++this.#versions) };
    this.secrets.set(name, { ...secret, metadata });
  }

  stop(): void {
    this.#scripted?.stop();
  }

  #answer({ method, path, query, body }: Asked): Reply {
    if (method === 'POST') {
      const name = stringAt(body, 'metadata', 'name');
      if (this.secrets.has(name)) return refused(409, 'AlreadyExists');
      this.put(Object(body) as object);
      return { status: 201, body: this.secrets.get(name) ?? {} };
    }
    if (path === SECRETS) {
      const [label = ''] = Object.keys(ACTIVE);
      const wanted = query.get('labelSelector')?.replace(`${label}=`, '');
      const items = [...this.secrets.values()].filter(
        (secret) => at(secret, 'metadata', 'labels', label) === wanted,
      );
      const metadata = { resourceVersion: String(this.#versions) };
      return { status: 200, body: { kind: 'SecretList', apiVersion: 'v1', metadata, items } };
    }
    const found = this.secrets.get(path.slice(SECRETS.length + 1));
    return found ? { status: 200, body: found } : refused(404, 'NotFound');
  }
}
