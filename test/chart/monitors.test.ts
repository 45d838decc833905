import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { dashboard } from '../../build/dashboard/grafana.ts';
import { MANIFEST } from '../../build/manifests.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { objectsIn, only, template } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';

/** Whether a selector selects labels. */
function selects(object: object, labels: unknown): boolean {
  const selected = at(object, 'spec', 'selector', 'matchLabels');
  return Object.entries(selected ?? {}).every(([label, value]) => at(labels, label) === value);
}

suite('the configuration of Prometheus in docs/monitoring.md', () => {
  test('keeps the pods of the chart and of the plain manifests, and their labels', async () => {
    const page = readFileSync(join(PACKAGE, 'docs', 'monitoring.md'), 'utf8');
    const [job] = listAt(
      load(/^```yaml\n(scrape_configs:[^]+?)^```$/m.exec(page)?.[1] ?? ''),
      'scrape_configs',
    );
    assert.equal(at(job, 'honor_labels'), true);
    const keep = stringAt(job, 'relabel_configs', 0, 'regex');
    for (const rendered of [await template(), readFileSync(MANIFEST, 'utf8')]) {
      const pod = at(only(objectsIn(rendered), 'Deployment'), 'spec', 'template');
      const name = stringAt(pod, 'metadata', 'labels', 'app.kubernetes.io/name');
      const ports = listAt(pod, 'spec', 'containers', 0, 'ports').map((port) => stringAt(port, 'name'));
      const kept = ports.filter((port) => new RegExp(`^(?:${keep})$`).test(`${name};${port}`));
      assert.deepEqual(kept, ['metrics']);
    }
  });
});

test('the ConfigMap of the dashboard has the generated one, where the sidecar of Grafana finds it', async () => {
  const set = ['--set', 'metrics.dashboards.create=true'];
  const map = only(objectsIn(await template(...set)), 'ConfigMap');
  assert.equal(at(map, 'metadata', 'labels', 'grafana_dashboard'), '1');
  const board: unknown = JSON.parse(stringAt(map, 'data', 'sealed-secrets.json'));
  assert.deepEqual(board, JSON.parse(JSON.stringify(dashboard())));
});

suite('the monitors', () => {
  test('are not created by default', async () => {
    const kinds = objectsIn(await template()).map((object) => at(object, 'kind'));
    assert.deepEqual(
      kinds.filter((kind) => String(kind).endsWith('Monitor')),
      [],
    );
  });

  test('a ServiceMonitor selects the metrics of this release, and its Service leads to the port', async () => {
    const objects = objectsIn(await template('--set', 'metrics.serviceMonitor.enabled=true'));
    const monitor = only(objects, 'ServiceMonitor');
    const labels = (name: string): unknown => at(only(objects, 'Service', name), 'metadata', 'labels');
    assert.ok(selects(monitor, labels('sealed-secrets-metrics')));
    assert.ok(!selects(monitor, labels('sealed-secrets')));
    const port = at(only(objects, 'Service', 'sealed-secrets-metrics'), 'spec', 'ports', 0);
    assert.equal(at(port, 'name'), at(monitor, 'spec', 'endpoints', 0, 'port'));
    assert.equal(at(port, 'targetPort'), 'metrics');
  });

  test('a PodMonitor selects the pods of this release, and their port', async () => {
    const set = [
      '--set',
      'metrics.podMonitor.enabled=true',
      '--set',
      'metrics.podMonitor.namespace=watching',
    ];
    const objects = objectsIn(await template(...set));
    const monitor = only(objects, 'PodMonitor');
    const pod = at(only(objects, 'Deployment'), 'spec', 'template');
    assert.ok(selects(monitor, at(pod, 'metadata', 'labels')));
    assert.equal(at(monitor, 'metadata', 'namespace'), 'watching');
    assert.deepEqual(at(monitor, 'spec', 'namespaceSelector', 'matchNames'), ['kube-system']);
    const ports = listAt(pod, 'spec', 'containers', 0, 'ports').map((port) => at(port, 'name'));
    assert.ok(ports.includes(at(monitor, 'spec', 'podMetricsEndpoints', 0, 'port')));
  });

  test('keep the namespaces of SealedSecrets, unless the values say otherwise', async () => {
    for (const [value, kind, field] of [
      ['serviceMonitor', 'ServiceMonitor', 'endpoints'],
      ['podMonitor', 'PodMonitor', 'podMetricsEndpoints'],
    ] as const) {
      const enabled = ['--set', `metrics.${value}.enabled=true`];
      const honored = async (...set: readonly string[]): Promise<unknown> =>
        at(only(objectsIn(await template(...enabled, ...set)), kind), 'spec', field, 0, 'honorLabels');
      assert.equal(await honored(), true);
      assert.equal(await honored('--set', `metrics.${value}.honorLabels=false`), false);
    }
  });
});
