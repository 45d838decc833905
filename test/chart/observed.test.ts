import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { objectsIn, only, template } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const OBSERVED = [
  'metrics.prometheusRule.enabled',
  'metrics.dashboards.create',
  'metrics.serviceMonitor.enabled',
];
const SET = OBSERVED.flatMap((value) => ['--set', `${value}=true`]);

test('alerts and dashboard use only metrics that exist', async () => {
  const documented = new Set(
    [...readFileSync(join(PACKAGE, 'docs', 'controller.md'), 'utf8').matchAll(/^\| `(\w+)` /gm)].map(
      ([, name = '']) => name,
    ),
  );
  const objects = objectsIn(await template(...SET));
  const dashboard = stringAt(only(objects, 'ConfigMap'), 'data', 'sealed-secrets.json');
  const parsed: unknown = JSON.parse(dashboard);
  const queries = [
    ...listAt(parsed, 'panels').map((panel) => stringAt(panel, 'targets', 0, 'expr')),
    ...listAt(only(objects, 'PrometheusRule'), 'spec', 'groups', 0, 'rules').map((rule) =>
      stringAt(rule, 'expr'),
    ),
  ];
  assert.ok(queries.length > 10);
  for (const query of queries) {
    const names = [...query.matchAll(/\b(?:sealed_secrets_controller_(\w+)|(process_\w+))/g)].map(
      ([, ours, process]) => (ours ?? process ?? '').replace(/_bucket$/, ''),
    );
    assert.ok(names.length > 0, query);
    for (const name of names) assert.ok(documented.has(name), `${name} in ${query}`);
  }
});

test('the ServiceMonitor selects the metrics of this release, and its Service leads to the port', async () => {
  const objects = objectsIn(await template(...SET));
  const selected = at(only(objects, 'ServiceMonitor'), 'spec', 'selector', 'matchLabels');
  const labels = (name: string): unknown => at(only(objects, 'Service', name), 'metadata', 'labels');
  const matches = (name: string): boolean =>
    Object.entries(selected ?? {}).every(([label, value]) => at(labels(name), label) === value);
  assert.ok(matches('sealed-secrets-metrics'));
  assert.ok(!matches('sealed-secrets'));
  const port = at(only(objects, 'Service', 'sealed-secrets-metrics'), 'spec', 'ports', 0);
  assert.equal(at(port, 'name'), at(only(objects, 'ServiceMonitor'), 'spec', 'endpoints', 0, 'port'));
  assert.equal(at(port, 'targetPort'), 'metrics');
});

test('promtool accepts the alerts', async () => {
  const promtool = (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
  const groups = at(only(objectsIn(await template(...SET)), 'PrometheusRule'), 'spec', 'groups');
  const checked = await run(promtool, ['check', 'rules', folder.write('rules.yaml', dump({ groups }))]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /SUCCESS: 6 rules found/);
});

test('alerts fire if no replica leads or several do, and not while one does', async () => {
  const promtool = (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
  const groups = at(only(objectsIn(await template(...SET)), 'PrometheusRule'), 'spec', 'groups');
  const series = (replica: string, values: string): object => ({
    series: `sealed_secrets_controller_leader{namespace="kube-system",job="sealed-secrets-metrics",pod="${replica}"}`,
    values,
  });
  const quiet = (first: string, second: string): object => ({
    interval: '1m',
    input_series: [series('a', first), series('b', second)],
    alert_rule_test: ['SealedSecretsNoLeader', 'SealedSecretsSeveralLeaders'].map((alertname) => ({
      eval_time: '5m',
      alertname,
      exp_alerts: [],
    })),
  });
  const fires = (values: string, alertname: string): object => ({
    interval: '1m',
    input_series: [series('a', values), series('b', values)],
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alertname}",alertstate="firing"})`,
        eval_time: '5m',
        exp_samples: [{ labels: '{}', value: 1 }],
      },
    ],
  });
  const tests = [
    quiet('1+0x10', '0+0x10'),
    quiet('0 1+0x9', '1 0+0x9'),
    fires('0+0x10', 'SealedSecretsNoLeader'),
    fires('1+0x10', 'SealedSecretsSeveralLeaders'),
  ];
  folder.write('alerts.yaml', dump({ groups }));
  const file = folder.write('alerts-test.yaml', dump({ rule_files: ['alerts.yaml'], tests }));
  const ran = await run(promtool, ['test', 'rules', file]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
});

test('several replicas prefer different nodes, unless the values say otherwise', async () => {
  const spread = async (...set: readonly string[]): Promise<unknown> =>
    at(
      only(objectsIn(await template(...set)), 'Deployment'),
      'spec',
      'template',
      'spec',
      'topologySpreadConstraints',
    );
  assert.equal(await spread(), undefined);
  assert.equal(at(await spread('--set', 'replicas=3'), 0, 'whenUnsatisfiable'), 'ScheduleAnyway');
  const own = ['--set', 'replicas=3', '--set', 'topologySpreadConstraints[0].topologyKey=zone'];
  assert.deepEqual(await spread(...own), [{ topologyKey: 'zone' }]);
});

test('the controller may use the Lease that it is started with, and no other', async () => {
  for (const set of [
    [],
    ['--set', 'leaderElection.resourceName=mine'],
    ['--set', 'fullnameOverride=other'],
  ]) {
    const objects = objectsIn(await template(...set));
    const args = listAt(only(objects, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0, 'args');
    const flag = args.map(String).find((each) => each.startsWith('--leader-elect-resource-name='));
    const rules = objects.flatMap((object) => (at(object, 'kind') === 'Role' ? listAt(object, 'rules') : []));
    const named = rules.filter((rule) => at(rule, 'resources', 0) === 'leases' && at(rule, 'resourceNames'));
    assert.deepEqual(
      named.map((rule) => [at(rule, 'resourceNames'), at(rule, 'verbs')]),
      [[[flag?.replace(/^.*=/, '') ?? 'sealed-secrets-controller'], ['get', 'update']]],
    );
  }
});
