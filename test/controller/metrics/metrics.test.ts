import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Metrics } from '../../../controller/metrics/metrics.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { VerifiedBackups } from '../../../shared/key-record/record.ts';
import { SealingKeys } from '../../../controller/keys/sealing-keys.ts';
import type { Metadata } from '../../../shared/api/metadata.ts';
import type { Condition } from '../../../shared/api/status.ts';
import { version } from '../../../shared/version.ts';
import { readExposition, samplesOf, type Sample } from '../../support/exposition.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { sealingPair } from '../../support/keys.ts';
import { metadata } from '../../support/objects.ts';
import { PACKAGE } from '../../support/package.ts';
import { until } from '../../control-plane/until.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

const PREFIX = 'sealed_secrets_controller_';
const REF = { namespace: 'ns', name: 'db' };

function made(metricsOmitSecretLabels = false, clock = new FakeClock()): Metrics {
  const metrics = new Metrics({ metricsOmitSecretLabels }, clock);
  metrics.exposeLeader({ isLeader: true, terms: 1 });
  return metrics;
}

/** When a condition failed, and why. */
const FAILED = { lastTransitionTime: '1970-01-01T00:01:00Z', reason: 'NoKey' };
/** The state of keys that are not renewed. */
const NO_RECORD = { backups: undefined };
const NEVER = { renewalDue: undefined };

function synced(status: string, parts: Partial<Condition> = {}): Condition[] {
  const condition = { lastUpdateTime: '', lastTransitionTime: '', reason: 'Unsealed', message: '' };
  return [
    { type: 'Synced', status, ...condition, ...parts },
    { type: 'Stalled', status: 'True', ...condition },
  ];
}

/** Records a reconcile and its condition. */
function tell({ sealedSecrets }: Metrics, object: Metadata, conditions: readonly Condition[]): void {
  sealedSecrets.began(object);
  sealedSecrets.setConditions(object, conditions);
}

