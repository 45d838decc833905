import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../controller/options.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { objectsIn, only, template } from '../support/helm.ts';

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
