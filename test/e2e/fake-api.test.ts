import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { at, listAt, stringAt, type Answer } from '../control-plane/admin-client.ts';
import { uidOf, versionOf } from '../support/cluster.ts';
import { FakeApiServer } from '../support/fake-api-server.ts';
import { ownedBy } from '../support/objects.ts';
import { Setup } from '../support/setup.ts';

/**
 * Compares the fake API server of the unit tests with a real one: both answer the same requests, and the answers must
 * be equal in status, reason, invalid fields, content, and in whether the object has changed.
 */
const setup = new Setup();

const FOREIGN_UID = '11111111-2222-3333-4444-555555555555';
const SECOND_CONTROLLER = { ...ownedBy(FOREIGN_UID), apiVersion: 'example.com/v1', kind: 'Other' };
const FINALIZERS = ['example.com/slow'];

type Request = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The part of an answer in which the two servers must agree. */
interface Agreed {
  readonly status: number;
  readonly reason?: unknown;
  readonly causes?: readonly string[];
  readonly content?: unknown;
  readonly isNewVersion?: boolean;
}

/** Sends requests, and collects the agreed parts of the answers by the name of the step. */
class Scenario {
  readonly answers = new Map<string, Agreed>();
  readonly #request: Request;
  readonly #versions = new Map<string, string>();

  constructor(request: Request) {
    this.#request = request;
  }

  async step(name: string, method: string, path: string, body?: object): Promise<unknown> {
    assert.ok(!this.answers.has(name), name);
    const { status, body: answer } = await this.#request(method, path, body);
    this.answers.set(name, status < 300 ? this.#success(status, answer) : refusalOf(status, answer));
    return answer;
  }

  #success(status: number, answer: unknown): Agreed {
    if (at(answer, 'kind') === 'Status') {
      return {
        status,
        content: [at(answer, 'status'), at(answer, 'details', 'name'), at(answer, 'details', 'kind')],
      };
    }
    const version = versionOf(answer);
    const isNewVersion = this.#versions.get(uidOf(answer)) !== version;
    this.#versions.set(uidOf(answer), version);
    return { status, content: contentOf(answer), isNewVersion };
  }
}

function refusalOf(status: number, answer: unknown): Agreed {
  // The real server reports some causes several times.
  const causes = new Set(
    listAt(answer, 'details', 'causes').map(
      (cause) => `${String(at(cause, 'field'))}: ${String(at(cause, 'reason'))}`,
    ),
  );
  return { status, reason: at(answer, 'reason'), causes: [...causes] };
}

/** Returns the object without what differs between any two servers. */
function contentOf(answer: unknown): object {
  const { metadata, ...rest } = answer as { metadata: object };
  const varying = [
    'uid',
    'resourceVersion',
    'managedFields',
    'namespace',
    'creationTimestamp',
    'deletionTimestamp',
  ];
  const fields = Object.entries(metadata).filter(([field]) => !varying.includes(field));
  const isDeleting = 'deletionTimestamp' in metadata;
  return { ...rest, metadata: Object.fromEntries(fields) as object, isDeleting };
}

/** Returns the metadata that a replacement of this object needs. */
function versionedBy(object: unknown): object {
  return {
    name: stringAt(object, 'metadata', 'name'),
    uid: uidOf(object),
    resourceVersion: versionOf(object),
  };
}

