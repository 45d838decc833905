import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';

import { at, stringAt } from './admin-client.ts';
import { canBuild, haveBinaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { rightsInForce } from './rights.ts';
import { podAddress } from './network.ts';

const possible = (await haveBinaries(['etcd', 'kube-apiserver'])) || (await canBuild());
const skip = possible ? false : 'neither control plane binaries nor Go';
let plane: ControlPlane;

before(async () => {
  if (possible) plane = await startControlPlane({ say: console.error });
});
after(async () => {
  if (possible) await plane.stop();
});

const crd = `
# A comment, and so an empty document, comes first.
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: lamps.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: lamps, singular: lamp, kind: Lamp }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: example.com/v1
kind: Lamp
metadata: { name: hall }
spec: { lit: true }
`;

test('applies a definition and, in the same text, an object of it', { skip }, async () => {
  const [, lamp] = await plane.apply(crd);
  assert.equal(at(lamp, 'spec', 'lit'), true);
  const { body } = await plane.request('GET', '/apis/example.com/v1/namespaces/default/lamps/hall');
  assert.equal(at(body, 'metadata', 'managedFields', 0, 'manager'), 'test');
  await assert.rejects(plane.apply(crd.replaceAll('Lamp', 'lamp')), /answered 422/);
});

test('keeps objects and tokens over a restart of the apiserver, and over a crash', { skip }, async () => {
  const namespace = await plane.createNamespace('restart');
  assert.match(namespace, /^restart-/);
  const path = `/api/v1/namespaces/${namespace}/configmaps/kept`;
  const metadata = { name: 'kept', namespace };
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } }));
  const before = plane.pids.apiServer;

  await plane.restartApiServer();
  assert.notEqual(plane.pids.apiServer, before);
  assert.equal(at((await plane.request('GET', path)).body, 'data', 'a'), '1');

  await plane.stopApiServer('SIGKILL');
  await assert.rejects(plane.request('GET', path), { code: 'ECONNREFUSED' });
  await plane.startApiServer();
  assert.equal((await plane.request('GET', path)).status, 200);
});

test('lets a ServiceAccount do what its roles say and no more', { skip }, async () => {
  const namespace = await plane.createNamespace('rbac');
  const metadata = { name: 'reader', namespace };
  const list = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
    },
  ];
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }));
  await rightsInForce(plane);
  const token = await plane.serviceAccountToken(namespace, 'reader');

  const configMaps = await plane.requestAs(token, 'GET', `/api/v1/namespaces/${namespace}/configmaps`);
  assert.equal(configMaps.status, 200);
  const secrets = await plane.requestAs(token, 'GET', `/api/v1/namespaces/${namespace}/secrets`);
  assert.equal(secrets.status, 403);
  assert.match(stringAt(secrets.body, 'message'), /system:serviceaccount:rbac-\w+:reader/);
  assert.equal((await plane.requestAs('unknown', 'GET', '/api')).status, 401);

  const file = plane.kubeconfigFor(token, { namespace });
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

const address = podAddress();

test(
  'reaches a process through the service proxy',
  { skip: skip || (address === null && 'no address but loopback') },
  async () => {
    const server = createServer((request, response) => response.end(`asked for ${request.url ?? ''}`));
    const port = await listen(server, address ?? '');
    try {
      const namespace = await plane.createNamespace('proxy');
      const outside = { namespace, service: 'lamp', port, portName: 'http', servicePort: 8080 };
      await plane.publish({ ...outside, address: address ?? '' });
      for (const name of ['http', '8080']) {
        const path = `/api/v1/namespaces/${namespace}/services/http:lamp:${name}/proxy/v1/cert.pem`;
        assert.deepEqual(await plane.request('GET', path), { status: 200, body: 'asked for /v1/cert.pem' });
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);

test('never shows its token, and leaves nothing behind', { skip }, async () => {
  const { adminToken, folder, pids } = plane;
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.ok(!inspect(plane, { depth: 10, showHidden: true }).includes(adminToken));

  await plane.stop();
  await plane.stop();
  assert.equal(existsSync(folder), false);
  for (const pid of [pids.etcd, pids.apiServer]) {
    assert.ok(pid !== undefined);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  }
});

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}
