import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { objectsIn } from '../support/helm.ts';
import { CASES, rendered } from './cases.ts';

/**
 * Creates every object of every case on a real API server, in a namespace that enforces the Pod Security level
 * `restricted`.
 */

const NAMESPACE = 'guarded';

/**
 * Returns a permissive CRD for a kind of the Prometheus operator. The real definitions belong to the operator, so the
 * test only shows that the objects are well-formed.
 */
function foreign(kind: string, plural: string): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.monitoring.coreos.com`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
    },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: plural.slice(0, -1) },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
  const namespaces = [NAMESPACE, 'shop', 'blog', 'monitoring'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: name === NAMESPACE ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {},
    },
  }));
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'gvisor' },
    handler: 'runsc',
  };
  const operator = [
    foreign('ServiceMonitor', 'servicemonitors'),
    foreign('PodMonitor', 'podmonitors'),
    foreign('PrometheusRule', 'prometheusrules'),
  ];
  await plane.apply(
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...namespaces, runtimeClass, ...operator] }),
  );
});
after(() => plane.stop());

/** Returns the pod that a Deployment would create, because Pod Security only warns about Deployments. */
function podOf(deployment: object): object {
  const labels = at(deployment, 'spec', 'template', 'metadata', 'labels');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'made', namespace: NAMESPACE, labels },
    spec: at(deployment, 'spec', 'template', 'spec'),
  };
}

suite('the API server accepts', () => {
  for (const each of CASES) {
    test(`the objects that the values of ${each.name} render`, async () => {
      const objects = objectsIn(await rendered(each, '--namespace', NAMESPACE, '--include-crds'));
      for (const object of objects) await plane.apply(JSON.stringify(object), true);
      for (const deployment of objects.filter((object) => at(object, 'kind') === 'Deployment')) {
        assert.equal(stringAt(deployment, 'metadata', 'namespace'), NAMESPACE);
        const tried = plane.apply(JSON.stringify(podOf(deployment)), true);
        // `restricted` rejects host networking by design.
        if (each.name === 'host')
          await assert.rejects(tried, /violates PodSecurity "restricted.*hostNetwork/);
        else await tried;
      }
    });
  }

  test('a dry run without creating an object', async () => {
    const { body } = await plane.request('GET', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`);
    assert.deepEqual(at(body, 'items'), []);
  });
});
