import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { at } from '../../test/control-plane/admin-client.ts';
import { Installation, NAME, NAMESPACE } from '../../test/support/installation.ts';
import type { SealedBody } from '../../test/support/sealed.ts';
import { AuditLog } from './audit-log.ts';
import { BenchApi } from './bench-api.ts';
import type { Case } from './case.ts';
import { cpuSeconds } from './meters.ts';
import { isSynced, ObjectWatch } from './object-watch.ts';
import { sealedFor, secretOf } from './sealing-keys.ts';

/** The size of an unrelated Secret, in bytes. */
const BALLAST = 200 << 10;
/** How many requests to keep in flight. */
const PARALLEL = 20;
const NAMESPACES = '/api/v1/namespaces';
/** The namespace of the objects that are created at once. */
const MANY = 'many';

/** A control plane with the keys, the namespaces and the unrelated objects of a case. */
export class Environment {
  readonly installation: Installation;
  readonly audit: AuditLog;
  readonly #api: BenchApi;
  readonly #folder: string;
  readonly #case: Case;
  /** A SealedSecret for each key. */
  readonly #bodies: readonly SealedBody[];

  private constructor(
    installation: Installation,
    parts: { audit: AuditLog; folder: string; case: Case; bodies: readonly SealedBody[] },
  ) {
    const { plane } = installation;
    const ca = readFileSync(plane.caFile, 'utf8');
    this.installation = installation;
    this.audit = parts.audit;
    this.#api = new BenchApi({ url: plane.server, ca, token: plane.adminToken });
    this.#folder = parts.folder;
    this.#case = parts.case;
    this.#bodies = parts.bodies;
  }

  /** Starts the control plane of a case. The keys are at least as many as the case has. */
  static async start(measured: Case, keys: readonly KeyPairPem[]): Promise<Environment> {
    const used = keys.slice(0, measured.keys);
    const folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-bench-'));
    const audit = new AuditLog(folder, `system:serviceaccount:${NAMESPACE}:${NAME}`);
    const installation = await Installation.start({ apiServerFlags: audit.flags });
    const bodies = used.map((key) => sealedFor(key, measured));
    const environment = new Environment(installation, { audit, folder, case: measured, bodies });
    try {
      await environment.#fill(used);
    } catch (error) {
      await environment.stop();
      throw error;
    }
    return environment;
  }

  /** The namespaces for `--additional-namespaces`; empty if the case has none. */
  get namespaces(): readonly string[] {
    const { namespaces } = this.#case;
    return namespaces === 0 ? [] : [MANY, ...Array.from({ length: namespaces - 1 }, (_, i) => `more-${i}`)];
  }

  /** The namespace of single SealedSecrets: the last one of several. */
  get single(): string {
    return this.namespaces.at(-1) ?? 'single';
  }

  /** The CPU time of kube-apiserver and etcd, in seconds. */
  get serverCpu(): number {
    const { etcd = 0, apiServer = 0 } = this.installation.plane.pids;
    return cpuSeconds([etcd, apiServer]);
  }

  /** Creates the objects of the case at once. */
  async createMany(): Promise<void> {
    const count = this.#case.objects;
    await inParallel(count, (index) => this.create({ namespace: MANY, name: `sealed-${index}` }, index));
  }

  /** Creates one SealedSecret, sealed to the newest key by default. */
  async create({ namespace, name }: Ref, key = this.#bodies.length - 1): Promise<void> {
    const body = this.#bodies[key % this.#bodies.length];
    const object = { ...body, metadata: { ...body?.metadata, namespace, name } };
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
    await this.#api.send('POST', path, JSON.stringify(object));
  }

  /** Deletes the Secrets of all objects that were created at once. */
  async deleteSecrets(): Promise<void> {
    const path = `${NAMESPACES}/${MANY}/secrets`;
    const left = async (): Promise<boolean> => {
      const list: unknown = JSON.parse(await this.#api.send('GET', `${path}?limit=1`));
      return at(list, 'items', 0) !== undefined;
    };
    // One request has a minute, which may be too short for all of them.
    while (await left()) await this.#api.send('DELETE', path).catch(() => undefined);
  }

  /** Watches the SealedSecrets of the case; those that are synced count. */
  watchSynced(): Promise<ObjectWatch> {
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${MANY}/sealedsecrets`;
    return ObjectWatch.start(this.#api, { path, metadata: false, counts: isSynced });
  }

  /** Watches the Secrets of a namespace, which all count. */
  watchSecrets(namespace: string = MANY): Promise<ObjectWatch> {
    const path = `${NAMESPACES}/${namespace}/secrets`;
    return ObjectWatch.start(this.#api, { path, metadata: true, counts: () => true });
  }

  async stop(): Promise<void> {
    this.#api.close();
    await this.installation.stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #fill(keys: readonly KeyPairPem[]): Promise<void> {
    const secret = (namespace: string, object: object): Promise<string> =>
      this.#api.send('POST', `${NAMESPACES}/${namespace}/secrets`, JSON.stringify(object));
    const names = [...new Set([MANY, this.single, 'ballast', ...this.namespaces])];
    await inParallel(names.length, (index) =>
      this.#api.send('POST', NAMESPACES, JSON.stringify({ metadata: { name: names[index] } })),
    );
    for (const [index, key] of keys.entries()) await secret(NAMESPACE, secretOf(key, index));
    const data = { large: Buffer.alloc(BALLAST, 'x').toString('base64') };
    await inParallel(this.#case.ballast, (index) =>
      secret('ballast', { metadata: { name: `other-${index}` }, data }),
    );
  }
}

async function inParallel(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  const worker = async (): Promise<void> => {
    for (const index of indexes) await act(index);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
