import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { helmDoes, objectsIn } from '../support/helm.ts';
import { ClusterTool } from './cluster-tool.ts';
import { judge, judgeBy } from './judge.ts';
import type { Repository } from './repository.ts';
import { inWaves } from './wave.ts';

/** The key of a script in the ConfigMap `argocd-cm`. */
const APPLICATION_HEALTH = 'resource.customizations.health.argoproj.io_Application';

interface Health {
  readonly status: string;
  readonly message: string;
}

/**
 * Syncs Applications as Argo CD does, as far as the example needs it: a source of a chart, a kustomization or plain files,
 * in waves, each of which has to be healthy before the next one. A Degraded object ends the sync.
 */
export class ArgoCd extends ClusterTool {
  protected override readonly resources = ['applications.argoproj.io'];
  readonly #folder: string;

  constructor(plane: ControlPlane, repository: Repository) {
    super(plane, repository);
    this.#folder = plane.folder;
  }

  protected override async work(application: object, signal: AbortSignal): Promise<void> {
    const name = stringAt(application, 'metadata', 'name');
    const namespace = stringAt(application, 'spec', 'destination', 'namespace');
    const options = listAt(application, 'spec', 'syncPolicy', 'syncOptions');
    try {
      await this.#report(name, 'OutOfSync', { status: 'Progressing', message: '' });
      if (options.includes('CreateNamespace=true'))
        await this.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
      for (const wave of inWaves(await this.#render(application, namespace))) {
        await this.apply(wave, '--namespace', namespace);
        for (const object of wave) await this.#healthy(object, namespace, signal);
      }
      await this.#report(name, 'Synced', { status: 'Healthy', message: '' });
    } catch (error) {
      if (!signal.aborted)
        await this.#report(name, 'OutOfSync', { status: 'Degraded', message: String(error) });
      throw error;
    }
  }

  /** Returns the objects of an Application's source. */
  async #render(application: object, namespace: string): Promise<object[]> {
    const source = at(application, 'spec', 'source');
    const folder = await this.folder(stringAt(source, 'repoURL'), stringAt(source, 'path'));
    if (!existsSync(join(folder, 'Chart.yaml'))) return this.manifests(folder);
    const release = stringAt(source, 'helm', 'releaseName');
    const values = this.write(Object(at(source, 'helm', 'valuesObject')) as object);
    const flags = ['--namespace', namespace, '--include-crds', '--values', values];
    return objectsIn(await helmDoes(['template', release, folder, ...flags]));
  }

  async #healthy(object: object, namespace: string, signal: AbortSignal): Promise<void> {
    const name = stringAt(object, 'metadata', 'name');
    const own = at(object, 'metadata', 'namespace');
    const where = typeof own === 'string' ? own : namespace;
    await this.waits(
      `${name} to be healthy`,
      async () => {
        const { status, message } = await this.#health(await this.live(object, where));
        if (status === 'Degraded') throw new Error(`${name}: ${message}`);
        return status === 'Healthy' ? true : undefined;
      },
      signal,
    );
  }

  /** Judges by the published script, by that of `argocd-cm`, or, of Deployments, by kstatus. */
  async #health(object: unknown): Promise<Health> {
    const kind = at(object, 'kind');
    if (kind === 'SealedSecret') {
      const [verdict] = await judge(object);
      return { status: verdict?.argo ?? '', message: verdict?.message ?? '' };
    }
    if (kind === 'Application') {
      const [verdict] = await judgeBy(await this.#scriptOfApplications(), object);
      // A child that is Degraded may be retried: the wave goes on waiting.
      return { status: verdict?.argo === 'Healthy' ? 'Healthy' : 'Progressing', message: '' };
    }
    if (kind !== 'Deployment') return { status: 'Healthy', message: '' };
    const [verdict] = await judge(object);
    return { status: verdict?.kstatus === 'Current' ? 'Healthy' : 'Progressing', message: '' };
  }

  async #scriptOfApplications(): Promise<string> {
    const map = await this.kubectl('get', 'configmap', 'argocd-cm', '--namespace', 'argocd', '-o', 'json');
    const file = join(this.#folder, 'application.lua');
    await writeFile(file, stringAt(JSON.parse(map), 'data', APPLICATION_HEALTH));
    return file;
  }

  async #report(name: string, sync: string, health: Health): Promise<void> {
    const status = JSON.stringify({ status: { sync: { status: sync }, health } });
    const target = ['--namespace', 'argocd', 'applications.argoproj.io', name];
    await this.kubectl('patch', ...target, '--type', 'merge', '--patch', status);
  }
}
