import { after, before } from 'node:test';
import { RENEW_REQUESTED_AT, SEALING_KEY, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { keyItems, type KeyState, type RecordedKey } from '../../shared/key-record/record.ts';
import { at } from '../control-plane/admin-client.ts';
import { certificateOf, DAY, pkcs8, rsa } from '../support/keys.ts';
import { mergePatch } from '../support/object-store.ts';
import { kubeseal, type Ran, type RunOptions } from '../support/run.ts';
import { refused, ScriptedApi, type Asked, type Reply } from '../support/scripted-api.ts';
import { sealedSecret } from '../support/sealed.ts';

/** The namespace of the controller. */
export const NAMESPACE = 'keys-here';
/** When key Secrets were created, as the API server writes it. */
export const CREATED = '2026-01-02T03:04:05Z';

const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const RECORD = `/api/v1/namespaces/${NAMESPACE}/configmaps/sealed-secrets-keys`;
const SEALED = '/apis/bitnami.com/v1alpha1/sealedsecrets';

/** A sealing key of the test, which seals. */
export interface TestKey {
  readonly name: string;
  readonly certificate: Certificate;
  readonly secret: object;
}

/** Returns a key whose certificate became valid some days ago, for 100 days. No label means a key of old releases. */
export async function testKey(name: string, label: string | undefined, days: number): Promise<TestKey> {
  const key = rsa();
  const validity = { notBefore: new Date(Date.now() - days * DAY), validity: 100 * DAY };
  const certificate = parseCertificate(await certificateOf(key, validity), name);
  const labels = label === undefined ? {} : { labels: { [SEALING_KEY_LABEL]: label } };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const metadata = {
    name,
    namespace: NAMESPACE,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: CREATED,
  };
  return {
    name,
    certificate,
    secret: {
      metadata: { ...metadata, ...labels },
      data: { 'tls.crt': base64(certificate.pem), 'tls.key': base64(pkcs8(key)) },
    },
  };
}

/** What an object of the test says about its key: nothing, by the annotation, or by the status of the controller. */
export type Saying = 'nothing' | 'hint' | 'status';

/** Returns a SealedSecret `NAMESPACE/NAME` as the cluster, or without its status a file, has it. */
export function testObject(path: string, key: TestKey, saying: Saying, named = key): object {
  const [namespace = '', name = ''] = path.split('/');
  const { metadata, ...rest } = sealedSecret(
    key.certificate,
    { namespace, name },
    { item: `value of ${path}` },
  );
  const { fingerprint } = named.certificate;
  const hint = saying === 'hint' ? { [SEALING_KEY]: fingerprint } : {};
  const server = { uid: path, resourceVersion: '1', generation: 2 };
  const applied = { sealedSecretUID: path, generation: 2, keys: [fingerprint] };
  return {
    ...rest,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...hint }, ...server },
    ...(saying === 'status' ? { status: { observedGeneration: 2, applied } } : {}),
  };
}

/** The API server of a cluster with sealing keys: of the requests, it answers those that `kubeseal keys` sends. */
export class KeyCluster {
  readonly keys = new Map<string, TestKey>();
  sealed: readonly object[] = [];
  /** The key record; undefined if the controller writes none. */
  record: object | undefined;
  /** When the Secrets were created, as the record says. */
  created = new Date(CREATED);
  /** What RBAC refuses, as `METHOD PATH`. */
  refuses: (line: string) => boolean = () => false;
  /** Acts before a request is answered; a reply replaces the server's own. */
  interrupt: (asked: Asked) => Reply | undefined = () => undefined;
  readonly writes: Asked[] = [];
  readonly #secrets = new Map<string, object>();
  #api: ScriptedApi | undefined;
  #version = 1;

