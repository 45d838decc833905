import { setTimeout as sleep } from 'node:timers/promises';

import { loadAll } from 'js-yaml';

import { at, listAt, stringAt } from './admin-client.ts';
import type { AdminClient } from './admin-client.ts';

/** Applies manifests server-side, as `kubectl apply --server-side --force-conflicts` does. */
export class Applier {
  readonly #client: AdminClient;

  constructor(client: AdminClient) {
    this.#client = client;
  }

  /**
   * Applies every document of a YAML or JSON text (and the items of a `List`), in order. Waits for each
   * CustomResourceDefinition until objects of it can be created.
   *
   * @param dryRun changes nothing: the server returns the result it would store, and rejects unknown fields
   * @returns the objects as the server now has them
   * @throws Error if the text does not parse or the server rejects an object
   */
  async apply(text: string, dryRun = false): Promise<unknown[]> {
    const applied: unknown[] = [];
    for (const object of objects(text)) {
      const path = await this.#pathOf(object);
      const query = `?fieldManager=test&force=true${dryRun ? '&dryRun=All&fieldValidation=Strict' : ''}`;
      applied.push(await this.#client.expect('PATCH', path + query, object, 'application/apply-patch+yaml'));
      if (at(object, 'kind') === 'CustomResourceDefinition' && !dryRun) await this.#established(object, path);
    }
    return applied;
  }

  async #pathOf(object: unknown): Promise<string> {
    const [apiVersion, kind] = [stringAt(object, 'apiVersion'), stringAt(object, 'kind')];
    const resource = await this.#client.resource(apiVersion, kind);
    if (resource === undefined) throw new Error(`the server has no ${kind} in ${apiVersion}`);
    const namespace = at(object, 'metadata', 'namespace');
    const named = typeof namespace === 'string' ? namespace : 'default';
    const scope = resource.namespaced ? `/namespaces/${named}` : '';
    return `${groupPath(apiVersion)}${scope}/${resource.name}/${stringAt(object, 'metadata', 'name')}`;
  }

  /** Waits until the CRD is established, listed by discovery, and its objects can be listed. */
  async #established(crd: unknown, path: string): Promise<void> {
    const group = stringAt(crd, 'spec', 'group');
    const current = listAt(crd, 'spec', 'versions').filter((version) => at(version, 'served') === true);
    const versions = current.map((version) => `${group}/${stringAt(version, 'name')}`);
    this.#client.forgetResources(); // an earlier version of the CRD may have had other names

    const deadline = Date.now() + 30_000;
    for (;;) {
      const { body } = await this.#client.request('GET', path);
      const isEstablished = listAt(body, 'status', 'conditions').some(
        (each) => at(each, 'type') === 'Established' && at(each, 'status') === 'True',
      );
      const kind = stringAt(crd, 'spec', 'names', 'kind');
      const served = await Promise.all(versions.map((version) => this.#isServed(version, kind)));
      if (isEstablished && !served.includes(false)) return;
      if (Date.now() > deadline) throw new Error(`${path} is not established after 30 s`);
      await sleep(50);
    }
  }

  /** Whether objects can be listed. For a moment after discovery knows them, they cannot: "storage is (re)initializing". */
  async #isServed(version: string, kind: string): Promise<boolean> {
    const resource = await this.#client.resource(version, kind);
    if (resource === undefined) return false;
    const { status } = await this.#client.request('GET', `${groupPath(version)}/${resource.name}?limit=1`);
    return status === 200;
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function objects(text: string): unknown[] {
  return loadAll(text).flatMap((object) => {
    if (object === null) return []; // an empty document, such as a comment before the first ---
    return at(object, 'kind') === 'List' ? listAt(object, 'items') : [object];
  });
}
