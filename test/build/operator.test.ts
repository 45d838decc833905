import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { at } from '../control-plane/admin-client.ts';
import { CASES, rendered } from '../chart/cases.ts';
import { objectsIn } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';

const SOURCE = join(PACKAGE, 'test', 'build', 'operator');
const BINARY = join(PACKAGE, 'dist', 'test', 'build', 'operator-types');

suite('the types of the Prometheus operator', () => {
  before(async () => {
    const env = { ...process.env, CGO_ENABLED: '0' };
    await promisify(execFile)('go', ['build', '-o', BINARY, '.'], { cwd: SOURCE, env });
  });
  const read = (objects: readonly object[]): Promise<Ran> =>
    run(BINARY, [], { stdin: objects.map((object) => `${JSON.stringify(object)}\n`).join('') });

  test('describe what the chart creates for the operator, with any values', async () => {
    const kinds = new Set<unknown>();
    for (const each of CASES) {
      const objects = objectsIn(await rendered(each)).filter(
        (object) => at(object, 'apiVersion') === 'monitoring.coreos.com/v1',
      );
      for (const object of objects) kinds.add(at(object, 'kind'));
      assert.deepEqual(await read(objects), { code: 0, stdout: '', stderr: '' }, each.name);
    }
    assert.deepEqual([...kinds].sort(), ['PodMonitor', 'PrometheusRule', 'ServiceMonitor']);
  });

  test('find an unknown field', async () => {
    const { code, stderr } = await read([{ kind: 'PodMonitor', spec: { endpoints: [] } }]);
    assert.equal(code, 1);
    assert.match(stderr, /PodMonitor: json: unknown field "endpoints"/);
  });
});
