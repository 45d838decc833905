import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/until.ts';
import { kubectl } from '../support/kubectl.ts';
import { objectsIn } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';
import type { Repository } from './repository.ts';

/** The repository of this project in the examples; any other address is the user's repository. */
const PROJECT = 'https://git.example.com/platform/sealed-secrets.git';

/** The pause before an object is tried again, in ms. */
const RETRY = 500;

/** What Argo CD and Flux have in common when a test does their work: they apply what is pushed, and report on it. */
export abstract class ClusterTool {
  readonly #plane: ControlPlane;
  readonly #repository: Repository;
  /** The objects that were applied, as `Kind/name`, in order, and what the tool adds to them. */
  readonly applied: string[] = [];
  /** The state of each object that was worked on, by its key. */
  readonly #seen = new Map<string, string>();
  readonly #running = new Set<Promise<void>>();
  #files = 0;

  constructor(plane: ControlPlane, repository: Repository) {
    this.#plane = plane;
    this.#repository = repository;
  }

  /** The kinds of this tool, as resources with their group. */
  protected abstract readonly resources: readonly string[];

  /** Does what an object says. What is thrown is reported in the object's status, and it is tried again. */
  protected abstract work(object: object, signal: AbortSignal): Promise<void>;

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const ends = async (): Promise<true | undefined> => {
      await this.#pass(signal);
      return signal.aborted ? true : undefined;
    };
    await until('the end of the test', ends, 1_200_000);
    await Promise.all(this.#running);
  }

  /** Starts to work on what is new: an object of this tool, or a commit. */
  async #pass(signal: AbortSignal): Promise<void> {
    const revision = await this.#repository.revision();
    for (const resource of this.resources) {
      for (const object of await this.list(resource)) {
        const key = `${resource} ${String(at(object, 'metadata', 'uid'))}`;
        const state = `${revision} ${JSON.stringify(at(object, 'spec'))}`;
        if (this.#seen.get(key) === state || this.#seen.get(key) === 'busy') continue;
        this.#seen.set(key, 'busy');
        const working = this.work(object, signal).then(
          () => void this.#seen.set(key, state),
          async () => {
            await sleep(RETRY);
            this.#seen.delete(key);
          },
        );
        this.#running.add(working);
        void working.finally(() => this.#running.delete(working));
      }
    }
  }

  /** Returns the folder of a path in a repository, as it is pushed now. */
  protected async folder(url: string, path: string): Promise<string> {
    return join(url === PROJECT ? PACKAGE : await this.#repository.checkout(), path);
  }

  /** Returns the objects of a folder with manifests, with or without a kustomization. */
  protected async manifests(folder: string): Promise<object[]> {
    if (existsSync(join(folder, 'kustomization.yaml')))
      return objectsIn(await this.kubectl('kustomize', folder));
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    return files.flatMap((file) => objectsIn(readFileSync(join(folder, file), 'utf8')));
  }

  /** Applies objects with further flags of `kubectl apply`. */
  protected async apply(objects: readonly object[], ...flags: readonly string[]): Promise<void> {
    for (const object of objects) {
      await this.kubectl('apply', ...flags, '-f', this.write(object));
      this.applied.push(`${String(at(object, 'kind'))}/${String(at(object, 'metadata', 'name'))}`);
    }
  }

  protected async list(resource: string): Promise<object[]> {
    const text = await this.kubectl('get', resource, '--all-namespaces', '-o', 'json');
    const items = at(JSON.parse(text), 'items');
    return Array.isArray(items) ? items.filter((item): item is object => typeof item === 'object') : [];
  }

  /** Returns the object as it is in the cluster. */
  protected async live(object: object, namespace: string): Promise<unknown> {
    const text = await this.kubectl('get', '--namespace', namespace, '-f', this.write(object), '-o', 'json');
    return JSON.parse(text);
  }

  /** Waits until the function returns something. Throws when the signal aborts. */
  protected async waits<T>(what: string, ask: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
    const asks = async (): Promise<T | undefined> => {
      signal.throwIfAborted();
      return ask();
    };
    return until(what, asks, 600_000);
  }

  protected async kubectl(...args: readonly string[]): Promise<string> {
    return kubectl(this.#plane.kubeconfig, ...args);
  }

  /** Writes an object to a file. Returns the path. */
  protected write(object: object): string {
    const file = join(this.#plane.folder, `object-${++this.#files}.json`);
    writeFileSync(file, JSON.stringify(object));
    return file;
  }
}
