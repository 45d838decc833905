/** A cluster in which contenders elect a leader, each with a token and a way to the API server of its own. */
import { mkdir, open, readFile, writeFile, type FileHandle } from 'node:fs/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { until } from '../control-plane/until.ts';
import type { ControllerProcess, ProcessOptions } from '../support/controller-process.ts';
import { Installation, NAME, NAMESPACE } from '../support/installation.ts';
import { actorOf, AUDIT_POLICY, isWriteOf, parseAudit, type AuditedRequest } from './audit.ts';
import { Contender } from './contender.ts';
import { Relay } from './relay.ts';
import { judge, type Verdict } from './terms.ts';

/** The Lease that all contenders want. */
export const LEASE: Ref = { namespace: NAMESPACE, name: NAME };

const REAL = process.env['CONTEND_REAL'] === '1';
/** The durations of the election, in seconds: the defaults, or short ones. `outage` is how long a test refuses requests. */
export const TIMING = REAL
  ? { lease: 15, renew: 10, retry: 2, outage: 60 }
  : { lease: 4, renew: 2, retry: 0.5, outage: 8 };

/** How long to wait for a change of the leader, in ms. */
const PATIENCE = 120_000;

/** A process that wants the Lease. */
export interface Contestant {
  readonly name: string;
  /** Its name in the audit log. */
  readonly actor: string;
  readonly relay: Relay;
  readonly process: ControllerProcess | Contender;
}

/** A cluster, its contestants, and the audit log that shows what each of them did. */
export class Arena {
  readonly installation: Installation;
  readonly contestants: Contestant[] = [];
  readonly #folder: string;
  readonly #audit: FileHandle;
  readonly #requests: AuditedRequest[] = [];
  #rest = '';

  private constructor(installation: Installation, folder: string, audit: FileHandle) {
    this.installation = installation;
    this.#folder = folder;
    this.#audit = audit;
  }

  static async start(): Promise<Arena> {
    const folder = mkdtempSync(join(tmpdir(), 'contend-'));
    const [policy, log] = [join(folder, 'policy.yaml'), join(folder, 'audit.log')];
    writeFileSync(policy, AUDIT_POLICY);
    writeFileSync(log, '');
    const apiServerFlags = [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`];
    const installation = await Installation.start({ apiServerFlags });
    return new Arena(installation, folder, await open(log));
  }

  async stop(): Promise<void> {
    for (const { process, relay } of this.contestants) {
      await process.stop('SIGKILL');
      relay.stop();
    }
    await this.#audit.close();
    await this.installation.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Starts the controller as a further replica: with its ServiceAccount, but a token of its own. */
  async startReplica(
    name: string,
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<Contestant & { readonly process: ControllerProcess }> {
    const { plane } = this.installation;
    const relay = await Relay.start(plane);
    const token = await plane.serviceAccountToken(NAMESPACE, NAME);
    const account = join(this.#folder, name);
    await mkdir(account, { mode: 0o700 });
    const files = { token, 'ca.crt': await readFile(plane.caFile, 'utf8'), namespace: NAMESPACE };
    for (const [file, text] of Object.entries(files)) await writeFile(join(account, file), text);
    const process = await this.installation.startBareController(
      [
        ...['--key-size', '2048', '--service-account-dir', account],
        ...['--leader-elect-lease-duration', `${TIMING.lease}s`],
        ...['--leader-elect-renew-deadline', `${TIMING.renew}s`],
        ...['--leader-elect-retry-period', `${TIMING.retry * 1000}ms`],
        ...args,
      ],
      {
        ...options,
        env: {
          ...options.env,
          KUBERNETES_SERVICE_PORT: String(relay.port),
          POD_NAME: name,
          POD_UID: `uid-of-${name}`,
        },
      },
    );
    const replica = { name, actor: actorOf(token), relay, process };
    this.contestants.push(replica);
    return replica;
  }

  /** Starts the contender in Go. */
  async startContender(name: string): Promise<Contestant> {
    const { plane } = this.installation;
    await plane.apply(JSON.stringify(rightsOf(name)));
    await rightsInForce(plane);
    const relay = await Relay.start(plane);
    const token = await plane.newServiceAccountToken(NAMESPACE, name);
    const process = new Contender({
      kubeconfig: plane.kubeconfigFor(token),
      server: `https://127.0.0.1:${relay.port}`,
      ...{ namespace: LEASE.namespace, lease: LEASE.name, object: `written-by-${name}`, identity: name },
      ...{ 'lease-duration': `${TIMING.lease}s`, 'renew-deadline': `${TIMING.renew}s` },
      'retry-period': `${TIMING.retry}s`,
    });
    const contestant = { name, actor: actorOf(token), relay, process };
    this.contestants.push(contestant);
    return contestant;
  }

  /** Returns all requests that the API server has answered so far, in the order of the answers. */
  async requests(): Promise<readonly AuditedRequest[]> {
    const buffer = Buffer.alloc(1 << 20);
    for (;;) {
      const { bytesRead } = await this.#audit.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return this.#requests;
      const text = this.#rest + buffer.toString('utf8', 0, bytesRead);
      const end = text.lastIndexOf('\n') + 1;
      this.#rest = text.slice(end);
      this.#requests.push(...parseAudit(text.slice(0, end)));
    }
  }

  /** Returns what the audit log shows so far. */
  async verdict(): Promise<Verdict> {
    return judge(
      await this.requests(),
      LEASE,
      new Map(this.contestants.map((each) => [each.actor, each.name])),
    );
  }

  /** Waits until one of the contestants has written something from now on, and returns it. */
  async writer(among: readonly Contestant[]): Promise<Contestant> {
    const { length } = await this.requests();
    return until(
      `a write by ${among.map(({ name }) => name).join(' or ')}`,
      async () => {
        const requests = (await this.requests()).slice(length);
        return among.find(({ actor }) => requests.some((request) => isWriteOf(request, actor)));
      },
      PATIENCE,
    );
  }

  /** Waits until the contestant has asked for the Lease `count` more times. */
  async asked({ name, actor }: Contestant, count: number): Promise<void> {
    const { length } = await this.requests();
    await until(
      `${count} requests for the Lease by ${name}`,
      async () => {
        const requests = (await this.requests()).slice(length);
        const asked = requests.filter((each) => each.actor === actor && each.resource === 'leases');
        return asked.length >= count || undefined;
      },
      PATIENCE,
    );
  }
}

/** Returns a role of the contender, and its binding. */
function rightsOf(name: string): object {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name, namespace: NAMESPACE };
  const verbs = ['get', 'create', 'update'];
  const rules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs },
    { apiGroups: [''], resources: ['configmaps'], verbs },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  ];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }];
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}
