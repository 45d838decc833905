import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { freePort } from '../../test/control-plane/server-process.ts';
import { until } from '../../test/control-plane/until.ts';
import { ask, post } from '../../test/support/ask.ts';
import { Cluster } from '../../test/support/cluster.ts';
import type { ControllerProcess } from '../../test/support/controller-process.ts';
import { Installation, NAMESPACE } from '../../test/support/installation.ts';
import { sealedItem, sealedSecret } from '../../test/support/sealed.ts';
import type { ScrapeTarget } from './prometheus.ts';

const NAMESPACES = ['shop', 'blog', 'billing'];
/** How many SealedSecrets each namespace has from the beginning, and how many more come at once. */
const FIRST = 15;
const BURST = 250;
/** The names of the pods. The third one replaces the first. */
const PODS = ['sealed-secrets-5c4f-a', 'sealed-secrets-5c4f-b', 'sealed-secrets-5c4f-c'];
/** The shortest time between two steps, in ms. */
const PAUSE = 25_000;
const TEMPLATE = { data: { url: '{{ .password | mustToJson | fail }}' } };

interface Replica extends ScrapeTarget {
  readonly pod: string;
  process?: ControllerProcess;
}

/** A cluster with replicas of the controller, and what happens in it. */
export class Stage {
  /** The replicas that run at some time. */
  readonly targets: readonly Replica[];
  readonly #installation: Installation;
  readonly #cluster: Cluster;
  readonly #say: (line: string) => void;
  #requests: NodeJS.Timeout | undefined;

  private constructor(installation: Installation, targets: readonly Replica[], say: (line: string) => void) {
    this.#installation = installation;
    this.#cluster = new Cluster(installation.plane);
    this.targets = targets;
    this.#say = say;
  }

  static async start(say: (line: string) => void): Promise<Stage> {
    const installation = await Installation.start({ say });
    const targets = await Promise.all(
      PODS.map(async (pod) => ({
        pod,
        address: `127.0.0.1:${await freePort()}`,
        labels: { instance: pod, pod, namespace: NAMESPACE },
      })),
    );
    for (const name of NAMESPACES) {
      await installation.plane.apply(
        JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
      );
    }
    const stage = new Stage(installation, targets, say);
    await stage.#begin(0);
    await stage.#begin(1);
    return stage;
  }

  /** The folder for files of the run. */
  get folder(): string {
    return this.#installation.plane.folder;
  }

