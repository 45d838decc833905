import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { at, listAt } from '../control-plane/admin-client.ts';
import { objectsIn, only, template } from '../support/helm.ts';
import { CASES, rendered } from './cases.ts';

/** The chart's part in keeping plaintexts inside the controller. */

async function pod(...args: readonly string[]): Promise<unknown> {
  return at(only(objectsIn(await template(...args)), 'Deployment'), 'spec', 'template', 'spec');
}

suite('the pod', () => {
  test('runs one command without a shell, as an unprivileged user on read-only files', async () => {
    const spec = await pod();
    const [container, ...others] = listAt(spec, 'containers');
    assert.deepEqual(others, []);
    assert.deepEqual(at(container, 'command'), ['controller']);
    assert.deepEqual(at(container, 'securityContext'), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    assert.deepEqual(at(container, 'volumeMounts'), [{ name: 'tmp', mountPath: '/tmp' }]);
    assert.deepEqual(at(spec, 'volumes'), [{ name: 'tmp', emptyDir: {} }]);
    for (const shared of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace']) {
      assert.equal(at(spec, shared), undefined);
    }
  });

  // An inspector or a heap snapshot shows every plaintext. NODE_OPTIONS can enable one, as could an exec into the
  // pod.
  test('has no environment variables but its identity and Lease, and no value sets others', async () => {
    for (const each of CASES) {
      for (const object of objectsIn(await rendered(each))) {
        for (const container of listAt(object, 'spec', 'template', 'spec', 'containers')) {
          const names = listAt(container, 'env').map((variable) => at(variable, 'name'));
          // This case sets flags itself.
          const lease = each.name === 'placed' ? ['SEALED_SECRETS_LEADER_ELECT_RESOURCE_NAME'] : [];
          assert.deepEqual(names, ['POD_NAME', 'POD_UID', ...lease], each.name);
          assert.equal(at(container, 'envFrom'), undefined, each.name);
          assert.doesNotMatch(JSON.stringify(container), /inspect|heapsnapshot|NODE_OPTIONS/, each.name);
        }
        assert.doesNotMatch(JSON.stringify(at(object, 'rules') ?? ''), /pods|exec|attach|portforward/);
      }
    }
    const extra = ['--set', 'env[0].name=NODE_OPTIONS', '--set', 'extraEnv.NODE_OPTIONS=a'];
    assert.deepEqual(await pod(...extra), await pod());
    assert.equal(at(await pod(), 'enableServiceLinks'), false);
  });

  test('mounts a token, which its account does not mount into other pods', async () => {
    const objects = objectsIn(await template());
    assert.equal(at(only(objects, 'ServiceAccount'), 'automountServiceAccountToken'), false);
    assert.equal(at(await pod(), 'automountServiceAccountToken'), true);
  });
});

suite('the NetworkPolicy', () => {
  const enabled = ['--set', 'networkPolicy.enabled=true'];
  const policy = async (...args: readonly string[]): Promise<unknown> =>
    at(only(objectsIn(await template(...enabled, ...args)), 'NetworkPolicy'), 'spec');

  test('allows connections to two ports only', async () => {
    const spec = await policy();
    const objects = objectsIn(await template(...enabled));
    assert.deepEqual(at(spec, 'podSelector'), at(only(objects, 'Deployment'), 'spec', 'selector'));
    assert.deepEqual(at(spec, 'policyTypes'), ['Ingress']);
    assert.deepEqual(at(spec, 'ingress'), [
      { ports: [{ protocol: 'TCP', port: 'http' }] },
      { ports: [{ protocol: 'TCP', port: 'metrics' }] },
    ]);
  });

  test('allows only the configured sources of each port', async () => {
    const spec = await policy(
      ...['--set', 'networkPolicy.sources.http[0].ipBlock.cidr=10.0.0.0/28'],
      ...['--set', 'networkPolicy.sources.metrics[0].podSelector.matchLabels.app=prometheus'],
    );
    assert.deepEqual(listAt(spec, 'ingress'), [
      { ports: [{ protocol: 'TCP', port: 'http' }], from: [{ ipBlock: { cidr: '10.0.0.0/28' } }] },
      {
        ports: [{ protocol: 'TCP', port: 'metrics' }],
        from: [{ podSelector: { matchLabels: { app: 'prometheus' } } }],
      },
    ]);
  });

  test('allows connections from the pod to the API server only', async () => {
    const to = ['kubeapiCidr=10.0.0.1/32', 'kubeapiPort=6443'].join(',networkPolicy.egress.');
    const spec = await policy('--set', `networkPolicy.egress.enabled=true,networkPolicy.egress.${to}`);
    assert.deepEqual(at(spec, 'policyTypes'), ['Ingress', 'Egress']);
    assert.deepEqual(at(spec, 'egress'), [
      { to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ protocol: 'TCP', port: 6443 }] },
    ]);
  });
});

test('values that have no effect in the reference have none here: the status is written, the log is on stdout', async () => {
  const flags = async (...args: readonly string[]): Promise<unknown> =>
    at(await pod(...args), 'containers', 0, 'args');
  assert.deepEqual(await flags('--set', 'updateStatus=false,logInfoStdout=false'), await flags());
  assert.deepEqual(await flags(), [
    '--key-prefix=sealed-secrets-key',
    '--leader-elect-resource-name=sealed-secrets',
  ]);
});
