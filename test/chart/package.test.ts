import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CHART, RELEASE } from '../../build/helm.ts';
import { MANIFEST, NAMESPACED_MANIFEST } from '../../build/manifests.ts';
import { readJson } from '../../build/package.ts';
import { chartPackage } from '../../build/release/chart.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { helmDoes, objectsIn, only, template } from '../support/helm.ts';
import { temporaryFolder } from '../support/temporary.ts';

const VERSION = readJson('package.json').requiredString('version');
const folder = temporaryFolder();

suite('the package of the chart', () => {
  const file = folder.write(`sealed-secrets-${VERSION}.tgz`, chartPackage());

  test('renders the same objects as the folder of the chart', async () => {
    const packed = await helmDoes([
      ...['template', RELEASE.name, file, '--namespace', RELEASE.namespace, '--include-crds'],
    ]);
    assert.equal(packed, await template('--include-crds'));
    for (const what of ['chart', 'values', 'readme', 'crds']) {
      assert.equal(await helmDoes(['show', what, file]), await helmDoes(['show', what, CHART]), what);
    }
  });

  test('passes lint', async () => {
    assert.match(await helmDoes(['lint', '--strict', file]), /1 chart\(s\) linted, 0 chart\(s\) failed/);
  });

  test('is reproducible', () => {
    assert.ok(chartPackage().equals(readFileSync(file)));
  });
});

suite('the manifests', () => {
  for (const path of [MANIFEST, NAMESPACED_MANIFEST]) {
    test(`${path.replace(/.*\//, '')} runs the image of the package's version`, () => {
      const deployment = only(objectsIn(readFileSync(path, 'utf8')), 'Deployment');
      const [container] = listAt(deployment, 'spec', 'template', 'spec', 'containers');
      assert.match(stringAt(container, 'image'), new RegExp(`:v?${VERSION.replaceAll('.', '\\.')}$`));
      assert.deepEqual(at(container, 'command'), ['controller']);
    });
  }
});
