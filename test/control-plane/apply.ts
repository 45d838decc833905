import { setTimeout as sleep } from 'node:timers/promises';

import { loadAll } from 'js-yaml';

import { at, listAt, stringAt } from './admin-client.ts';
import type { AdminClient } from './admin-client.ts';

/** Applies manifests server-side, as `kubectl apply --server-side --force-conflicts` does. */
export class Applier {
  readonly #client: AdminClient;
  readonly #resources = new Map<string, unknown[]>();

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
    const base = groupPath(apiVersion);
    const resource = await this.#resource(base, kind);
    if (resource === undefined) throw new Error(`the server has no ${kind} in ${apiVersion}`);
    const namespace = at(object, 'metadata', 'namespace');
    const named = typeof namespace === 'string' ? namespace : 'default';
    const scope = at(resource, 'namespaced') === true ? `/namespaces/${named}` : '';
    return `${base}${scope}/${stringAt(resource, 'name')}/${stringAt(object, 'metadata', 'name')}`;
  }

  async #resource(base: string, kind: string): Promise<unknown> {
    const wanted = (each: unknown): boolean =>
      at(each, 'kind') === kind && !stringAt(each, 'name').includes('/'); // a name with a slash is a subresource
    const known = this.#resources.get(base)?.find(wanted);
    if (known !== undefined) return known;
    const { status, body } = await this.#client.request('GET', base);
    if (status !== 200) return undefined;
    this.#resources.set(base, listAt(body, 'resources'));
    return this.#resources.get(base)?.find(wanted);
  }

  /** Waits until the CRD is established and, a moment later, listed by discovery. */
  async #established(crd: unknown, path: string): Promise<void> {
    const group = stringAt(crd, 'spec', 'group');
    const served = listAt(crd, 'spec', 'versions').filter((version) => at(version, 'served') === true);
    const bases = served.map((version) => groupPath(`${group}/${stringAt(version, 'name')}`));
    for (const base of bases) this.#resources.delete(base); // an earlier version of the CRD may have had other names

    const deadline = Date.now() + 30_000;
    for (;;) {
      const { body } = await this.#client.request('GET', path);
      const isEstablished = listAt(body, 'status', 'conditions').some(
        (each) => at(each, 'type') === 'Established' && at(each, 'status') === 'True',
      );
      const kind = stringAt(crd, 'spec', 'names', 'kind');
      const found = await Promise.all(bases.map(async (base) => this.#resource(base, kind)));
      if (isEstablished && !found.includes(undefined)) return;
      if (Date.now() > deadline) throw new Error(`${path} is not established after 30 s`);
      await sleep(50);
    }
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
