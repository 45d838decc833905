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
  assert.match(checked.stdout, /SUCCESS: 4 rules found/);
});
