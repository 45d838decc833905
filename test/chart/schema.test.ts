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
    ['fullnameOveride=x', /at '': additional properties 'fullnameOveride' not allowed/],
    ['image.tga=x', /at '\/image': additional properties 'tga' not allowed/],
    ['rbac.serviceProxier.bnd=true', /at '\/rbac\/serviceProxier': additional properties 'bnd' not allowed/],
    ['metrics.serviceMonitor.enable=true', /at '\/metrics\/serviceMonitor': additional properties 'enable'/],
    ['livenessProbe.period=3', /at '\/livenessProbe': additional properties 'period' not allowed/],
    ['replicas=2', /at '\/replicas': value must be 1/],
    ['rbac.create=yes', /at '\/rbac\/create': got string, want boolean/],
    ['image.tag=1', /at '\/image\/tag': got number, want string/],
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

suite('what a schema cannot see', () => {
  test('the API server is not guessed where helm has no cluster to look it up in', async () => {
    const limited = ['networkPolicy.enabled=true', 'networkPolicy.egress.enabled=true'];
    assert.match(await refusal(...limited), /networkPolicy\.egress\.kubeapiCidr: set it to/);
    assert.match(
      await refusal(...limited, 'networkPolicy.egress.kubeapiCidr=10.0.0.1/32'),
      /networkPolicy\.egress\.kubeapiPort: set it to/,
    );
  });

  test('a chart that has this one inside may give "global" and "enabled"', async () => {
    const ran = await helm(['template', 'x', CHART, '--set', 'global.a=b', '--set', 'enabled=true']);
    assert.equal(ran.code, 0, ran.stderr);
  });
});
