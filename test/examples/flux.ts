import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { helmDoes, objectsIn } from '../support/helm.ts';
import { ClusterTool } from './cluster-tool.ts';
import { judge } from './judge.ts';
import type { Repository } from './repository.ts';

const KUSTOMIZATIONS = 'kustomizations.kustomize.toolkit.fluxcd.io';
const RELEASES = 'helmreleases.helm.toolkit.fluxcd.io';
const SOURCES = 'gitrepositories.source.toolkit.fluxcd.io';

/**
 * Does the work of Flux, as far as the example needs it: Kustomizations with dependencies and health checks, and releases
 * of charts from Git repositories. Health is what kstatus says, as in Flux.
 */
export class Flux extends ClusterTool {
  protected override readonly resources = [SOURCES, RELEASES, KUSTOMIZATIONS];
  readonly #kubeconfig: string;

  constructor(plane: ControlPlane, repository: Repository) {
    super(plane, repository);
    this.#kubeconfig = plane.kubeconfig;
  }

  protected override async work(object: object, signal: AbortSignal): Promise<void> {
    try {
      const kind = stringAt(object, 'kind');
      if (kind === 'Kustomization') await this.#kustomization(object, signal);
      else if (kind === 'HelmRelease') await this.#release(object, signal);
      await this.#report(object, 'True', 'applied');
      this.applied.push(`Ready/${stringAt(object, 'metadata', 'name')}`);
    } catch (error) {
      if (!signal.aborted) await this.#report(object, 'False', String(error));
      throw error;
    }
  }

  async #kustomization(object: object, signal: AbortSignal): Promise<void> {
    for (const needed of listAt(object, 'spec', 'dependsOn')) {
      const name = stringAt(needed, 'name');
      const found = (await this.list(KUSTOMIZATIONS)).find((each) => at(each, 'metadata', 'name') === name);
      if (!isReady(found)) throw new Error(`dependency '${name}' is not ready`);
    }
    const source = stringAt(object, 'spec', 'sourceRef', 'name');
    const folder = await this.#source(source, stringAt(object, 'spec', 'path'));
    const objects = await this.manifests(folder);
    await this.apply(objects, '--server-side', '--field-manager', 'kustomize-controller');
    const checked =
      at(object, 'spec', 'wait') === true ? objects : listAt(object, 'spec', 'healthChecks').map(reference);
    for (const each of checked) await this.#current(each, signal);
  }

  async #release(object: object, signal: AbortSignal): Promise<void> {
    const spec = at(object, 'spec');
    const chart = at(spec, 'chart', 'spec');
    const folder = await this.#source(stringAt(chart, 'sourceRef', 'name'), stringAt(chart, 'chart'));
    const [name, namespace] = [stringAt(spec, 'releaseName'), stringAt(spec, 'targetNamespace')];
    if (at(spec, 'upgrade', 'crds') === 'CreateReplace' && existsSync(join(folder, 'crds')))
      await this.kubectl('apply', '--server-side', '--force-conflicts', '-f', join(folder, 'crds'));
    const values = this.write(Object(at(spec, 'values')) as object);
    const flags = ['--namespace', namespace, '--values', values, '--skip-crds'];
    await helmDoes(['upgrade', '--install', name, folder, ...flags], this.#kubeconfig);
    const manifest = await helmDoes(['get', 'manifest', name, '--namespace', namespace], this.#kubeconfig);
    this.applied.push(`HelmRelease/${name}`);
    for (const each of objectsIn(manifest)) await this.#current(each, signal);
  }

  /** Returns a path in a Git repository that the cluster knows. */
  async #source(name: string, path: string): Promise<string> {
    const found = (await this.list(SOURCES)).find((each) => at(each, 'metadata', 'name') === name);
    return this.folder(stringAt(found, 'spec', 'url'), path);
  }

  /** Waits until kstatus says that the object is as it should be. Throws if it says that the object has failed. */
  async #current(object: object, signal: AbortSignal): Promise<void> {
    const [kind, name] = [stringAt(object, 'kind'), stringAt(object, 'metadata', 'name')];
    const own = at(object, 'metadata', 'namespace');
    await this.waits(
      `${kind}/${name} to be current`,
      async () => {
        const [verdict] = await judge(await this.live(object, typeof own === 'string' ? own : 'default'));
        if (verdict?.kstatus === 'Failed') throw new Error(`${kind}/${name} status: 'Failed'`);
        return verdict?.kstatus === 'Current' ? true : undefined;
      },
      signal,
    );
  }

  async #report(object: object, ready: 'True' | 'False', message: string): Promise<void> {
    const condition = { type: 'Ready', status: ready, reason: ready === 'True' ? 'Succeeded' : 'Failed' };
    const lastTransitionTime = new Date().toISOString();
    const observedGeneration = at(object, 'metadata', 'generation');
    const conditions = [{ ...condition, message, lastTransitionTime, observedGeneration }];
    const status = JSON.stringify({ status: { observedGeneration, conditions } });
    const flags = ['--subresource', 'status', '--type', 'merge', '--patch', status];
    await this.kubectl('patch', '-f', this.write(object), ...flags);
  }
}

function isReady(object: unknown): boolean {
  const conditions = listAt(object, 'status', 'conditions');
  return conditions.some((each) => at(each, 'type') === 'Ready' && at(each, 'status') === 'True');
}

/** Returns the object that a health check names. */
function reference(check: unknown): object {
  const [name, namespace] = [stringAt(check, 'name'), stringAt(check, 'namespace')];
  const [apiVersion, kind] = [stringAt(check, 'apiVersion'), stringAt(check, 'kind')];
  return { apiVersion, kind, metadata: { name, namespace } };
}
