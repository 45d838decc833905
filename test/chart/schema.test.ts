import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CHART, RELEASE } from '../../build/helm.ts';
import { helm } from '../support/helm.ts';

async function refusal(...set: readonly string[]): Promise<string> {
  const flags = set.flatMap((value) => ['--set', value]);
  const ran = await helm(['template', RELEASE.name, CHART, ...flags]);
  assert.notEqual(ran.code, 0, `${set.join(' ')} was taken`);
  return ran.stderr;
}

suite('a value is refused, with its place and what it should be', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['replicas=0', /at '\/replicas': minimum: got 0, want 1/],
    ['leaderElection.leaseDuration=15', /at '\/leaderElection\/leaseDuration': maximum: got 15, want 0/],
    ['leaderElection.retryPeriod=soon', /at '\/leaderElection\/retryPeriod': 'soon' does not match pattern/],
    ['leaderElection.resourceName=A_b', /at '\/leaderElection\/resourceName': 'A_b' does not match pattern/],
    ['rbac.create=yes', /at '\/rbac\/create': got string, want (null or )?boolean/],
    ['image.tag=1', /at '\/image\/tag': got number, want (null or )?string/],
    ['logLevel=DEBUG', /at '\/logLevel': value must be one of '', 'INFO', 'ERROR'/],
    ['keyrenewperiod=30', /at '\/keyrenewperiod': maximum: got 30, want 0/],
    ['keyttl=10y', /at '\/keyttl': '10y' does not match pattern/],
    ['keycutofftime=2026-01-01', /at '\/keycutofftime': '2026-01-01' does not match pattern/],
    ['privateKeyLabels.a=1', /at '\/privateKeyLabels\/a': got number, want string/],
    ['privateKeyAnnotations.a=b\\,c=d', /at '\/privateKeyAnnotations\/a': 'b,c=d' does not match pattern/],
    ['additionalNamespaces={A_b}', /at '\/additionalNamespaces\/0': 'A_b' does not match pattern/],
    ['service.type=ExternalName', /at '\/service\/type': value must be one of/],
    ['containerPorts.http=70000', /at '\/containerPorts\/http': maximum: got 70,?000, want 65,?535/],
    ['networkPolicy.sources.http=all', /at '\/networkPolicy\/sources\/http': got string, want array/],
    ['extraArgs={key-size}', /at '\/extraArgs\/0': 'key-size' does not match pattern/],
  ];
  for (const [set, words] of refused) {
    test(set, async () => assert.match(await refusal(set), words));
  }
});

suite('an unknown name is refused', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['fullnameOveride=x', 'fullnameOveride: unknown value; did you mean fullnameOverride?'],
    ['Tolerations=x', 'Tolerations: unknown value; did you mean tolerations?'],
    ['affinity_=x', 'affinity_: unknown value; did you mean affinity?'],
    ['toleratoin=x', 'toleratoin: unknown value; did you mean tolerations?'],
    ['agrs=x', 'agrs: unknown value; did you mean args?'],
    ['image.tga=x', 'image.tga: unknown value; did you mean image.tag?'],
    [
      'rbac.serviceProxier.bnd=true',
      'rbac.serviceProxier.bnd: unknown value; did you mean rbac.serviceProxier.bind?',
    ],
    [
      'metrics.serviceMonitor.enable=true',
      'metrics.serviceMonitor.enable: unknown value; did you mean metrics.serviceMonitor.enabled?',
    ],
    ['resources.limit=1', 'resources.limit: unknown value; did you mean resources.limits?'],
    [
      'livenessProbe.period=3',
      'livenessProbe.period: unknown value; known here: enabled, failureThreshold, initialDelaySeconds,' +
        ' periodSeconds, successThreshold, terminationGracePeriodSeconds, timeoutSeconds',
    ],
  ];
  for (const [set, message] of refused) {
    test(set, async () => assert.ok((await refusal(set)).includes(message)));
  }
});

suite('an unknown name at the root is accepted', () => {
  for (const name of ['clusterName', 'x-image', 'tags', 'psp', 'sealedSecrets', 'ingressController']) {
    test(name, async () => {
      const ran = await helm(['template', 'x', CHART, '--set', `${name}.a=b`]);
      assert.equal(ran.code, 0, ran.stderr);
    });
  }
});

suite('values that a schema cannot check', () => {
  test('labels in a string must be a map', async () => {
    assert.match(await refusal('podLabels=nothing'), /labels or annotations are not a YAML map/);
  });

  test('the address of the API server is required if helm has no cluster to look it up in', async () => {
    const limited = ['networkPolicy.enabled=true', 'networkPolicy.egress.enabled=true'];
    assert.match(await refusal(...limited), /networkPolicy\.egress\.kubeapiCidr is required/);
    assert.match(
      await refusal(...limited, 'networkPolicy.egress.kubeapiCidr=10.0.0.1/32'),
      /networkPolicy\.egress\.kubeapiPort is required/,
    );
  });

  // The boundaries are those of the controller's own check.
  const timings: readonly (readonly [string, RegExp])[] = [
    [
      'leaseDuration=10s',
      /leaderElection\.leaseDuration \(10s\) must be longer than .*renewDeadline \(10s\)/,
    ],
    [
      'renewDeadline=0m15s',
      /leaderElection\.leaseDuration \(15s\) must be longer than .*renewDeadline \(0m15s\)/,
    ],
    ['renewDeadline=2400ms', /renewDeadline \(2400ms\) must be more than 1\.2 times .*retryPeriod \(2s\)/],
    ['retryPeriod=0s', /leaderElection\.retryPeriod must be more than 0/],
  ];
  for (const [set, words] of timings) {
    test(`the election is safe: leaderElection.${set}`, async () => {
      assert.match(await refusal(`leaderElection.${set}`), words);
    });
  }

  test('a timing that is just safe is accepted', async () => {
    for (const set of [
      'leaseDuration=10001ms',
      'renewDeadline=2401ms',
      'renewDeadline=14.9s',
      'leaseDuration=1h1m',
    ]) {
      const ran = await helm(['template', 'x', CHART, '--set', `leaderElection.${set}`]);
      assert.equal(ran.code, 0, ran.stderr);
    }
  });

  test('the roles are never bound to the default ServiceAccount', async () => {
    assert.match(await refusal('serviceAccount.create=false'), /serviceAccount\.name is required/);
  });

  test('a parent chart may set "global" and "enabled"', async () => {
    const ran = await helm(['template', 'x', CHART, '--set', 'global.a=b', '--set', 'enabled=true']);
    assert.equal(ran.code, 0, ran.stderr);
  });
});
