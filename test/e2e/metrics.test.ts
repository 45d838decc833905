import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { version } from '../../shared/version.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { ask } from '../support/ask.ts';
import { readExposition, samplesOf, type Sample } from '../support/exposition.ts';
import { Fixture } from '../support/fixture.ts';
import { keyItems, keySecret } from '../support/key-secret.ts';
import { run, type Ran } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';

const PREFIX = 'sealed_secrets_controller_';
const INSTANCE = 'app.kubernetes.io/instance';

/** A path that would forge a line if it were printed unescaped. */
const HOSTILE = encodeURIComponent('x"} 1\nforged 1\u001b[2J');

const fixture = new Fixture({ namespace: 'metrics' });

async function samples(
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly Sample[]> {
  return samplesOf(await fixture.controller.metrics(), PREFIX + name, labels);
}

/** Returns the sum of the series with these labels. */
async function sum(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await samples(name, labels)).reduce((all, { value }) => all + value, 0);
}

/** Waits until the series of a SealedSecret's condition have these values, by instance label. */
async function conditions(ref: Ref, wanted: Readonly<Record<string, number>>): Promise<void> {
  await until(`the series ${JSON.stringify(wanted)} of ${ref.name}`, async () => {
    const series = await samples('condition_info', { namespace: ref.namespace, name: ref.name });
    assert.ok(
      series.every(({ labels }) => labels['condition'] === 'Synced' && Object.keys(labels).length === 4),
    );
    const found = series.map(({ labels, value }) => [labels['ss_app_kubernetes_io_instance'], value]);
    return JSON.stringify(Object.fromEntries(found)) === JSON.stringify(wanted) ? true : undefined;
  });
}

async function seal(name: string, place = fixture.namespace): Promise<Ref> {
  const ref = { namespace: place, name };
  await fixture.cluster.create('sealedsecrets', sealedSecret(fixture.certificate, ref, { a: 'one' }));
  return ref;
}

/** Edits a SealedSecret so that no key opens it. */
async function spoil(ref: Ref): Promise<void> {
  const a = sealedItem(fixture.certificate, { ...ref, name: 'other' }, 'one');
  await fixture.cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a } } });
}