async function samples(
  metrics: Metrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly Sample[]> {
  return samplesOf(await metrics.exposition(), PREFIX + name, labels);
}

async function conditions(metrics: Metrics): Promise<unknown[]> {
  return (await samples(metrics, 'condition_info')).map(({ labels, value }) => [
    ...Object.values(labels),
    value,
  ]);
}

const nameSeed = Buffer.alloc(0);

/** Runs V8's garbage collector, which is only reachable with a flag. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

/** Returns metrics in which every series has a value. */
async function used(): Promise<Metrics> {
  const clock = new FakeClock(new Date().toISOString());
  const metrics = made(false, clock);
  const { key, certificate } = await sealingPair();
  const keys = new SealingKeys('CertNotBefore', clock);
  keys.replace([{ secretName: 'key', created: undefined, key, certificate, nameSeed }]);
  metrics.exposeState({
    queue: new WorkQueue(clock),
    keys,
    renewal: { renewalDue: clock.now() },
    record: { backups: new Map() },
  });
  metrics.sealedSecrets.began(REF);
  metrics.sealedSecrets.opened(REF, [key.fingerprint]);
  metrics.sealedSecrets.setConditions(metadata(), synced('False', FAILED));
  metrics.sealedSecrets.observeReconcile(1, 'never');
  metrics.requests.observe({ path: '/v1/verify', method: 'POST', code: 409, seconds: 0.1 });
  metrics.requests.sent({ method: 'GET', path: '/api/v1/namespaces/ns/secrets/db' }, 200);
  metrics.requests.cut('slow_reader');
  metrics.watches.observer('secrets');
  return metrics;
}

/** The rows of the table in the documentation: name, type and labels of each metric. */
function documented(): string[] {
  const text = readFileSync(join(PACKAGE, 'docs', 'controller.md'), 'utf8');
  const rows = text.matchAll(/^\| `([a-z_0-9]+)` +\| (counter|gauge|histogram|summary) +\| ([^|]*) \|/gm);
  return [...rows].map(([, name = '', type = '', labels = '']) => {
    const full = /^(process|nodejs)_/.test(name) ? name : PREFIX + name;
    return `${full} ${type} ${[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(' ')}`.trim();
  });
}

/** What the exposition holds: name, type and labels of each metric, as its series have them. */
function exposed(text: string): string[] {
  const { types, samples: all } = readExposition(text);
  return [...types].map(([name, type]) => {
    const parts = new Set([name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
    const labels = all.filter((each) => parts.has(each.name)).flatMap((each) => Object.keys(each.labels));
    const own = [...new Set(labels)].filter((label) => label !== 'le');
    return `${name} ${type} ${own.join(' ')}`.trim();
  });
}

suite('the metrics', () => {
  test('are those of the documentation, with its types and labels, and no others', async () => {
    const list = documented();
    assert.ok(list.length > 25);
    const metrics = await used();
    // The histogram of garbage collections has its label once one has been observed.
    collectGarbage();
    const page = await until('a garbage collection', async () => {
      const text = await metrics.exposition();
      return text.includes('nodejs_gc_duration_seconds_count{kind=') ? text : undefined;
    });
    assert.deepEqual(exposed(page).sort(), list.sort());
  });

  test('show the version', async () => {
    assert.deepEqual(await samples(made(), 'build_info'), [
      { name: `${PREFIX}build_info`, labels: { revision: version() }, value: 1 },
    ]);
  });

  test('start at zero', async () => {
    const metrics = made();
    assert.deepEqual(
      (await samples(metrics, 'unseal_errors_total')).map(({ labels, value }) => [labels['reason'], value]),
      ['fetch', 'unseal', 'unmanaged', 'update', 'status'].map((reason) => [reason, 0]),
    );
    assert.equal((await samples(metrics, 'unseal_requests_total'))[0]?.value, 0);
  });

  test('are written once for concurrent scrapes', async () => {
    const metrics = made();
    const [a, b] = [metrics.exposition(), metrics.exposition()];
    assert.equal(a, b);
    await a;
    assert.notEqual(metrics.exposition(), a);
  });
});

suite('the series of a SealedSecret', () => {
  test('follow its condition: 1, 0 and -1', async () => {
    const metrics = made();
    for (const [status, value] of [
      ['True', 1],
      ['Unknown', 0],
      ['False', -1],
    ] as const) {
      tell(metrics, metadata(), synced(status));
      assert.deepEqual(await conditions(metrics), [['ns', 'db', 'Synced', '', value]]);
    }
  });

  test('are removed with it, and with the value of its instance label', async () => {
    const metrics = made();
    const label = (value: string): { labels: Record<string, string> } => ({
      labels: { 'app.kubernetes.io/instance': value },
    });
    tell(metrics, metadata(label('one')), synced('True'));
    tell(metrics, metadata({ name: 'other' }), synced('True'));
    tell(metrics, metadata(label('two')), synced('True'));
    assert.deepEqual(await conditions(metrics), [
      ['ns', 'other', 'Synced', '', 1],
      ['ns', 'db', 'Synced', 'two', 1],
    ]);
    metrics.sealedSecrets.forget(REF);
    assert.deepEqual(await conditions(metrics), [['ns', 'other', 'Synced', '', 1]]);
  });

  test('do not reappear with a late status', async () => {
    const metrics = made();
    tell(metrics, metadata(), synced('True'));
    metrics.sealedSecrets.forget(REF);
    metrics.sealedSecrets.setConditions(metadata(), synced('Unknown'));
    assert.deepEqual(await conditions(metrics), []);
  });

  test('of its namespace are removed with the last one in it', async () => {
    const metrics = made();
    const inNamespace = (): Promise<readonly Sample[]> =>
      samples(metrics, 'unseal_errors_total', { namespace: 'ns' });
    metrics.sealedSecrets.failed(REF, 'unseal');
    metrics.sealedSecrets.failed({ ...REF, name: 'other' }, 'unseal');
    metrics.sealedSecrets.failed({ ...REF, namespace: 'far' }, 'update');
    metrics.sealedSecrets.forget(REF);
    assert.deepEqual(
      (await inNamespace()).map(({ value }) => value),
      [2],
    );
    metrics.sealedSecrets.forget({ ...REF, name: 'other' });
    assert.deepEqual(await inNamespace(), []);
    assert.equal((await samples(metrics, 'unseal_errors_total', { namespace: 'far' })).length, 1);
  });

  test('are left out when --metrics-omit-secret-labels is set', async () => {
    const metrics = made(true);
    tell(metrics, metadata(), synced('True'));
    assert.doesNotMatch(await metrics.exposition(), /condition_info/);
  });

  test('cannot be forged by names', async () => {
    const metrics = made();
    const hostile = 'a"} 1\nforged{x="\\\r\u001b[2J\u202e\u2028\u0085';
    metrics.sealedSecrets.failed({ namespace: hostile, name: hostile }, 'unseal');
    tell(metrics, metadata({ name: hostile, namespace: hostile }), synced('True'));
    const text = await metrics.exposition();
    // Every line can be read, and none is forged.
    assert.ok(
      readExposition(text).samples.every(({ name }) => /^(sealed_secrets|process|nodejs)_/.test(name)),
    );
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    metrics.sealedSecrets.forget({ namespace: hostile, name: hostile });
    assert.doesNotMatch(await metrics.exposition(), /forged/);
  });

  test('show by which key they were opened last', async () => {
    const metrics = made();
    const [one, two] = [(await sealingPair()).key.fingerprint, (await sealingPair()).key.fingerprint];
    const counts = async (): Promise<unknown> =>
      Object.fromEntries(
        (await samples(metrics, 'key_objects')).map(({ labels, value }) => [labels['fingerprint'], value]),
      );
    metrics.sealedSecrets.opened(REF, [one, two]);
    metrics.sealedSecrets.opened({ ...REF, name: 'other' }, [one]);
    assert.deepEqual(await counts(), { [one]: 2, [two]: 1 });
    metrics.sealedSecrets.opened(REF, [two]);
    metrics.sealedSecrets.forget({ ...REF, name: 'other' });
    assert.deepEqual(await counts(), { [two]: 1 });
  });

  test('count the templates that failed, whatever the cause', async () => {
    const metrics = made();
    metrics.sealedSecrets.opened(
      REF,
      [],
      [
        { code: 'Template', item: 'a', message: '' },
        { code: 'NoKey', item: 'b' },
        { code: 'Template', item: 'c', message: '' },
      ],
    );
    // No label says why: that depends on decrypted values.
    assert.deepEqual(
      (await samples(metrics, 'template_failures_total')).map(({ labels, value }) => [labels, value]),
      [[{}, 2]],
    );
  });
});

suite('the metrics that count SealedSecrets', () => {
  const counts = async (metrics: Metrics): Promise<unknown> =>
    (await samples(metrics, 'sealed_secrets')).map(({ labels, value }) => [...Object.values(labels), value]);
  const since = async (metrics: Metrics): Promise<unknown> =>
    (await samples(metrics, 'unsynced_since_timestamp_seconds')).map(({ labels, value }) => [
      labels['namespace'],
      value,
    ]);

  for (const omitted of [false, true]) {
    test(`follow the conditions, with --metrics-omit-secret-labels=${omitted}`, async () => {
      const metrics = made(omitted);
      tell(metrics, metadata(), synced('True'));
      tell(metrics, metadata({ name: 'one' }), synced('False', FAILED));
      tell(
        metrics,
        metadata({ name: 'two' }),
        synced('False', { ...FAILED, lastTransitionTime: '1970-01-01T00:00:30Z' }),
      );
      tell(
        metrics,
        metadata({ name: 'far', namespace: 'far' }),
        synced('Unknown', { ...FAILED, reason: 'Processing' }),
      );
      assert.deepEqual(await counts(metrics), [
        ['ns', 'True', 'Unsealed', 1],
        ['ns', 'False', 'NoKey', 2],
        ['far', 'Unknown', 'Processing', 1],
      ]);
      assert.deepEqual(await since(metrics), [
        ['ns', 30],
        ['far', 60],
      ]);
      for (const name of ['one', 'two']) tell(metrics, metadata({ name }), synced('True'));
      metrics.sealedSecrets.forget({ namespace: 'far', name: 'far' });
      assert.deepEqual(await counts(metrics), [['ns', 'True', 'Unsealed', 3]]);
      assert.deepEqual(await since(metrics), []);
    });
  }

  test('have few label values, whatever others write into a status', async () => {
    const metrics = made();
    const reasons = ['Unsealed', 'mine', 'x"} 1'];
    for (const reason of reasons) {
      tell(metrics, metadata({ name: reason }), synced('False', { reason, lastTransitionTime: 'yesterday' }));
    }
    tell(metrics, metadata({ name: 'status' }), synced('Perhaps'));
    assert.deepEqual(await counts(metrics), [
      ['ns', 'False', 'Unsealed', 1],
      ['ns', 'False', 'other', 2],
    ]);
    assert.deepEqual(await since(metrics), []);
  });

  test('are only from the leader', async () => {
    const metrics = made();
    tell(metrics, metadata(), synced('False', FAILED));
    metrics.exposeLeader({ isLeader: false, terms: 1 });
    assert.doesNotMatch(await metrics.exposition(), /controller_sealed_secrets\{|unsynced_since/);
  });
});

suite('the metrics of requests', () => {
  test('have three paths, and one label value for unknown methods', async () => {
    const all = made();
    for (const path of ['/v1/rotate', '/healthz', '/v1/rotate/', '/../../etc', '/v1/x"\n']) {
      for (const method of ['GET', 'POST', 'PROPFIND', 'M-SEARCH'])
        all.requests.observe({ path, method, code: 200, seconds: 0.01 });
    }
    const seen = await samples(all, 'http_requests_total');
    assert.deepEqual([...new Set(seen.map(({ labels }) => labels['path']))], ['/v1/rotate']);
    assert.deepEqual([...new Set(seen.map(({ labels }) => labels['method']))], ['get', 'post', 'other']);
    assert.deepEqual(
      (await samples(all, 'http_request_duration_seconds_count', { method: 'other' })).map(
        ({ value }) => value,
      ),
      [2],
    );
  });

  test('use the verbs of RBAC for those to the API server', async () => {
    const metrics = made();
    const path = '/apis/bitnami.com/v1alpha1/sealedsecrets';
    for (const [method, query, code] of [
      ['GET', '/db', 404],
      ['GET', '?limit=500', 200],
      ['GET', '?watch=true&resourceVersion=1', 200],
      ['POST', '', 201],
      ['PUT', '/db/status', 409],
      ['DELETE', '/db', 200],
      ['GET', '/db', undefined],
    ] as const) {
      metrics.requests.sent({ method, path: path + query }, code);
    }
    assert.deepEqual(
      (await samples(metrics, 'api_requests_total')).map(
        ({ labels }) => `${labels['verb']} ${labels['code']}`,
      ),
      ['get 404', 'list 200', 'watch 200', 'create 201', 'update 409', 'delete 200', 'get <error>'],
    );
  });
});

suite('the metrics of the current state', () => {
  test('show how many wait in each lane, and for how long the oldest one has waited', async () => {
    const clock = new FakeClock();
    const metrics = made(false, clock);
    const queue = new WorkQueue(clock);
    metrics.exposeState({
      queue,
      keys: new SealingKeys('CertNotBefore', clock),
      renewal: NEVER,
      record: NO_RECORD,
    });
    const depths = async (): Promise<unknown> =>
      Object.fromEntries(
        (await samples(metrics, 'queue_depth')).map(({ labels, value }) => [labels['lane'], value]),
      );
    const oldest = async (): Promise<number | undefined> =>
      (await samples(metrics, 'queue_oldest_age_seconds'))[0]?.value;
    assert.equal(await oldest(), 0);
    queue.add({ namespace: 'ns', name: 'a' }, 'low');
    await clock.pass(2_000);
    queue.add({ namespace: 'ns', name: 'b' }, 'high');
    queue.add({ namespace: 'ns', name: 'c' }, 'retry', 60_000);
    assert.deepEqual(await depths(), { fresh: 1, retry: 0, backlog: 1, delayed: 1 });
    await clock.pass(3_000);
    assert.equal(await oldest(), 5);
    // It does not become younger by getting another priority.
    queue.add({ namespace: 'ns', name: 'a' }, 'high');
    assert.equal(await oldest(), 5);
    const { signal } = new AbortController();
    const taken = [await queue.take(signal), await queue.take(signal)];
    assert.deepEqual(taken.map(({ name }) => name).sort(), ['a', 'b']);
    assert.equal(await oldest(), 0);
    queue.close();
  });

  test('show when a backup with each key was verified, if that can be known', async () => {
    const clock = new FakeClock();
    const metrics = made(false, clock);
    const keys = new SealingKeys('CertNotBefore', clock);
    const [{ key, certificate }, other, gone] = [
      await sealingPair(),
      await sealingPair(),
      await sealingPair(),
    ];
    const rest = { created: undefined, nameSeed };
    keys.replace([
      { secretName: 'a', key, certificate, ...rest },
      { secretName: 'b', ...other, ...rest },
    ]);
    const record: { backups: VerifiedBackups | undefined } = { backups: undefined };
    metrics.exposeState({ queue: new WorkQueue(clock), keys, renewal: NEVER, record });
    const shown = async (): Promise<unknown> =>
      new Map(
        (await samples(metrics, 'key_backup_verified_timestamp_seconds')).map(({ labels, value }) => [
          labels['fingerprint'],
          value,
        ]),
      );
    assert.deepEqual(await shown(), new Map());
    record.backups = new Map([
      [key.fingerprint, new Date(5_000)],
      [gone.key.fingerprint, new Date(6_000)],
    ]);
    const expected = [
      [key.fingerprint, 5],
      [other.key.fingerprint, 0],
    ] as const;
    assert.deepEqual(await shown(), new Map(expected));
    record.backups = undefined;
    assert.deepEqual(await shown(), new Map());
  });

  test('show when each key is valid, and whether it seals', async () => {
    const clock = new FakeClock(new Date().toISOString());
    const metrics = made(false, clock);
    const keys = new SealingKeys('CertNotBefore', clock);
    const renewal: { renewalDue: Date | undefined } = { renewalDue: new Date(5_000) };
    metrics.exposeState({ queue: new WorkQueue(clock), keys, renewal, record: NO_RECORD });
    const [{ key, certificate }, without] = [await sealingPair(), (await sealingPair()).key];
    keys.replace([
      { secretName: 'a', created: undefined, key, certificate, nameSeed },
      {
        secretName: 'b',
        created: undefined,
        key: without,
        certificate: sealFailure({ code: 'KeyMismatch', at: '' }),
        nameSeed,
      },
    ]);
    const { fingerprint } = key;
    const of = async (name: string): Promise<unknown> =>
      (await samples(metrics, name)).map(({ labels, value }) => [...Object.values(labels), value]);
    assert.deepEqual(await of('key_info'), [
      [fingerprint, 'seal', 1],
      [without.fingerprint, 'open', 1],
    ]);
    assert.deepEqual(await of('key_not_before_timestamp_seconds'), [
      [fingerprint, certificate.notBefore.getTime() / 1000],
    ]);
    assert.deepEqual(await of('key_not_after_timestamp_seconds'), [
      [fingerprint, certificate.notAfter.getTime() / 1000],
    ]);
    assert.deepEqual(await of('key_renewal_due_timestamp_seconds'), [[fingerprint, 5]]);
    renewal.renewalDue = undefined;
    assert.deepEqual(await of('key_renewal_due_timestamp_seconds'), []);
    keys.replace([]);
    assert.deepEqual(await of('key_info'), []);
  });

  test('show the age of the last event of the quietest watch', async () => {
    const clock = new FakeClock();
    const metrics = made(false, clock);
    const [one, two] = [metrics.watches.observer('secrets'), metrics.watches.observer('secrets')];
    const ages = async (): Promise<unknown> =>
      (await samples(metrics, 'watch_last_event_age_seconds')).map(({ value }) => value);
    await clock.pass(10_000);
    one.heard();
    assert.deepEqual(await ages(), [10]);
    two.heard();
    await clock.pass(1_000);
    assert.deepEqual(await ages(), [1]);
    one.restarted();
    two.restarted();
    one.listed();
    assert.equal((await samples(metrics, 'watch_restarts_total'))[0]?.value, 2);
    assert.equal((await samples(metrics, 'watch_lists_total'))[0]?.value, 1);
  });

  test('show which watch cannot list, without forbidden ones', async () => {
    const metrics = made();
    const [one, two] = [metrics.watches.observer('secrets'), metrics.watches.observer('secrets')];
    const synced = async (): Promise<unknown> =>
      (await samples(metrics, 'watch_synced')).map(({ value }) => value);
    assert.deepEqual(await synced(), [0]);
    one.listed();
    assert.deepEqual(await synced(), [0]);
    two.listed();
    assert.deepEqual(await synced(), [1]);
    one.listFailed('failed');
    assert.deepEqual(await synced(), [0]);
    one.listFailed('forbidden');
    assert.deepEqual(await synced(), [1]);
    two.listFailed('missing');
    assert.deepEqual(await synced(), [0]);
    two.listFailed('forbidden');
    assert.deepEqual(await synced(), [0], 'a kind that is forbidden everywhere is not synced');
    one.listed();
    assert.deepEqual(await synced(), [1]);
  });

  test('count the objects that are skipped for their size', async () => {
    const metrics = made();
    const observer = metrics.watches.observer('sealedsecrets');
    const skipped = async (): Promise<unknown> =>
      (await samples(metrics, 'watch_skipped_objects_total')).map(({ labels, value }) => [
        labels['watch'],
        value,
      ]);
    assert.deepEqual(await skipped(), [['sealedsecrets', 0]]);
    observer.skipped();
    observer.skipped();
    assert.deepEqual(await skipped(), [['sealedsecrets', 2]]);
  });

  test('count private operations, and the tries of each item', async () => {
    const metrics = made();
    metrics.decryption.tried(1, true);
    metrics.decryption.tried(12, false);
    assert.equal((await samples(metrics, 'private_operations_total'))[0]?.value, 13);
    assert.deepEqual(
      (await samples(metrics, 'item_tries_sum')).map(({ labels, value }) => [labels['opened'], value]),
      [
        ['true', 1],
        ['false', 12],
      ],
    );
  });
});

test('shows a delay of the event loop', async () => {
  const metrics = made();
  // The monitor has to have run before what blocks it, and after.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const end = performance.now() + 400;
  while (performance.now() < end);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const page = readExposition(await metrics.exposition());
  for (const name of ['max', 'mean', 'p50', 'p99']) {
    const value = page.samples.find((each) => each.name === `nodejs_eventloop_lag_${name}_seconds`)?.value;
    assert.ok(value !== undefined && value > (name === 'max' ? 0.2 : 0), `${name}: ${value}`);
  }
  assert.ok(page.samples.every(({ name }) => name.startsWith(PREFIX) || !name.includes('stddev')));
});

test('a replica that is not the leader reports no condition, which the leader does', async () => {
  const metrics = await used();
  const leader = { isLeader: false, terms: 2 };
  metrics.exposeLeader(leader);
  const valueOf = async (name: string): Promise<unknown> =>
    (await samples(metrics, name)).map(({ value }) => value);
  assert.deepEqual(await conditions(metrics), []);
  assert.deepEqual([await valueOf('leader'), await valueOf('leader_transitions_total')], [[0], [2]]);
  assert.equal((await samples(metrics, 'build_info')).length, 1);
  leader.isLeader = true;
  assert.equal((await conditions(metrics)).length, 1);
  assert.deepEqual(await valueOf('leader'), [1]);
});
