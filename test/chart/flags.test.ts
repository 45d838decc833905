import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseOptions, type Options } from '../../controller/options.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { objectsIn, only } from '../support/helm.ts';
import { CASES, rendered } from './cases.ts';

async function optionsOf(name: string): Promise<Options> {
  const found = CASES.find((each) => each.name === name);
  assert.ok(found, name);
  const deployment = only(objectsIn(await rendered(found)), 'Deployment');
  const args = listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'args').map(String);
  return parseOptions(args);
}

suite('the flags that the values set', () => {
  test('are parsed by the controller as intended', async () => {
    const options = await optionsOf('flags');
    assert.equal(options.keyPrefix, 'my-key');
    assert.equal(options.keyRenewPeriod, 0);
    assert.equal(options.keyTtl, 43_800 * 3_600_000);
    assert.equal(options.keyCutoffTime?.toISOString(), '2006-01-02T15:04:05.000Z');
    assert.deepEqual(
      [...options.privatekeyAnnotations],
      [
        ['backup.example.com/include', 'yes'],
        ['note', 'kept safe'],
      ],
    );
    assert.deepEqual([...options.privatekeyLabels], [['owner', 'platform']]);
    assert.equal(options.skipRecreate, true);
    assert.equal(options.showApiMessages, true);
    assert.equal(options.strictTemplates, true);
    assert.equal(options.webUi, true);
    assert.equal(options.kubeclientQps, -1);
    assert.equal(options.kubeclientBurst, 2_000_000);
    assert.equal(options.logLevel, 'ERROR');
    assert.equal(options.logFormat, 'json');
    assert.equal(options.listenAddr.port, 9090);
    assert.equal(options.listenMetricsAddr.port, 9091);
    assert.equal(options.metricsOmitSecretLabels, true);
    assert.equal(options.keySize, 3072);
    assert.equal(options.labelSelector, 'team in (a)');
    // The other options keep their defaults.
    assert.equal(options.updateStatus, true);
    assert.equal(options.logInfoStdout, true);
  });

  test('are the timing and the Lease of the election', async () => {
    const options = await optionsOf('replicas');
    assert.equal(options.leaderElect, true);
    assert.equal(options.leaderElectLeaseDuration, 60_000);
    assert.equal(options.leaderElectRenewDeadline, 40_000);
    assert.equal(options.leaderElectRetryPeriod, 1500);
    assert.equal(options.leaderElectResourceName, 'my-lease');
  });

  test('name the namespaces that have Roles', async () => {
    assert.deepEqual((await optionsOf('namespaced')).additionalNamespaces, ['shop', 'blog']);
  });

  test('are the defaults of the controller if no value is set', async () => {
    // The Lease has the name of the release.
    const lease = { leaderElectResourceName: 'sealed-secrets' };
    assert.deepEqual(await optionsOf('default'), { ...parseOptions([]), ...lease });
  });

  test('keep the ports that the Deployment declares', async () => {
    for (const each of CASES) {
      const deployment = objectsIn(await rendered(each)).find(
        (object) => at(object, 'kind') === 'Deployment',
      );
      if (deployment === undefined || each.name === 'placed') continue; // this case sets flags itself
      const options = await optionsOf(each.name);
      const ports = listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'ports');
      const numbers = ports.map((port) => at(port, 'containerPort'));
      assert.deepEqual(numbers, [options.listenAddr.port, options.listenMetricsAddr.port], each.name);
    }
  });
});