  constructor() {
    before(async () => (this.#api = await ScriptedApi.start((asked) => this.#answer(asked))));
    after(() => this.#api?.stop());
  }

  /** The address of the API server. */
  get url(): string {
    return this.#api?.api.transport.connection.server ?? '';
  }

  /** Starts over with these keys, and without a record. */
  reset(...keys: readonly TestKey[]): void {
    this.#secrets.clear();
    for (const { name, secret } of keys) this.#secrets.set(name, secret);
    this.sealed = [];
    this.record = undefined;
    this.created = new Date(CREATED);
    this.refuses = () => false;
    this.interrupt = () => undefined;
    this.writes.length = 0;
  }

  /** Changes the Secret of a key, as someone else does. */
  change(name: string, patch: object): void {
    const patched = this.#one({ method: 'PATCH', body: patch }, this.#secrets.get(name));
    if (patched !== undefined) this.#secrets.set(name, patched);
  }

  /** Returns the label of a key. */
  labelOf(name: string): unknown {
    return at(this.#secrets.get(name), 'metadata', 'labels', SEALING_KEY_LABEL);
  }

  /** Adds a key, as the controller does. */
  add({ name, secret }: TestKey): void {
    this.#secrets.set(name, secret);
  }

  /** Sets the record as the controller writes it, newest key first. */
  setRecord(
    keys: readonly (readonly [TestKey, KeyState, number | undefined])[],
    data: Readonly<Record<string, string>> = {},
  ): void {
    const recorded = keys.map(([{ name, certificate }, state, objects]): RecordedKey => ({
      name,
      fingerprint: certificate.fingerprint,
      created: this.created,
      state,
      objects,
      certificate,
    }));
    const metadata = { ...asObject(at(this.record, 'metadata')), ...this.#metadata('sealed-secrets-keys') };
    this.record = { metadata, data: { ...keyItems(recorded), ...data } };
  }

  /** When a new key was requested, as the record says. */
  get requested(): string {
    const requested = at(this.record, 'metadata', 'annotations', RENEW_REQUESTED_AT);
    return typeof requested === 'string' ? requested : '';
  }

  /** Runs `kubeseal keys ARGS` against the cluster. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return kubeseal(['keys', ...args, '--server', this.url, '--controller-namespace', NAMESPACE], options);
  }

  #metadata(name: string): object {
    return { name, namespace: NAMESPACE, uid: name, resourceVersion: String(++this.#version) };
  }

  #answer(asked: Asked): Reply {
    const { method, path, query } = asked;
    if (method !== 'GET') this.writes.push(asked);
    const scripted = this.interrupt(asked);
    if (scripted !== undefined) return scripted;
    if (this.refuses(`${method} ${path}`)) return refused(403, 'Forbidden', { message: 'canary' });
    if (path === SECRETS) {
      const selected = [...this.#secrets.values()].filter(
        (secret) => at(secret, 'metadata', 'labels', query.get('labelSelector') ?? '') !== undefined,
      );
      return list('SecretList', selected);
    }
    if (path === SEALED) return list('SealedSecretList', this.sealed);
    if (path === RECORD) {
      if (isOutdated(asked, this.record)) return refused(409, 'Conflict');
      const patched = this.#one(asked, this.record);
      if (patched !== undefined) this.record = patched;
      return replyWith(patched);
    }
    if (!path.startsWith(`${SECRETS}/`)) return refused(404, 'NotFound');
    const name = path.slice(SECRETS.length + 1);
    const stored = this.#secrets.get(name);
    if (isOutdated(asked, stored)) return refused(409, 'Conflict');
    const patched = this.#one(asked, stored);
    if (patched !== undefined) this.#secrets.set(name, patched);
    return replyWith(patched);
  }

  /** Returns the object, after the patch if the request is one. */
  #one({ method, body }: Pick<Asked, 'method' | 'body'>, stored: object | undefined): object | undefined {
    if (method !== 'PATCH' || stored === undefined) return stored;
    const patched = asObject(mergePatch(stored, body));
    const metadata = { ...asObject(at(patched, 'metadata')), resourceVersion: String(++this.#version) };
    return { ...patched, metadata };
  }
}

/** Whether a patch is for another version than the stored one. */
function isOutdated({ method, body }: Asked, stored: object | undefined): boolean {
  const version = at(body, 'metadata', 'resourceVersion');
  return method === 'PATCH' && version !== undefined && version !== at(stored, 'metadata', 'resourceVersion');
}

function replyWith(object: object | undefined): Reply {
  return object === undefined ? refused(404, 'NotFound') : { status: 200, body: object };
}

function list(kind: string, items: readonly object[]): Reply {
  return { status: 200, body: { kind, metadata: { resourceVersion: '1' }, items } };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Returns the cells of a table, without its header. */
export function cellsOf(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {3,}/));
}
