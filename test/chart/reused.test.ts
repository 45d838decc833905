import assert from 'node:assert/strict';
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CHART, RELEASE } from '../../build/helm.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { helm, helmDoes, objectsIn, only, template } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const NOTHING = join(PACKAGE, 'test', 'chart', 'values', 'default.yaml');
const REFERENCE = join(PACKAGE, 'test', 'chart', 'values', 'reference.yaml');

/** Writes a chart with the defaults of another release, as `helm upgrade --reuse-values` applies them. */
function chartWith(name: string, values: string): string {
  const chart = join(folder.path, name);
  cpSync(CHART, chart, { recursive: true });
  copyFileSync(values, join(chart, 'values.yaml'));
  return chart;
}

async function objectsOf(chart: string, ...args: readonly string[]): Promise<object[]> {
  const { name, namespace } = RELEASE;
  return objectsIn(await helmDoes(['template', name, chart, '--namespace', namespace, ...args]));
}

suite('the values of another release', () => {
  test('of the reference render the same objects as the same values over the defaults', async () => {
    const reused = await objectsOf(chartWith('reference', REFERENCE));
    const given = objectsIn(await template('--values', REFERENCE));
    const others = (objects: readonly object[]): object[] =>
      objects.filter((object) => at(object, 'kind') !== 'Deployment');
    assert.deepEqual(others(reused), others(given));
    // The security contexts are the reference's; they are maps that users extend.
    for (const part of [
      'args',
      'command',
      'image',
      'ports',
      'livenessProbe',
      'readinessProbe',
      'resources',
    ]) {
      const [ours, theirs] = [given, reused].map((objects) =>
        at(only(objects, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0, part),
      );
      assert.deepEqual(theirs, ours, part);
    }
  });

  test('that are null leave numbers and strings at their defaults, and all others empty', async () => {
    const set = ['--set', 'createController=true,serviceAccount.create=true'];
    const objects = await objectsOf(chartWith('nothing', NOTHING), ...set);
    const deployment = only(objects, 'Deployment');
    assert.equal(at(deployment, 'spec', 'replicas'), 1);
    const container = at(deployment, 'spec', 'template', 'spec', 'containers', 0);
    assert.deepEqual(listAt(container, 'args'), [
      '--key-prefix=sealed-secrets-key',
      '--leader-elect-resource-name=sealed-secrets',
    ]);
    assert.deepEqual(
      listAt(container, 'ports').map((port) => at(port, 'containerPort')),
      [8080, 8081],
    );
  });
});

suite('the groups of rules', () => {
  const enabled = ['--set', 'metrics.prometheusRule.enabled=true'];
  const groups = async (values: string): Promise<unknown> => {
    const file = folder.write('groups.yaml', values);
    const objects = objectsIn(await template(...enabled, '--values', file));
    return at(only(objects, 'PrometheusRule'), 'spec', 'groups');
  };

  test('in the values replace those of the chart, with templates of Prometheus unchanged', async () => {
    const rule = { alert: 'A', expr: 'up == 0', annotations: { description: '{{ $value }}' } };
    const given = [{ name: 'mine', rules: [rule] }];
    assert.deepEqual(await groups(JSON.stringify({ metrics: { prometheusRule: { groups: given } } })), given);
  });

  test('are rendered if they are a string', async () => {
    const text = '- name: {{ .Release.Name }}\n  rules: []\n';
    const values = JSON.stringify({ metrics: { prometheusRule: { groups: text } } });
    assert.deepEqual(await groups(values), [{ name: RELEASE.name, rules: [] }]);
  });

  test('are those of the chart if the values have none', async () => {
    assert.deepEqual(at(await groups('{}'), 0, 'name'), 'sealed-secrets');
  });
});

suite('the notes', () => {
  const notes = async (...set: readonly string[]): Promise<string> => {
    const flags = set.flatMap((value) => ['--set', value]);
    const ran = await helm(['install', RELEASE.name, CHART, '--dry-run=client', ...flags]);
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout.replace(/^[^]*^NOTES:/m, '');
  };
  const warning = /WARNING: the image is \S+, without a registry/;

  test('warn about an image without a registry only', async () => {
    assert.match(await notes(), warning);
    assert.match(await notes('image.repository=mirror/controller'), warning);
    assert.doesNotMatch(await notes('image.registry=ghcr.io/me'), warning);
    assert.doesNotMatch(await notes('image.repository=localhost:5000/controller'), warning);
  });

  test('write a file named .yaml as YAML', async () => {
    assert.match(await notes(), /kubeseal .*-o yaml > sealed\.yaml/);
  });
});
