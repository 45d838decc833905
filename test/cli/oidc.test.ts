import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { NODE_ENTRY } from '../../build/package.ts';
import { makeApiServerKeys } from '../control-plane/certificates.ts';
import { Authority } from '../support/authority.ts';
import { OidcIssuer, sendJson } from '../support/oidc-issuer.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { FakeServer, json, text } from './fake-api-server.ts';

const CANARY = 'hunter2-canary';
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const SERVICE = '/api/v1/namespaces/kube-system/services/sealed-secrets-controller';
const PROXY = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy/v1/cert.pem';
const folder = temporaryFolder();
const [keys, authority] = await Promise.all([makeApiServerKeys(), Authority.make('issuer CA')]);
const server = new FakeServer(CANARY, keys);
const issuer = new OidcIssuer(authority);
const [program] = KUBESEAL;

before(() => issuer.start());
after(() => issuer.stop());
beforeEach(() => {
  issuer.reset();
  server.forget();
  server.answers.set(
    SERVICE,
    json(200, { kind: 'Service', metadata: {}, spec: { ports: [{ name: 'web' }] } }),
  );
  server.answers.set(PROXY, text(certificatePem('c2048')));
});

function kubeconfig(user: object): string {
  const base64 = Buffer.from(keys.caCertificate).toString('base64');
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': base64 } }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [
      { name: 'u', user },
      { name: 'other', user: oidcUser('') },
    ],
  };
  return folder.write('kubeconfig', JSON.stringify(config, null, 2));
}

function oidcUser(idToken: string): object {
  const config = {
    'client-id': 'kube',
    'client-secret': CANARY,
    'id-token': idToken,
    'refresh-token': CANARY,
    'idp-issuer-url': issuer.url,
    'idp-certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
  };
  return { 'auth-provider': { name: 'oidc', config } };
}

function sealed(file: string): Promise<Ran> {
  return kubeseal([], { stdin: SECRET, env: { KUBECONFIG: file } });
}

function tokensSent(): string[] {
  return [...new Set(server.requests.map(({ authorization = '' }) => authorization.replace('Bearer ', '')))];
}

suite('kubeseal for a user who logs in with OpenID Connect', () => {
  test('seals with a valid ID token', async () => {
    const token = issuer.idToken(3600);
    const { code, stdout, stderr } = await sealed(kubeconfig(oidcUser(token)));
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /"kind": "SealedSecret"/);
    assert.deepEqual(tokensSent(), [token]);
    assert.deepEqual(issuer.requests, []);
  });

  test('refreshes an expired ID token and saves the new one for the next run', async () => {
    issuer.tokens = { refresh_token: 'rotated' };
    const file = kubeconfig(oidcUser(issuer.idToken(-60)));
    for (let runs = 0; runs < 2; runs++) {
      const { code, stdout, stderr } = await sealed(file);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /"kind": "SealedSecret"/);
    }
    const [token = '', ...others] = tokensSent();
    assert.deepEqual(others, []);
    assert.equal(issuer.refreshes.length, 1);
    const written = readFileSync(file, 'utf8');
    assert.ok(written.includes(`"id-token": "${token}"`));
    assert.ok(written.includes('"refresh-token": "rotated"'));
  });

  test('names the user and what to do once the session has ended', async () => {
    issuer.token = (response) =>
      sendJson(response, 400, { error: 'invalid_grant', error_description: CANARY });
    const { code, stdout, stderr } = await sealed(kubeconfig(oidcUser(issuer.idToken(-60))));
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      'error: cannot get sealed secret service: kube-system/sealed-secrets-controller: no credentials for the cluster: ' +
        `user "u", auth-provider "oidc": the id-token cannot be refreshed at ${issuer.url}: ` +
        'it does not accept the refresh token (invalid_grant): log in again\n',
    );
    assert.deepEqual(server.requests, []);
  });
});

if (program === process.execPath) {
  test('kubeseal loads the code for auth providers for a user of that kind only', async () => {
    const spy = folder.write(
      'spy.cjs',
      `process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))));`,
    );
    const loaded = async (user: object): Promise<string[]> => {
      const env = { KUBECONFIG: kubeconfig(user), HOME: '/nonexistent' };
      const ran = await run(program, ['-r', spy, NODE_ENTRY], { stdin: SECRET, env });
      assert.equal(ran.code, 0, ran.stderr);
      const files = JSON.parse(ran.stderr) as string[];
      return files.map((file) => basename(file)).filter((name) => name.includes('provider'));
    };
    assert.deepEqual(await loaded({ token: 'canary' }), []);
    assert.deepEqual(await loaded(oidcUser(issuer.idToken(3600))), ['oidc-provider.cjs']);
  });
}
