import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { afterEach, suite, test } from 'node:test';
import type { Fingerprint } from '../../../shared/crypto/fingerprint.ts';
import { parseConfigMap } from '../../../shared/api/config-map.ts';
import { SEALING_KEY_LABEL } from '../../../shared/api/annotations.ts';
import { readKeyRecord, type KeyRecord } from '../../../shared/key-record/record.ts';
import { KeyLoader } from '../../../controller/keys/key-loader.ts';
import { KeyRecordWatch } from '../../../controller/keys/key-record.ts';
import { KeyRecordWriter } from '../../../controller/keys/key-record-writer.ts';
import { SealingKeys } from '../../../controller/keys/sealing-keys.ts';
import type { Log } from '../../../controller/log/log.ts';
import { at } from '../../control-plane/admin-client.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ACTIVE, keyItems, keySecret } from '../../support/key-secret.ts';
import { KEY_OPTIONS } from '../../support/key-rig.ts';
import { KeyServer } from '../../support/key-server.ts';
import { DAY } from '../../support/keys.ts';
import { refused } from '../../support/scripted-api.ts';

const REF = { namespace: 'kube-system', name: 'sealed-secrets-keys' };
const MINUTE = 60_000;
const BACKUPS = '{"version":1,"keys":{}}';

/** A writer of the key record on a fake clock, and the keys that it records. */
class Rig {
  readonly clock: FakeClock;
  readonly server: KeyServer;
  readonly keys: SealingKeys;
  readonly record: KeyRecordWatch;
  readonly logged: string[] = [];
  counts: Map<Fingerprint, number> | undefined;
  readonly #writer: KeyRecordWriter;
  readonly #loader: KeyLoader;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(clock: FakeClock, server: KeyServer) {
    this.clock = clock;
    this.server = server;
    this.keys = new SealingKeys('CertNotBefore', clock);
    const note = (message: string, fields: object = {}): void =>
      void this.logged.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = { info: note, warn: note, error: note };
    const { api } = server.scripted;
    const context = { api, keys: this.keys, options: KEY_OPTIONS, clock, log };
    this.#loader = new KeyLoader(context);
    this.record = new KeyRecordWatch({ ref: REF, log, onChange: () => this.#writer.recordChanged() });
    this.#writer = new KeyRecordWriter({ ...context, record: this.record, counts: () => this.counts });
    setMaxListeners(0, this.#stop.signal);
  }

  /** Begins a term, with keys that are loaded and a record that was listed. */
  async run(): Promise<this> {
    this.record.caughtUp();
    await this.load();
    this.#running = this.#writer.run(this.#stop.signal);
    await this.settled();
    return this;
  }

  /** Loads the keys again, as when their Secrets have changed. */
  async load(): Promise<void> {
    const { keys } = await this.#loader.load(this.#stop.signal);
    this.keys.replace(keys);
    this.#writer.keysLoaded();
    await this.settled();
  }

  async settled(): Promise<void> {
    if (this.#running === undefined) return;
    await new Promise((resolve) => setImmediate(resolve));
    await this.clock.sleeping();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    await this.settled();
  }

  /** Delivers the record to the watch, as the API server does after each change. */
  async deliver(): Promise<void> {
    const object = this.stored;
    if (object === undefined) this.record.gone();
    else this.record.seen(parseConfigMap(object, { source: 'test' }));
    await this.settled();
  }

  get stored(): unknown {
    return this.server.scripted.get('configmaps', REF);
  }

  /** What the record in the cluster says. */
  get read(): KeyRecord {
    return readKeyRecord(parseConfigMap(this.stored, { source: 'test' }));
  }

  /** `NAME STATE OBJECTS` of each recorded key. */
  get shown(): string[] {
    const keys = this.read.keys?.keys ?? [];
    return keys.map(({ name, state, objects }) => `${name} ${state} ${objects ?? '-'}`);
  }

  /** The writes of the record so far, as methods. */
  get writes(): string[] {
    return this.server.scripted.writes
      .filter(({ path }) => path.includes('configmaps'))
      .map(({ method }) => method);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

const open: (Rig | KeyServer)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

async function rig(...names: readonly string[]): Promise<Rig> {
  const clock = new FakeClock();
  const server = await KeyServer.start(clock);
  const made = new Rig(clock, server);
  open.push(server, made);
  let days = names.length;
  for (const name of names) await bring(made, name, days--);
  return made;
}

/** Puts a key Secret whose certificate is valid from `days` before the start of the clock. */
async function bring({ server }: Rig, name: string, days: number, metadata?: object): Promise<void> {
  const notBefore = new Date(new FakeClock().now().getTime() - days * DAY);
  server.put(keySecret(name, await keyItems({ notBefore, validity: 3650 * DAY }), metadata));
}

function fingerprintOf({ keys }: Rig, name: string): Fingerprint {
  const key = keys.all.find(({ secretName }) => secretName === name);
  return key?.key.fingerprint ?? assert.fail(`no key ${name}`);
}

suite('the key record', () => {
  test('is created with all keys, newest first, and the certificate that seals', async () => {
    const made = await rig('a', 'b');
    made.server.put(keySecret('c', await keyItems(), { labels: { [SEALING_KEY_LABEL]: 'retired' } }));
    await bring(made, 'd', 10, { labels: { [SEALING_KEY_LABEL]: 'compromised' } });
    await made.run();
    assert.deepEqual(made.shown, ['c retired -', 'b newest -', 'a active -', 'd compromised -']);
    assert.equal(made.read.certificate?.pem, made.keys.certificate?.pem);
    assert.deepEqual(made.read.problems, []);
    assert.deepEqual(made.writes, ['PATCH', 'POST']);
    assert.deepEqual(made.logged, ['key record written {"record":"kube-system/sealed-secrets-keys"}']);
  });

  test('has nothing that is private', async () => {
    const made = await rig('a');
    await bring(made, 'b', 10, { labels: { [SEALING_KEY_LABEL]: 'retired' } });
    await made.run();
    assert.doesNotMatch(JSON.stringify(made.stored), /PRIVATE KEY/);
  });

  test('is written at once when a key comes, is retired, or goes', async () => {
    const made = await (await rig('a', 'b')).run();
    await bring(made, 'c', 0);
    await made.load();
    assert.deepEqual(made.shown, ['c newest -', 'b active -', 'a active -']);
    made.server.relabel('b', { [SEALING_KEY_LABEL]: 'retired' });
    await made.load();
    assert.deepEqual(made.shown, ['c newest -', 'b retired -', 'a active -']);
    made.server.relabel('b', { [SEALING_KEY_LABEL]: 'compromised' });
    made.server.secrets.delete('a');
    await made.load();
    assert.deepEqual(made.shown, ['c newest -', 'b compromised -']);
    assert.deepEqual(made.writes, ['PATCH', 'POST', 'PATCH', 'PATCH', 'PATCH']);
  });

  test('says no newest key if there is none', async () => {
    const made = await (await rig('a')).run();
    made.server.relabel('a', { [SEALING_KEY_LABEL]: 'retired' });
    await made.load();
    assert.deepEqual(made.shown, ['a retired -']);
    assert.equal(made.read.certificate, undefined);
  });

  test('has the counts as soon as they are known, and new ones at most once a minute', async () => {
    const made = await (await rig('a')).run();
    assert.deepEqual(made.shown, ['a newest -']);
    made.counts = new Map();
    await made.pass(1_000);
    assert.deepEqual(made.shown, ['a newest 0']);
    made.counts = new Map([[fingerprintOf(made, 'a'), 7]]);
    await made.pass(MINUTE - 1);
    assert.deepEqual(made.shown, ['a newest 0']);
    await made.pass(1);
    assert.deepEqual(made.shown, ['a newest 7']);
    const { writes } = made;
    await made.pass(10 * MINUTE);
    assert.deepEqual(made.writes, writes, 'nothing has changed');
  });

  test('keeps what kubeseal has written', async () => {
    const made = await (await rig('a')).run();
    const annotations = { note: 'x' };
    made.server.scripted.change('configmaps', REF, {
      metadata: { annotations },
      data: { 'backups.json': BACKUPS, other: 'y' },
    });
    await made.deliver();
    await bring(made, 'b', 0);
    await made.load();
    assert.equal(made.shown.length, 2);
    assert.equal(at(made.stored, 'data', 'backups.json'), BACKUPS);
    assert.equal(at(made.stored, 'data', 'other'), 'y');
    assert.deepEqual(at(made.stored, 'metadata', 'annotations'), annotations);
  });

  test('comes back when it is deleted or changed by others, with pauses', async () => {
    const made = await (await rig('a')).run();
    for (const harm of [
      () => made.server.scripted.delete('configmaps', REF),
      () => made.server.scripted.change('configmaps', REF, { data: { 'keys.json': 'x', 'cert.pem': null } }),
    ]) {
      harm();
      await made.deliver();
      const { writes } = made;
      await made.pass(9_999);
      assert.deepEqual(made.writes, writes, 'it waits');
      await made.pass(1);
      assert.deepEqual(made.shown, ['a newest -']);
    }
  });

  test('is as it should be for a leader that was restarted', async () => {
    const made = await (await rig('a')).run();
    const { writes } = made;
    await made.stop();
    const next = new Rig(made.clock, made.server);
    open.push(next);
    await next.deliver();
    await next.run();
    assert.deepEqual(next.writes, writes);
  });

  test('that may not be written is said once, and tried again now and then', async () => {
    const made = await rig('a');
    let isForbidden = true;
    made.server.fault = ({ path }) =>
      isForbidden && path.includes('configmaps') ? refused(403, 'Forbidden') : undefined;
    await made.run();
    assert.equal(made.logged.length, 1);
    assert.match(made.logged[0] ?? '', /^not allowed to write the key record; doing without it/);
    for (let i = 0; i < 20; i++) await made.pass(5 * MINUTE);
    assert.equal(made.logged.length, 1);
    assert.ok(made.writes.length <= 25, String(made.writes.length));
    isForbidden = false;
    await made.pass(5 * MINUTE);
    assert.deepEqual(made.shown, ['a newest -']);
  });

  test('is written after failures', async () => {
    const made = await rig('a');
    const faults = [refused(500, 'InternalError'), refused(409, 'Conflict'), 'lost' as const];
    made.server.fault = ({ path, method }) =>
      method !== 'GET' && path.includes('configmaps') ? faults.shift() : undefined;
    await made.run();
    for (let i = 0; i < 5; i++) await made.pass(MINUTE);
    assert.deepEqual(made.shown, ['a newest -']);
    assert.deepEqual(faults, []);
  });

  test('without the list of unused keys is not written: they must not vanish from it', async () => {
    const made = await rig('a');
    made.server.relabel('a', ACTIVE);
    let fails = false;
    made.server.fault = ({ query }) =>
      fails && query.get('labelSelector')?.endsWith('=retired') ? refused(500, 'InternalError') : undefined;
    await made.run();
    const { writes } = made;
    fails = true;
    await bring(made, 'b', 0);
    await made.load();
    assert.deepEqual(made.writes, writes);
    fails = false;
    await made.pass(MINUTE);
    assert.equal(made.shown.length, 2);
  });
});

suite('what others wrote into the key record', () => {
  test('is read: verified backups and a request', async () => {
    const made = await rig('a');
    assert.equal(made.record.backups, undefined, 'unknown before the first list');
    await made.run();
    assert.deepEqual(made.record.backups, new Map());
    const fingerprint = fingerprintOf(made, 'a');
    const verified = '2026-01-01T00:00:00Z';
    made.server.scripted.change('configmaps', REF, {
      metadata: { annotations: { 'sealedsecrets.bitnami.com/renew-requested-at': verified } },
      data: { 'backups.json': JSON.stringify({ version: 1, keys: { [fingerprint]: { verified } } }) },
    });
    await made.deliver();
    assert.deepEqual(made.record.backups, new Map([[fingerprint, new Date(verified)]]));
    assert.deepEqual(made.record.renewRequestedAt, new Date(verified));
    made.server.scripted.delete('configmaps', REF);
    await made.deliver();
    assert.deepEqual(made.record.backups, new Map());
    assert.equal(made.record.renewRequestedAt, undefined);
  });

  test('counts as absent if it is malformed, which is said once for each problem', async () => {
    const made = await (await rig('a')).run();
    made.logged.length = 0;
    made.server.scripted.change('configmaps', REF, {
      metadata: { annotations: { 'sealedsecrets.bitnami.com/renew-requested-at': 'hunter2' } },
      data: { 'backups.json': 'hunter2' },
    });
    for (let i = 0; i < 3; i++) await made.deliver();
    assert.deepEqual(made.record.backups, new Map());
    assert.equal(made.record.renewRequestedAt, undefined);
    assert.equal(made.logged.length, 2);
    for (const line of made.logged) assert.match(line, /^ignoring a malformed part of the key record/);
    assert.doesNotMatch(made.logged.join('\n'), /hunter2/);
  });
});
