import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { at } from '../control-plane/admin-client.ts';
import { CASES, rendered } from '../chart/cases.ts';
import { objectsIn } from '../support/helm.ts';
import { operatorTypes } from './go-types.ts';
import { run, type Ran } from '../support/run.ts';

suite('the types of the Prometheus operator', () => {
  before(operatorTypes.build);
  const read = (objects: readonly object[]): Promise<Ran> =>
    run(operatorTypes.path, [], { stdin: objects.map((object) => `${JSON.stringify(object)}\n`).join('') });

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
