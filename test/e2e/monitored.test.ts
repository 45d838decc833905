import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { dump, load } from 'js-yaml';
import { dashboard } from '../../build/dashboard/grafana.ts';
import { CHART } from '../../build/helm.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { until } from '../control-plane/until.ts';
import { ask } from '../support/ask.ts';
import { readExposition, type Exposition } from '../support/exposition.ts';
import { Fixture } from '../support/fixture.ts';
import { run } from '../support/run.ts';
import { sealedItem } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The labels that a scrape adds. `cluster` is there if several clusters share a Prometheus. */
const TARGET = { job: 'sealed-secrets', instance: '10.0.0.1:8081', namespace: 'kube-system', pod: 'a' };
const OF_TARGET = [...Object.keys(TARGET), 'cluster', 'le'];
/** The panel that is empty while no client exceeds a limit. */
const MAY_BE_EMPTY = 'Connections cut';

const fixture = new Fixture({ namespace: 'monitored' });
const folder = temporaryFolder();

/** A query, and the labels that its texts name. */
interface Query {
  readonly title: string;
  readonly expr: string;
  readonly named: readonly string[];
}

const QUERIES: readonly Query[] = listAt(JSON.parse(JSON.stringify(dashboard())), 'panels')
  .filter((panel) => at(panel, 'type') !== 'row')
  .flatMap((panel) =>
    listAt(panel, 'targets').map((target) => ({
      title: stringAt(panel, 'title'),
      expr: stringAt(target, 'expr')
        // A number that is 0 if there is no series does not show that there is one.
        .replace(/ or vector\(0\)$/, '')
        .replaceAll('$__rate_interval', '5m')
        .replaceAll(/\$(job|instance|namespace)\b/g, '.+'),
      named: [...stringAt(target, 'legendFormat').matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  );
const ALERTS: readonly Query[] = listAt(
  load(readFileSync(join(CHART, 'alerts', 'sealed-secrets.yaml'), 'utf8')),
  'groups',
  0,
  'rules',
).map((rule) => ({
  title: stringAt(rule, 'alert'),
  expr: stringAt(rule, 'expr'),
  named: [...stringAt(rule, 'annotations', 'description').matchAll(/\$labels\.(\w+)/g)].map(
    ([, label = '']) => label,
  ),
}));

/** Returns what a query asks for that the controller does not have: metrics, or labels of them. */
function unknownIn({ expr, named }: Query, { types, samples }: Exposition): readonly string[] {
  const unknown: string[] = [];
  const known = new Set(OF_TARGET);
  for (const [, name = '', matchers = ''] of expr.matchAll(
    /\b((?:sealed_secrets_controller|process|nodejs)_\w+)(?:\{([^}]*)\})?/g,
  )) {
    const own = new Set(
      samples.filter((each) => each.name === name).flatMap(({ labels }) => Object.keys(labels)),
    );
    if (!types.has(name.replace(/_(bucket|count|sum)$/, '')) && !types.has(name)) unknown.push(name);
    for (const label of own) known.add(label);
    for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)) {
      if (!own.has(label) && !OF_TARGET.includes(label)) unknown.push(`${name}{${label}}`);
    }
  }
  const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(', '),
  );
  return [...unknown, ...[...grouped, ...named].filter((label) => !known.has(label))];
}

async function promtoolPath(): Promise<string> {
  return (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
}

/** Returns series for promtool that keep the values of a page. Its tests begin at the time 0, which stands for now. */
function seriesOf({ samples }: Exposition, times: string): readonly object[] {
  const now = Date.now() / 1000;
  return samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, labels, value }) => {
      const pairs = Object.entries({ ...TARGET, ...labels });
      const text = pairs.map(([label, each]) => `${label}=${JSON.stringify(each)}`).join(',');
      const isTime = name.endsWith('_timestamp_seconds') && value > 0;
      return { series: `${name}{${text}}`, values: `${isTime ? Math.round(value - now) : value}+0x${times}` };
    });
}

suite('the dashboard and the alerts', () => {
  let healthy: Exposition;
  let page: Exposition;
  before(async () => {
    const { cluster, controller } = fixture;
    await cluster.told(await fixture.seal('good'), 'True');
    healthy = await until('a page of all watches and the key record', async () => {
      const read = readExposition(await controller.metrics());
      const values = (name: string): number[] =>
        read.samples.filter((sample) => sample.name.endsWith(name)).map(({ value }) => value);
      const areSynced = values('watch_synced').length === 3 && Math.min(...values('watch_synced')) === 1;
      return areSynced && values('backup_verified_timestamp_seconds').length > 0 ? read : undefined;
    });
    const bad = await fixture.seal('bad');
    const a = sealedItem(fixture.certificate, { ...bad, name: 'other' }, 'one');
    await cluster.change('sealedsecrets', bad, { spec: { encryptedData: { a } } });
    await cluster.told(bad, 'False');
    await ask('GET', `${await controller.url()}/v1/cert.pem`);
    page = await until('a page with the failure and all watches', async () => {
      const read = readExposition(await controller.metrics());
      const has = (name: string): boolean => read.samples.some((sample) => sample.name.endsWith(name));
      return has('unsynced_since_timestamp_seconds') && has('key_renewal_due_timestamp_seconds')
        ? read
        : undefined;
    });
  });

  test('use only metrics and labels that a running controller exposes', () => {
    assert.ok(QUERIES.length > 40 && ALERTS.length > 10);
    for (const query of [...QUERIES, ...ALERTS]) {
      assert.deepEqual(
        query.title === MAY_BE_EMPTY ? [] : unknownIn(query, page),
        [],
        `${query.title}: ${query.expr}`,
      );
    }
    const wrong = { title: '', expr: 'sum by (what) (process_none{no="1"})', named: ['lane'] };
    assert.deepEqual(unknownIn(wrong, page), ['process_none', 'process_none{no}', 'what', 'lane']);
  });

  test('show something in every panel', async () => {
    const shown = QUERIES.filter(({ title }) => title !== MAY_BE_EMPTY).map(({ expr }) => ({
      expr: `count(${expr}) > bool 0`,
      eval_time: '5m',
      exp_samples: [{ labels: '{}', value: 1 }],
    }));
    const tests = [{ interval: '1m', input_series: seriesOf(page, '5'), promql_expr_test: shown }];
    const file = folder.write('panels.yaml', dump({ tests, evaluation_interval: '1m' }));
    const ran = await run(await promtoolPath(), ['test', 'rules', file]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  });

  for (const [title, read, firing] of [
    ['do not fire while a controller works', () => healthy, []],
    [
      'fire for a SealedSecret that fails for three hours, and for nothing else',
      () => page,
      ['SealedSecretNotSynced', 'SealedSecretsFailing'],
    ],
  ] as const) {
    test(title, async () => {
      const samples = firing.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 }));
      const counted = { expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '3h' };
      const series = seriesOf(read(), '180');
      const tests = [
        { interval: '1m', input_series: series, promql_expr_test: [{ ...counted, exp_samples: samples }] },
      ];
      const rule_files = [join(CHART, 'alerts', 'sealed-secrets.yaml')];
      const file = folder.write('quiet.yaml', dump({ rule_files, tests, evaluation_interval: '1m' }));
      const ran = await run(await promtoolPath(), ['test', 'rules', file]);
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    });
  }
});