async function secretScenario(scenario: Scenario, namespace: string): Promise<void> {
  const all = `/api/v1/namespaces/${namespace}/secrets`;
  const path = `${all}/db`;
  const secret = (metadata: object, rest: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', namespace, ...metadata },
    data: { a: 'b25l' },
    ...rest,
  });
  const first = await scenario.step(
    'create',
    'POST',
    all,
    secret({ labels: {}, annotations: {}, ownerReferences: [] }),
  );
  await scenario.step('create again', 'POST', all, secret({}));
  await scenario.step('get', 'GET', path);
  await scenario.step('get a missing Secret', 'GET', `${all}/none`);
  await scenario.step('replace with the same', 'PUT', path, secret(versionedBy(first)));
  const second = await scenario.step(
    'replace',
    'PUT',
    path,
    secret({ ...versionedBy(first), labels: { a: 'b' } }),
  );
  await scenario.step('replace an old version', 'PUT', path, secret(versionedBy(first)));
  await scenario.step(
    'replace with another UID',
    'PUT',
    path,
    secret({ ...versionedBy(second), uid: FOREIGN_UID }),
  );
  const third = await scenario.step('replace without a version', 'PUT', path, secret({}, { type: 'Opaque' }));
  const gone = { ...versionedBy(third), name: 'none' };
  await scenario.step('replace a missing Secret', 'PUT', `${all}/none`, secret(gone));
  await scenario.step(
    'replace a missing Secret without a UID',
    'PUT',
    `${all}/none`,
    secret({ name: 'none' }),
  );
  await scenario.step('change the type', 'PUT', path, secret(versionedBy(third), { type: 'example.com/x' }));
  const controllers = [ownedBy('a'), SECOND_CONTROLLER];
  await scenario.step(
    'add two controllers',
    'PUT',
    path,
    secret({ ...versionedBy(third), ownerReferences: controllers }),
  );
  await scenario.step(
    'create with two controllers',
    'POST',
    all,
    secret({ name: 'two', ownerReferences: controllers }),
  );
  await scenario.step('remove all items', 'PATCH', path, { data: null });
  await scenario.step('patch labels and owners', 'PATCH', path, {
    metadata: { labels: { a: null, c: 'd' }, ownerReferences: [ownedBy('a')] },
    data: { b: 'dHdv' },
  });
  await scenario.step('patch nothing', 'PATCH', path, { metadata: { labels: { c: 'd' } } });
  await scenario.step('patch away the owner', 'PATCH', path, { metadata: { ownerReferences: null } });
  await scenario.step('patch an old version', 'PATCH', path, {
    metadata: { resourceVersion: versionOf(first) },
  });
  await scenario.step('make immutable', 'PATCH', path, { immutable: true });
  await scenario.step('change an immutable Secret', 'PATCH', path, { data: { b: 'b25l' } });
  await scenario.step('make mutable again', 'PATCH', path, { immutable: null });
  await scenario.step('change and make mutable', 'PATCH', path, { immutable: false, data: { b: 'b25l' } });
  const last = await scenario.step('label an immutable Secret', 'PATCH', path, {
    metadata: { labels: { e: 'f' } },
  });
  const conditional = (preconditions: object): object => ({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions,
  });
  const uid = uidOf(last);
  await scenario.step(
    'delete an old version',
    'DELETE',
    path,
    conditional({ uid, resourceVersion: versionOf(first) }),
  );
  await scenario.step('delete with another UID', 'DELETE', path, conditional({ uid: FOREIGN_UID }));
  await scenario.step('delete', 'DELETE', path, conditional({ uid, resourceVersion: versionOf(last) }));
  await scenario.step('delete a missing Secret', 'DELETE', path, conditional({ uid }));
  await scenario.step(
    'create with text',
    'POST',
    all,
    secret({ name: 'text' }, { stringData: { b: 'two' } }),
  );
  await scenario.step(
    'create with finalizers',
    'POST',
    all,
    secret({ name: 'slow', finalizers: FINALIZERS }),
  );
  await scenario.step('delete with finalizers', 'DELETE', `${all}/slow`);
  await scenario.step('finalize', 'PATCH', `${all}/slow`, { metadata: { finalizers: null } });
  await scenario.step('get a finalized Secret', 'GET', `${all}/slow`);
}

