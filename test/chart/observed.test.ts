import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { parseOptions } from '../../controller/options.ts';
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
    // Another replica leads after a minute, and two seem to while the metrics of one are old.
    quiet('1 1 1 0+0x7', '0 0 0 0 1+0x6'),
    quiet('1 1 1 1 0+0x6', '0 0 0 1+0x7'),
    // The pod of the leader is gone.
    quiet('1 1 stale', '0 0 1+0x8'),
    fires('0+0x10', 'SealedSecretsNoLeader'),
    // No replica is scraped.
    fires('1 stale', 'SealedSecretsNoLeader'),
    fires('1+0x10', 'SealedSecretsSeveralLeaders'),
  ];
  folder.write('alerts.yaml', dump({ groups }));
  const file = folder.write('alerts-test.yaml', dump({ rule_files: ['alerts.yaml'], tests }));
  const ran = await run(promtool, ['test', 'rules', file]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
});

test('replicas that report the same cause one alert', async () => {
  const promtool = (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
  const groups = at(only(objectsIn(await template(...SET)), 'PrometheusRule'), 'spec', 'groups');
  const replicas = ['a', 'b', 'c'];
  const series = (name: string, labels: string, values: string): readonly object[] =>
    replicas.map((pod) => ({
      series: `sealed_secrets_controller_${name}{namespace="kube-system",pod="${pod}",${labels}}`,
      values,
    }));
  // The newest key expires in two hours; the other one has expired, and is not used for sealing.
  const expiring = [
    ...series('key_info', 'fingerprint="new",use="seal"', '1+0x120'),
    ...series('key_info', 'fingerprint="old",use="open"', '1+0x120'),
    ...series('key_not_after_timestamp_seconds', 'fingerprint="new"', '7200+0x120'),
    ...series('key_not_after_timestamp_seconds', 'fingerprint="old"', '1+0x120'),
  ];
  const valid = [
    ...series('key_info', 'fingerprint="new",use="seal"', '1+0x120'),
    ...series('key_not_after_timestamp_seconds', 'fingerprint="new"', '9999999+0x120'),
  ];
  const firing = (alertname: string): string => `ALERTS{alertname="${alertname}",alertstate="firing"}`;
  const counted = (input: readonly object[], alertname: string, count: number): object => ({
    interval: '1m',
    input_series: input,
    promql_expr_test: [
      {
        expr: `count(${firing(alertname)}) or vector(0)`,
        eval_time: '110m',
        exp_samples: [{ labels: '{}', value: count }],
      },
    ],
  });
  // A SealedSecret that is not synced is reported by the old leader and by the new one for a moment.
  const unsynced = series(
    'condition_info',
    'name="db",condition="Synced",ss_app_kubernetes_io_instance=""',
    '-1+0x120',
  );
  const silent = series('watch_last_event_age_seconds', 'watch="secrets"', '400+0x120');
  const tests = [
    counted(expiring, 'SealedSecretsKeyExpires', 1),
    counted(valid, 'SealedSecretsKeyExpires', 0),
    counted(unsynced, 'SealedSecretNotSynced', 1),
    counted(valid, 'SealedSecretNotSynced', 0),
    counted(silent, 'SealedSecretsWatchDead', 1),
    counted(valid, 'SealedSecretsWatchDead', 0),
    counted(series('queue_oldest_age_seconds', 'x=""', '90+0x120'), 'SealedSecretsWait', 1),
    counted(series('queue_oldest_age_seconds', 'x=""', '30+0x120'), 'SealedSecretsWait', 0),
  ];
  folder.write('replicas.yaml', dump({ groups }));
  const file = folder.write('replicas-test.yaml', dump({ rule_files: ['replicas.yaml'], tests }));
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
    ['--set-string', 'leaderElection.resourceName=123'],
    ['--set', 'fullnameOverride=other'],
    ['--set', 'fullnameOverride=sealed-secrets-controller'],
    ['--set', 'args={--key-prefix=a}'],
    ['--set', 'args={--key-prefix=a}', '--set', 'leaderElection.resourceName=mine'],
  ]) {
    const objects = objectsIn(await template(...set));
    const container = at(only(objects, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0);
    const environment = Object.fromEntries(
      listAt(container, 'env')
        .filter((variable) => at(variable, 'value') !== undefined)
        .map((variable) => [stringAt(variable, 'name'), stringAt(variable, 'value')]),
    );
    const options = parseOptions(listAt(container, 'args').map(String), environment);
    const rules = objects.flatMap((object) => (at(object, 'kind') === 'Role' ? listAt(object, 'rules') : []));
    const named = rules.filter((rule) => at(rule, 'resources', 0) === 'leases' && at(rule, 'resourceNames'));
    assert.deepEqual(
      named.map((rule) => [at(rule, 'resourceNames'), at(rule, 'verbs')]),
      [[[options.leaderElectResourceName], ['get', 'update']]],
    );
  }
});
