import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { CONTROLLER_NAME, RELEASE } from '../../build/helm.ts';
import { DEFAULT_KEY_RECORD } from '../../shared/key-record/record.ts';
import { at } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { Cluster, itemsOf } from '../support/cluster.ts';
import { template } from '../support/helm.ts';
import { Installation } from '../support/installation.ts';
import { sealedSecret } from '../support/sealed.ts';

/** Tests the exact rights of the rendered ServiceAccount on an API server: everything listed here, and nothing else. */

const OWN = RELEASE.namespace;
const NAMED = ['--include-crds', '--set-string', `fullnameOverride=${CONTROLLER_NAME}`];

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
/** The resources, as `resource.group/subresource`, with `:NAME` for a single object. */
const RESOURCES = [
  ...[
    'sealedsecrets.bitnami.com',
    'sealedsecrets.bitnami.com/status',
    'secrets',
    'secrets:sealed-secrets-key',
  ],
  ...[
    'events',
    'configmaps',
    `configmaps:${DEFAULT_KEY_RECORD}`,
    'pods',
    'pods/exec',
    'pods/log',
    'serviceaccounts',
    'serviceaccounts/token',
  ],
  ...['services', 'services/proxy', `services:${CONTROLLER_NAME}`, `services/proxy:http:${CONTROLLER_NAME}:`],
  ...['namespaces', 'namespaces:shop', 'nodes', 'deployments.apps'],
  ...['leases.coordination.k8s.io', `leases.coordination.k8s.io:${CONTROLLER_NAME}`],
  ...['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  ...[
    'customresourcedefinitions.apiextensions.k8s.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
];

const UNSEALS = {
  'sealedsecrets.bitnami.com': 'get list watch',
  'sealedsecrets.bitnami.com/status': 'update',
  secrets: 'get list watch create update delete',
  'secrets:sealed-secrets-key': 'get list watch create update delete',
  events: 'create patch',
};
const KEEPS_KEYS = { secrets: 'list create', 'secrets:sealed-secrets-key': 'get list create' };
/** The rights to the key record. */
const RECORDS = {
  configmaps: 'create',
  [`configmaps:${DEFAULT_KEY_RECORD}`]: 'get list watch create patch',
};
/** The rights to the Lease of the leader. */
const ELECTS = {
  'leases.coordination.k8s.io': 'create',
  [`leases.coordination.k8s.io:${CONTROLLER_NAME}`]: 'get create update',
};
/** The rights of every authenticated user, and thus of the controller. */
const REACHES_SERVICE = {
  [`services:${CONTROLLER_NAME}`]: 'get',
  [`services/proxy:http:${CONTROLLER_NAME}:`]: 'get create',
};

/** Checks every verb of every resource in a namespace; an empty namespace means all of them. */
async function allowed(plane: ControlPlane, token: string, namespace: string): Promise<object> {
  const granted: [string, string][] = [];
  for (const each of RESOURCES) {
    const [, resource, group = '', subresource = '', name = ''] =
      /^([^.:/]+)(?:\.([^:/]+))?(?:\/([^:]+))?(?::(.*))?$/.exec(each) ?? [];
    const answers = await Promise.all(
      VERBS.map(async (verb) => {
        const resourceAttributes = { namespace, verb, group, resource, subresource, name };
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' };
        const asked = { ...review, spec: { resourceAttributes } };
        const { status, body } = await plane.requestAs(token, 'POST', path, asked);
        assert.equal(status, 201);
        return at(body, 'status', 'allowed') === true ? [verb] : [];
      }),
    );
    if (answers.flat().length > 0) granted.push([each, answers.flat().join(' ')]);
  }
  return Object.fromEntries(granted);
}

/** Installs the chart with additional flags of helm, for the tests of a suite. */
function installedWith(...args: readonly string[]): () => Installation {
  let installation: Installation | undefined;
  before(async () => {
    const text = await template(...NAMED, ...args);
    installation = await Installation.start({
      install: async (plane) => {
        await plane.apply('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}');
        await plane.apply(text);
      },
    });
  });
  after(() => installation?.stop());
  return () => {
    if (installation === undefined) throw new Error('there is no cluster before the first test');
    return installation;
  };
}

suite('with a ClusterRole', () => {
  const installation = installedWith();

  test('the controller may unseal in all namespaces, and nothing else', async () => {
    const { plane } = installation();
    const token = await installation().token();
    assert.deepEqual(await allowed(plane, token, ''), UNSEALS);
    assert.deepEqual(await allowed(plane, token, 'shop'), UNSEALS);
    assert.deepEqual(await allowed(plane, token, OWN), {
      ...UNSEALS,
      ...RECORDS,
      ...ELECTS,
      ...REACHES_SERVICE,
    });
  });

  test('requests without a right are refused', async () => {
    const { plane } = installation();
    const token = await installation().token();
    const tries: [string, string, object?][] = [
      ['GET', '/api/v1/namespaces'],
      ['GET', '/api/v1/namespaces/shop/pods'],
      ['POST', `/api/v1/namespaces/${OWN}/serviceaccounts/${CONTROLLER_NAME}/token`, { spec: {} }],
      ['DELETE', '/api/v1/namespaces/shop/secrets'],
      ['PATCH', '/api/v1/namespaces/shop/secrets/any', {}],
      ['PUT', '/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/any', {}],
      ['POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {}],
    ];
    for (const [method, path, body] of tries) {
      assert.equal((await plane.requestAs(token, method, path, body)).status, 403, `${method} ${path}`);
    }
  });
});

suite('with a ClusterRole and additional namespaces', () => {
  const installation = installedWith('--set', 'additionalNamespaces={shop}');

  test('the controller may also get these namespaces', async () => {
    const { plane } = installation();
    const token = await installation().token();
    const looksUp = { 'namespaces:shop': 'get' };
    assert.deepEqual(await allowed(plane, token, ''), { ...UNSEALS, ...looksUp });
  });
});

suite('with Roles in namespaces', () => {
  const namespaced = ['rbac.clusterRole=false', 'rbac.namespacedRoles=true', 'additionalNamespaces={shop}'];
  const installation = installedWith(...namespaced.flatMap((value) => ['--set', value]));

  test('the controller may unseal in these, keep its keys in its own, and do nothing elsewhere', async () => {
    const { plane } = installation();
    const token = await installation().token();
    assert.deepEqual(await allowed(plane, token, ''), {});
    assert.deepEqual(await allowed(plane, token, 'default'), {});
    assert.deepEqual(await allowed(plane, token, 'shop'), UNSEALS);
    assert.deepEqual(await allowed(plane, token, OWN), {
      ...KEEPS_KEYS,
      events: 'create',
      ...RECORDS,
      ...ELECTS,
      ...REACHES_SERVICE,
    });
  });

  test('the controller creates its key and unseals', async () => {
    const { plane } = installation();
    const controller = await installation().startReadyController(['--additional-namespaces=shop']);
    try {
      const cluster = new Cluster(plane);
      const ref = { namespace: 'shop', name: 'db' };
      const certificate = await controller.certificate();
      await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { password: 'a' }));
      assert.deepEqual(itemsOf(await cluster.secret(ref)), { password: 'a' });
      await cluster.told(ref, 'True');
    } finally {
      await controller.stop();
    }
  });
});
