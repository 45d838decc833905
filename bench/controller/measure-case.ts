import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { countOf, type Requests } from './audit-log.ts';
import type { Case } from './case.ts';
import { Environment } from './environment.ts';
import type { Memory } from './meters.ts';
import type { Program } from './program.ts';
import type { Figures, Run } from './run.ts';
import { Started, type OwnMetrics } from './started.ts';

/** How long to wait without work, in ms, until the memory of the start is freed. */
const REST = 8_000;

/** The figures of one phase, and its requests. */
interface Phase {
  readonly figures: Figures;
  readonly requests: Requests;
}

/** Measures one case with one controller, on a control plane of its own. */
export async function measureCase(program: Program, size: Case, keys: readonly KeyPairPem[]): Promise<Run> {
  const environment = await Environment.start(size, keys);
  try {
    const bench = new CaseBench(program, size, environment);
    const phases: Record<string, Phase> = {
      ...(await bench.created()),
      lost: await bench.lost(),
      restarted: await bench.restarted(),
    };
    const named = Object.entries(phases);
    return {
      controller: program.name,
      case: size,
      figures: Object.fromEntries(
        named.flatMap(([phase, { figures }]) =>
          Object.entries(figures).map(([name, value]) => [`${phase}.${name}`, value]),
        ),
      ),
      requests: Object.fromEntries(named.map(([phase, { requests }]) => [phase, requests])),
    };
  } finally {
    await environment.stop();
  }
}

class CaseBench {
  readonly #program: Program;
  readonly #case: Case;
  readonly #environment: Environment;

  constructor(program: Program, size: Case, environment: Environment) {
    this.#program = program;
    this.#case = size;
    this.#environment = environment;
  }

  /** A first start, which has one SealedSecret to unseal, and then the objects of the case, created at once. */
  async created(): Promise<{ started: Phase; created: Phase }> {
    const environment = this.#environment;
    await environment.create({ namespace: environment.single, name: 'first' });
    const first = await environment.watchSecrets(environment.single);
    const controller = await this.#start();
    const firstSecret = (await first.reached(1)) - controller.at;
    first.close();
    await environment.audit.quiet();
    await sleep(REST);
    const started: Phase = {
      figures: { firstSecretSeconds: firstSecret / 1000, ...named('idle', controller.memory.now) },
      requests: environment.audit.take(),
    };

    const watch = await environment.watchSynced();
    await controller.metrics();
    const costs = this.#costs(controller);
    const begin = performance.now();
    const posted = environment.createMany().then(() => performance.now() - begin);
    const seconds = ((await watch.reached(this.#case.objects)) - begin) / 1000;
    const peak = controller.memory.peak;
    await environment.audit.quiet();
    const spent = costs();
    const metrics = await controller.metrics();
    watch.close();
    await sleep(REST);
    const requests = environment.audit.take();
    const created: Phase = {
      figures: {
        ...this.#rate(seconds),
        postedSeconds: (await posted) / 1000,
        ...spent,
        requestsEach: countOf(requests) / this.#case.objects,
        ...named('peak', peak),
        ...named('idle', controller.memory.now),
        ...ofOwn(metrics && [metrics]),
      },
      requests,
    };
    await controller.stop();
    return { started, created };
  }

  /** A start after all Secrets of the case were lost. */
  async lost(): Promise<Phase> {
    const environment = this.#environment;
    await environment.deleteSecrets();
    environment.audit.take();
    const watch = await environment.watchSecrets();
    const server = environment.serverCpu;
    const controller = await this.#start();
    const costs = this.#costs(controller, server);
    const seconds = ((await watch.reached(this.#case.objects)) - controller.at) / 1000;
    const peak = controller.memory.peak;
    await environment.audit.quiet();
    const spent = costs();
    const requests = environment.audit.take();
    watch.close();
    await controller.stop();
    return { figures: { ...this.#rate(seconds), ...spent, ...named('peak', peak) }, requests };
  }

  /** A start with objects that are all synced, and one new SealedSecret that is posted at once. */
  async restarted(): Promise<Phase> {
    const environment = this.#environment;
    environment.audit.take();
    const watch = await environment.watchSecrets(environment.single);
    await watch.reached(1);
    const server = environment.serverCpu;
    const controller = await this.#start();
    const costs = this.#costs(controller, server);
    await environment.create({ namespace: environment.single, name: 'new' });
    const quiet = environment.audit.quiet();
    const samples = controller.sampled(quiet);
    const newSecret = (await watch.reached(2)) - controller.at;
    const seconds = ((await quiet) - controller.at) / 1000;
    const peak = controller.memory.peak;
    const spent = costs();
    const requests = environment.audit.take();
    watch.close();
    await sleep(REST);
    const figures = {
      newSecretSeconds: newSecret / 1000,
      seconds,
      requests: countOf(requests),
      writes: countOf(requests, 'writes'),
      ...spent,
      ...named('peak', peak),
      ...named('idle', controller.memory.now),
      ...ofOwn(await samples),
    };
    await controller.stop();
    return { figures, requests };
  }

  #start(): Promise<Started> {
    const { installation, namespaces } = this.#environment;
    const env = installation.podEnvironment();
    return Started.start({
      program: this.#program,
      account: installation.serviceAccountDir,
      namespaces,
      env,
    });
  }

  #rate(seconds: number): Figures {
    return { seconds, perSecond: this.#case.objects / seconds };
  }

  /** Returns a function that returns what was spent since now, or for the controller since it was started. */
  #costs(controller: Started, server: number = this.#environment.serverCpu): () => Figures {
    const before = controller.cpuSeconds;
    const own = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(own);
      return {
        controllerCpu: controller.cpuSeconds - before,
        serverCpu: this.#environment.serverCpu - server,
        benchCpu: (user + system) / 1e6,
      };
    };
  }
}

function named(when: 'idle' | 'peak', { group, rss }: Memory): Figures {
  return { [`${when}MiB`]: group, [`${when}RssMiB`]: rss };
}

/** Returns figures of this controller's metrics, from all readings of a phase. */
function ofOwn(samples: readonly OwnMetrics[] = []): Figures {
  if (samples.length === 0) return {};
  // A replica that does not lead yet has no age.
  const ages = samples.flatMap(({ oldest }) => (Number.isNaN(oldest) ? [] : oldest)).sort((a, b) => a - b);
  return {
    loopDelayMs: Math.max(...samples.map(({ loopDelay }) => loopDelay)),
    privateOperations: Math.max(...samples.map(({ privateOperations }) => privateOperations)),
    oldestP99Seconds: ages[Math.ceil(ages.length * 0.99) - 1] ?? 0,
  };
}