suite('the metrics of a controller', () => {
  test('follow a SealedSecret from its creation to its deletion', async () => {
    const ref = await seal('followed');
    await conditions(ref, { '': 1 });
    await spoil(ref);
    await conditions(ref, { '': -1 });
    await fixture.cluster.change('sealedsecrets', ref, { metadata: { labels: { [INSTANCE]: 'shop' } } });
    await conditions(ref, { shop: -1 });
    await fixture.cluster.change('sealedsecrets', ref, { metadata: { labels: { [INSTANCE]: 'till' } } });
    await conditions(ref, { till: -1 });
    const a = sealedItem(fixture.certificate, ref, 'two');
    await fixture.cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a } } });
    await conditions(ref, { till: 1 });
    await fixture.cluster.delete('sealedsecrets', ref);
    await conditions(ref, {});
  });

  test('count failures by reason, until the last SealedSecret of the namespace is deleted', async () => {
    const place = await fixture.plane.createNamespace('failing');
    const before = await sum('unseal_requests_total');
    const spoilt = await seal('spoilt', place);
    await fixture.cluster.told(spoilt, 'True');
    await spoil(spoilt);
    const foreign = { namespace: place, name: 'foreign' };
    await fixture.cluster.create('secrets', { metadata: foreign, stringData: { a: 'theirs' } });
    await seal('foreign', place);
    for (const ref of [spoilt, foreign]) await conditions(ref, { '': -1 });
    const refused = { namespace: place, name: 'refused' };
    const template = { metadata: { labels: { 'no label': 'x' } } };
    await fixture.cluster.create(
      'sealedsecrets',
      sealedSecret(fixture.certificate, refused, { a: 'b' }, { template }),
    );
    await conditions(refused, { '': -1 });

    assert.ok((await sum('unseal_requests_total')) >= before + 4);
    const reasons = async (): Promise<string[]> =>
      (await samples('unseal_errors_total', { namespace: place }))
        .filter(({ value }) => value > 0)
        .map(({ labels }) => labels['reason'] ?? '');
    await until('all reasons', async () => (await reasons()).length >= 3 || undefined);
    assert.deepEqual((await reasons()).sort(), ['unmanaged', 'unseal', 'update']);
    for (const ref of [spoilt, foreign, refused]) await fixture.cluster.delete('sealedsecrets', ref);
    await until('the end of the series', async () => ((await reasons()).length === 0 ? true : undefined));
    assert.equal((await samples('condition_info', { namespace: place })).length, 0);
  });

  test('show the version, keys, watches, queue and requests', async () => {
    const ref = await seal('counted');
    await fixture.cluster.told(ref, 'True');
    const { fingerprint } = fixture.certificate;
    assert.equal(await sum('build_info', { revision: version() }), 1);
    assert.equal(await sum('key_info', { fingerprint, use: 'seal' }), 1);
    assert.equal(
      await sum('key_not_after_timestamp_seconds', { fingerprint }),
      fixture.certificate.notAfter.getTime() / 1000,
    );
    await until('the key that opened it', async () =>
      (await sum('key_objects', { fingerprint })) > 0 ? true : undefined,
    );
    for (const watch of ['sealedsecrets', 'secrets', 'keys']) {
      // A SealedSecret may be unsealed before the first list of Secrets is complete.
      await until(
        `a list of ${watch}`,
        async () => (await sum('watch_lists_total', { watch })) >= 1 || undefined,
      );
      assert.equal((await samples('watch_last_event_age_seconds', { watch })).length, 1);
    }
    for (const labels of [
      { verb: 'get', code: '200' },
      { verb: 'get', code: '404' },
      { verb: 'list', code: '200' },
      { verb: 'watch', code: '200' },
      { verb: 'create', code: '201' },
      { verb: 'update', code: '200' },
    ]) {
      const counted = async (): Promise<true | undefined> =>
        (await sum('api_requests_total', labels)) >= 1 || undefined;
      await until(JSON.stringify(labels), counted);
    }
    assert.deepEqual(
      (await samples('queue_depth')).map(({ labels }) => labels['lane']),
      ['fresh', 'retry', 'backlog', 'delayed'],
    );
    assert.equal((await samples('queue_oldest_age_seconds')).length, 1);
    await until('the end of a reconcile', async () =>
      (await sum('reconcile_duration_seconds_count', { next: 'rest' })) >= 1 ? true : undefined,
    );
    assert.ok((await sum('private_operations_total')) >= (await sum('item_tries_count', { opened: 'true' })));
  });

  test('show a key that is added, until it is no longer in use', async () => {
    const name = 'sealed-secrets-key-brought';
    const fingerprints = async (): Promise<number> => (await samples('key_info', { use: 'open' })).length;
    const before = await fingerprints();
    const old = await keyItems({
      notBefore: new Date(Date.now() - 5 * 86_400_000),
      validity: 50 * 86_400_000,
    });
    await fixture.cluster.create('secrets', keySecret(name, old));
    const { fingerprint } = parseCertificate(old['tls.crt'], 'test');
    await until('its series', async () => ((await fingerprints()) === before + 1 ? true : undefined));
    assert.equal(await sum('key_info', { fingerprint, use: 'open' }), 1);
    await fixture.cluster.delete('secrets', { namespace: 'kube-system', name });
    await until('their end', async () => ((await fingerprints()) === before ? true : undefined));
    assert.equal((await samples('key_info', { fingerprint })).length, 0);
  });

  test('count HTTP requests by path, code and method, without unknown paths', async () => {
    const url = await fixture.controller.url();
    const ref = fixture.ref('asked');
    const good = sealedSecret(fixture.certificate, ref, { a: 'verified value' });
    const bad = sealedSecret(fixture.certificate, { ...ref, name: 'other' }, { a: 'verified value' });
    const statusOf = async (method: string, path: string, body?: object): Promise<number> => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return (await ask(method, url + path, sent)).status;
    };
    const moved = { ...bad, metadata: good.metadata };
    const answers = [
      ['GET', '/v1/cert.pem', undefined],
      ['DELETE', '/v1/cert.pem', undefined],
      ['POST', '/v1/verify', good],
      ['POST', '/v1/verify', moved],
      ['POST', '/v1/rotate', good],
      ['GET', '/healthz', undefined],
      ['GET', '/v1/none', undefined],
      ['GET', `/${HOSTILE}`, undefined],
    ] as const;
    const codes: number[] = [];
    for (const [method, path, body] of answers) codes.push(await statusOf(method, path, body));
    assert.deepEqual(codes, [200, 405, 200, 409, 200, 200, 404, 404]);
    for (const [path, code, method] of [
      ['/v1/cert.pem', '200', 'get'],
      ['/v1/cert.pem', '405', 'delete'],
      ['/v1/verify', '200', 'post'],
      ['/v1/verify', '409', 'post'],
      ['/v1/rotate', '200', 'post'],
    ] as const) {
      assert.ok((await sum('http_requests_total', { path, code, method })) >= 1, `${method} ${path} ${code}`);
    }
    const paths = new Set((await samples('http_requests_total')).map(({ labels }) => labels['path']));
    assert.deepEqual([...paths].sort(), ['/v1/cert.pem', '/v1/rotate', '/v1/verify']);
    assert.equal(await sum('http_request_duration_seconds_count', { path: '/v1/verify', method: 'post' }), 2);
  });

  test('count a template that reached a limit', async () => {
    const ref = fixture.ref('bomb');
    const template = { data: { bomb: '{{ range $i := until 100000000 }}x{{ end }}' } };
    await fixture.cluster.create(
      'sealedsecrets',
      sealedSecret(fixture.certificate, ref, { a: 'b' }, { template }),
    );
    await fixture.cluster.told(ref, 'False');
    assert.ok((await sum('template_failures_total', {})) >= 1);
  });
});