async function sealedSecretScenario(scenario: Scenario, namespace: string): Promise<void> {
  const all = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
  const path = `${all}/db`;
  const sealed = (metadata: object, spec: object, rest: object = {}): object => ({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace, ...metadata },
    spec,
    ...rest,
  });
  const one = {
    encryptedData: { a: 'AgA=' },
    template: { metadata: { labels: { x: 'y' } }, type: 'Opaque' },
  };
  const condition = { type: 'Synced', status: 'True', reason: 'Unsealed', message: '' };
  const status = {
    observedGeneration: 1,
    conditions: [
      { ...condition, lastUpdateTime: '2026-01-02T03:04:05Z', lastTransitionTime: '2026-01-02T03:04:05Z' },
    ],
    applied: {
      sealedSecretUID: 'a',
      generation: 1,
      scope: 'strict',
      secretUID: 'b',
      secretResourceVersion: '1',
    },
  };
  const first = await scenario.step('create', 'POST', all, sealed({}, one, { status }));
  await scenario.step('create again', 'POST', all, sealed({}, one));
  await scenario.step('get', 'GET', path);
  await scenario.step('replace without a version', 'PUT', path, sealed({}, one));
  const annotations = { note: 'x' };
  const second = await scenario.step(
    'annotate',
    'PUT',
    path,
    sealed({ ...versionedBy(first), annotations }, one),
  );
  const third = await scenario.step('edit', 'PATCH', path, {
    spec: { encryptedData: { a: null, b: 'AgA=' } },
  });
  const header = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' };
  const put = { ...header, metadata: { ...versionedBy(third), namespace }, status };
  await scenario.step('write the status of an old version', 'PUT', `${path}/status`, {
    ...put,
    metadata: { ...versionedBy(second), namespace },
  });
  await scenario.step('write the status with another UID', 'PUT', `${path}/status`, {
    ...put,
    metadata: { ...versionedBy(third), namespace, uid: FOREIGN_UID },
  });
  const fourth = await scenario.step('write the status', 'PUT', `${path}/status`, put);
  await scenario.step('write the same status', 'PUT', `${path}/status`, {
    ...put,
    metadata: { ...versionedBy(fourth), namespace },
  });
  await scenario.step('edit the status with the rest', 'PATCH', path, { status: { observedGeneration: 7 } });
  await scenario.step('write the status of a missing object', 'PUT', `${all}/none/status`, {
    ...put,
    metadata: { ...versionedBy(fourth), namespace, name: 'none' },
  });
  await scenario.step('get a missing object', 'GET', `${all}/none`);
  await scenario.step('add a finalizer', 'PATCH', path, { metadata: { finalizers: FINALIZERS } });
  await scenario.step('delete with finalizers', 'DELETE', path);
  await scenario.step('edit while it is deleted', 'PATCH', path, { spec: { encryptedData: { b: 'AgB=' } } });
  await scenario.step('finalize', 'PATCH', path, { metadata: { finalizers: null } });
  await scenario.step('get a finalized object', 'GET', path);
  await scenario.step('create for a short time', 'POST', all, sealed({ name: 'brief' }, one));
  await scenario.step('delete', 'DELETE', `${all}/brief`);
}

async function eventScenario(scenario: Scenario, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const time = '2026-01-02T03:04:05Z';
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'db.1', namespace },
    involvedObject: { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'db', uid: 'x' },
    type: 'Warning',
    reason: 'ErrUpdateFailed',
    message: 'words',
    source: { component: 'sealed-secrets' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  const body = { ...event, involvedObject: { ...event.involvedObject, namespace } };
  const answer = await scenario.step('create', 'POST', path, body);
  assert.equal(at(answer, 'reason'), event.reason);
  await scenario.step('create again', 'POST', path, body);
}

suite('the fake API server of the unit tests answers like the real one', () => {
  for (const [kind, run] of Object.entries({
    Secrets: secretScenario,
    SealedSecrets: sealedSecretScenario,
    events: eventScenario,
  })) {
    test(`for ${kind}`, async () => {
      const namespace = await setup.plane.createNamespace('fake');
      const real = new Scenario((method, path, body) => {
        const type = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
        return setup.plane.request(method, path, body, type);
      });
      await run(real, namespace);
      const server = await FakeApiServer.start();
      const fake = new Scenario((method, path, body) => Promise.resolve(server.request(method, path, body)));
      await run(fake, namespace);
      server.stop();
      assert.deepEqual(Object.fromEntries(fake.answers), Object.fromEntries(real.answers));
    });
  }
});
