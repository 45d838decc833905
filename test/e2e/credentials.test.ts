import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { suite, test } from 'node:test';
import { connect } from '../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Overrides } from '../../shared/kubernetes/auth/kubeconfig/types.ts';
import { at } from '../control-plane/admin-client.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let token = '';

const setup = new Setup(async () => {
  const { plane } = setup;
  token = await plane.newServiceAccountToken('default', 'developer');
});

/** Returns the user as which the API server authenticates a client. */
async function whoAmI(user: object, flags: Overrides = {}): Promise<unknown> {
  const { server, caFile } = setup.plane;
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': caFile } }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user }],
  };
  const kubeconfig = folder.write('config', JSON.stringify(config));
  const transport = new Transport(await connect({ kubeconfig, ...flags }, {}, { clock: systemClock }));
  try {
    const { status, body } = await transport.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    if (status !== 201) return status;
    const info = at(JSON.parse(body.toString()), 'status', 'userInfo');
    return [at(info, 'username'), at(info, 'uid'), at(info, 'groups'), at(info, 'extra')];
  } finally {
    transport.close();
  }
}

suite('a real API server authenticates', () => {
  const DEVELOPER = 'system:serviceaccount:default:developer';

  test('a token', async () => assert.equal(at(await whoAmI({ token }), 0), DEVELOPER));

  test('a token file', async () =>
    assert.equal(at(await whoAmI({ tokenFile: folder.write('token', `${token}\n`) }), 0), DEVELOPER));

  test('an exec plugin', async () => {
    const credential = {
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      status: { token },
    };
    const command = folder.write('plugin', `#!/bin/sh\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`);
    chmodSync(command, 0o755);
    const exec = { apiVersion: credential.apiVersion, command, interactiveMode: 'Never' };
    assert.equal(at(await whoAmI({ exec }), 0), DEVELOPER);
  });

  test('an impersonated user with UID, groups and extras', async () => {
    const extra = { 'example.com/reason x': ['one', 'two'] };
    const user = { token: setup.plane.adminToken, as: 'jürgen', 'as-user-extra': extra };
    const flags = { asUid: 'u-1', asGroup: ['dev', 'ops'] };
    assert.deepEqual(await whoAmI(user, flags), [
      'jürgen',
      'u-1',
      ['dev', 'ops', 'system:authenticated'],
      extra,
    ]);
  });

  test('nobody if the token is wrong', async () => assert.equal(await whoAmI({ token: 'wrong' }), 401));

  test('nobody without the right to impersonate', async () =>
    assert.equal(await whoAmI({ token }, { as: 'admin' }), 403));
});