  /** Plays all steps, which take some minutes. */
  async play(): Promise<void> {
    const [first, second] = this.targets;
    const certificate = await this.#running(first).certificate();
    this.#requests = setInterval(() => void this.#request(certificate), 2_000);
    await this.#step('SealedSecrets are created', () => this.#createAll(certificate, 'app', FIRST));
    await this.#step('some cannot be opened, one fails in its template, one is of someone else', () =>
      this.#spoil(certificate),
    );
    await this.#step('a policy refuses new Secrets of billing', async () => {
      await this.#refuse(true);
      await this.#create(certificate, { namespace: 'billing', name: 'late' }, 12);
    });
    await this.#step('the newest key is renewed', () => {
      for (const each of [first, second]) this.#running(each).signal('SIGUSR1');
    });
    await this.#step('the pod of the leader is replaced', async () => {
      const leader = this.#leads(first) ? 0 : 1;
      await this.#running(this.targets[leader]).stop();
      await this.#begin(2);
    });
    await this.#step('the policy is removed, and most of the others are corrected', async () => {
      await this.#refuse(false);
      await this.#mend(certificate);
    });
    await this.#step('many are created at once, sealed with the new key', async () =>
      this.#createAll(await this.#running(second).certificate(), 'many', BURST),
    );
    await this.#step('all of that is done', () => undefined);
    clearInterval(this.#requests);
  }

  async stop(): Promise<void> {
    clearInterval(this.#requests);
    for (const { process } of this.targets) if (process?.isRunning === true) await process.stop();
    await this.#installation.stop();
  }

  async #step(what: string, act: () => Promise<void> | void): Promise<void> {
    this.#say(what);
    const pause = sleep(PAUSE);
    await act();
    await pause;
  }

  async #begin(index: number): Promise<void> {
    const target = this.targets[index];
    if (target === undefined) throw new Error(`there is no replica ${index}`);
    const { pod, address } = target;
    const env = { POD_NAME: pod, POD_UID: pod, SEALED_SECRETS_LISTEN_METRICS_ADDR: address };
    target.process = await this.#installation.startReadyController([], { env });
  }

  #running(target: Replica | undefined): ControllerProcess {
    if (target?.process === undefined) throw new Error('the replica does not run');
    return target.process;
  }

  #leads(target: Replica | undefined): boolean {
    return this.#running(target).log.some(({ message }) => message === 'this replica is the leader');
  }

  async #createAll(certificate: Certificate, name: string, count: number): Promise<void> {
    for (const namespace of NAMESPACES) await this.#create(certificate, { namespace, name }, count);
  }

  async #create(certificate: Certificate, { namespace, name }: Ref, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const ref = { namespace, name: `${name}-${index}` };
      const items = { password: `secret ${index}` };
      await this.#cluster.create('sealedsecrets', sealedSecret(certificate, ref, items));
    }
  }

  /** Makes SealedSecrets fail for different reasons. */
  async #spoil(certificate: Certificate): Promise<void> {
    for (const index of [1, 2, 3]) {
      const ref = { namespace: 'shop', name: `app-${index}` };
      await this.#seal(ref, sealedItem(certificate, { ...ref, name: 'other' }, 'moved'));
    }
    const blog = { namespace: 'blog', name: 'app-1' };
    await this.#cluster.change('sealedsecrets', blog, { spec: { template: TEMPLATE } });
    const foreign = { namespace: 'blog', name: 'theirs' };
    await this.#cluster.create('secrets', { metadata: foreign, stringData: { a: 'theirs' } });
    await this.#cluster.create('sealedsecrets', sealedSecret(certificate, foreign, { a: 'ours' }));
  }

  /** Corrects what fails in shop, and the template. What belongs to someone else stays. */
  async #mend(certificate: Certificate): Promise<void> {
    for (const index of [1, 2, 3]) {
      const ref = { namespace: 'shop', name: `app-${index}` };
      await this.#seal(ref, sealedItem(certificate, ref, 'right'));
    }
    await this.#cluster.change(
      'sealedsecrets',
      { namespace: 'blog', name: 'app-1' },
      { spec: { template: null } },
    );
  }

  async #seal(ref: Ref, password: string): Promise<void> {
    await this.#cluster.change('sealedsecrets', ref, { spec: { encryptedData: { password } } });
  }

  /** Lets an admission policy refuse new Secrets in billing, or removes it. */
  async #refuse(isRefused: boolean): Promise<void> {
    const group = 'admissionregistration.k8s.io/v1';
    const kind = 'ValidatingAdmissionPolicy';
    const { plane } = this.#installation;
    if (!isRefused) {
      for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies']) {
        await plane.request('DELETE', `/apis/${group}/${plural}/closed`);
      }
      return;
    }
    const resourceRules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] },
    ];
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'billing' } };
    const metadata = { name: 'closed' };
    const items = [
      {
        ...{ apiVersion: group, kind, metadata },
        spec: { matchConstraints: { resourceRules }, validations: [{ expression: 'false' }] },
      },
      {
        ...{ apiVersion: group, kind: `${kind}Binding`, metadata },
        spec: { policyName: 'closed', validationActions: ['Deny'], matchResources: { namespaceSelector } },
      },
    ];
    await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const probe = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } };
    await until('the policy to be in force', async () => {
      const path = '/api/v1/namespaces/billing/secrets?dryRun=All';
      return (await plane.request('POST', path, probe)).status === 422 || undefined;
    });
  }

  /** Asks the second replica, as users do who seal and validate. */
  async #request(certificate: Certificate): Promise<void> {
    const url = await this.#running(this.targets[1]).url();
    const ref = { namespace: 'shop', name: 'asked' };
    await ask('GET', `${url}/v1/cert.pem`);
    await post(`${url}/v1/verify`, sealedSecret(certificate, ref, { password: 'asked' }));
  }
}
