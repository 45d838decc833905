import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { CONTROLLER_NAME } from '../../build/helm.ts';
import { ALERTS, DASHBOARD, MANIFEST, NAMESPACED_MANIFEST } from '../../build/manifests.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { objectsIn, only, template } from '../support/helm.ts';
import { kubectl } from '../support/kubectl.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();

function named(objects: readonly object[]): string[] {
  return objects.map((each) => `${stringAt(each, 'kind')} ${stringAt(each, 'metadata', 'name')}`).sort();
}

suite('the plain manifests', () => {
  const all = objectsIn(readFileSync(MANIFEST, 'utf8'));
  const namespaced = objectsIn(readFileSync(NAMESPACED_MANIFEST, 'utf8'));

  test('contain what the chart renders, without the labels of helm', async () => {
    const set = ['--include-crds', '--set-string', `fullnameOverride=${CONTROLLER_NAME}`];
    const rendered = objectsIn(await template(...set));
    assert.deepEqual(named(all), named(rendered));
    assert.deepEqual(
      at(only(all, 'Deployment'), 'spec', 'template'),
      at(only(rendered, 'Deployment'), 'spec', 'template'),
    );
    assert.doesNotMatch(readFileSync(MANIFEST, 'utf8'), /helm/i);
  });

  test('have the CustomResourceDefinition first, so that one "kubectl apply" suffices', () => {
    assert.equal(at(all[0], 'kind'), 'CustomResourceDefinition');
    assert.equal(at(namespaced[0], 'kind'), 'CustomResourceDefinition');
  });

  test('contain no cluster-scoped object except the CustomResourceDefinition', () => {
    const left = named(all).filter((each) => !each.startsWith('ClusterRole'));
    assert.deepEqual(named(namespaced), left);
    assert.equal(named(all).length - left.length, 2);
  });

  test('work with Kustomize, which sets another image', async () => {
    copyFileSync(MANIFEST, join(folder.path, 'controller.yaml'));
    const newName = 'registry.example.com/sealed-secrets-controller';
    folder.write(
      'kustomization.yaml',
      `resources: [controller.yaml]\nimages: [{ name: sealed-secrets-controller, newName: ${newName} }]\n`,
    );
    const built = objectsIn(await kubectl(join(folder.path, 'none'), 'kustomize', folder.path));
    assert.deepEqual(named(built), named(all));
    const container = at(only(built, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0);
    assert.ok(stringAt(container, 'image').startsWith(`${newName}:`));
  });
});

suite('the plain files for monitoring', () => {
  test('are the alerts and the dashboard of the chart', async () => {
    const set = 'metrics.prometheusRule.enabled=true,metrics.dashboards.create=true';
    const objects = objectsIn(await template('--set', set));
    const groups = at(only(objects, 'PrometheusRule'), 'spec', 'groups');
    assert.deepEqual(load(readFileSync(ALERTS, 'utf8')), { groups });
    const board = stringAt(only(objects, 'ConfigMap'), 'data', 'sealed-secrets.json');
    assert.equal(readFileSync(DASHBOARD, 'utf8'), board);
  });

  test('are read by Prometheus', async () => {
    const promtool = (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
    const checked = await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ALERTS]);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  });
});
