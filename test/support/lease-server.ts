import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease, LeaseRecord } from '../../controller/leaderelection/lease.ts';
import { LEASES } from '../../controller/leaderelection/lease.ts';
import { ScriptedApi, refused, type Asked, type Reply } from './scripted-api.ts';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/ns/leases';

/** An API server that has one Lease, `ns/lease`, in memory. */
export class LeaseServer {
  /** Returns an answer in place of the server's own. */
  fault: (asked: Asked) => Reply | 'silent' | undefined = () => undefined;
  #spec: object | undefined;
  #version = 0;
  #scripted: ScriptedApi | undefined;

  static async start(): Promise<LeaseServer> {
    const server = new LeaseServer();
    server.#scripted = await ScriptedApi.start((asked) => server.#answer(asked));
    return server;
  }

  get scripted(): ScriptedApi {
    if (this.#scripted === undefined) throw new Error('not started');
    return this.#scripted;
  }

  /** The methods of the requests so far. */
  get methods(): readonly string[] {
    return this.scripted.asked.map(({ method }) => method);
  }

  /** The Lease as stored. */
  get lease(): Lease | undefined {
    const document = this.#document();
    return document && LEASES.parse(document, { source: 'lease' });
  }

  /** The record as stored. */
  get record(): LeaseRecord {
    const { lease } = this;
    if (lease === undefined) throw new Error('there is no Lease');
    return lease.record;
  }

  /** Writes the record as another candidate does. */
  put(spec: object): void {
    this.#spec = spec;
    this.#version++;
  }

  /** Deletes the Lease. */
  delete(): void {
    this.#spec = undefined;
  }

  stop(): void {
    this.scripted.stop();
  }

  #document(): object | undefined {
    if (this.#spec === undefined) return undefined;
    const metadata = { namespace: 'ns', name: 'lease', resourceVersion: String(this.#version), uid: 'u' };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: this.#spec };
  }

  async #answer(asked: Asked): Promise<Reply> {
    const fault = this.fault(asked);
    if (fault === 'silent') {
      await sleep(60_000, undefined, { ref: false });
      return 'cut';
    }
    return fault ?? this.#stored(asked);
  }

  #stored({ method, path, body }: Asked): Reply {
    const existing = this.#document();
    const sent = body as { spec: object; metadata: { resourceVersion?: string } } | undefined;
    if (method === 'POST' && path === COLLECTION && sent) {
      if (existing) return refused(409, 'AlreadyExists');
      this.put(sent.spec);
      return { status: 201, body: this.#document() ?? {} };
    }
    if (path !== `${COLLECTION}/lease`) return { status: 501, body: 'not supported' };
    if (!existing) return refused(404, 'NotFound');
    if (method === 'GET') return { status: 200, body: existing };
    if (sent?.metadata.resourceVersion !== String(this.#version)) return refused(409, 'Conflict');
    this.put(sent.spec);
    return { status: 200, body: this.#document() ?? {} };
  }
}