suite('the page of metrics', () => {
  test('passes `promtool check metrics`', async () => {
    const promtool = (await findBinaries(['promtool'], console.error)).get('promtool') ?? '';
    const page = await fixture.controller.metrics();
    assert.match(page, /condition_info\{/);
    const check = (text: string): Promise<Ran> => run(promtool, ['check', 'metrics'], { stdin: text });
    assert.deepEqual(await check(page), { code: 0, stdout: '', stderr: '' });
    const bad = '# HELP x_total A gauge.\n# TYPE x_total gauge\nx_total 1\n';
    assert.notEqual((await check(page + bad)).code, 0);
  });
});

suite('the server of the metrics', () => {
  test('answers GET and HEAD of /metrics only', async () => {
    const url = await fixture.controller.metricsUrl();
    const page = await fetch(`${url}/metrics?x=1`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    readExposition(await page.text());
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await fetch(`${url}/metrics`, { method });
      assert.deepEqual([status, headers.get('allow')], [405, 'GET, HEAD'], method);
    }
    for (const path of ['/', '/healthz', '/v1/cert.pem', '/metrics/', '/%6detrics', '//metrics']) {
      assert.equal((await fetch(url + path)).status, 404, path);
    }
  });

  test('is separate from the HTTP server', async () => {
    assert.equal((await fetch(`${await fixture.controller.url()}/metrics`)).status, 404);
  });

  test('names no SealedSecret with --metrics-omit-secret-labels', async () => {
    await fixture.controller.stop();
    const omitting = await fixture.use(
      fixture.installation.startReadyController(['--metrics-omit-secret-labels']),
    );
    const ref = await seal('unnamed');
    await fixture.cluster.told(ref, 'True');
    const text = await omitting.metrics();
    assert.match(text, /unseal_requests_total [1-9]/);
    assert.doesNotMatch(text, /condition_info|unnamed/);
    assert.equal(await omitting.stop(), 0);
  });
});
