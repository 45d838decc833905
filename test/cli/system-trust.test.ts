import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { makeApiServerKeys } from '../control-plane/certificates.ts';
import { Authority } from '../support/authority.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { FakeServer, json, text } from './fake-api-server.ts';

const PEM = certificatePem('c2048');
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const SERVICE = '/api/v1/namespaces/kube-system/services/sealed-secrets-controller';
const folder = temporaryFolder();
const [keys, stranger] = await Promise.all([makeApiServerKeys(), Authority.make('another CA')]);
const server = new FakeServer('canary', keys);
const ca = folder.write('ca.pem', keys.caCertificate);
const other = folder.write('other.pem', stranger.certificate);
const missing = join(folder.path, 'none.pem');

beforeEach(() => {
  server.forget();
  server.answers.set('/cert.pem', text(PEM));
  server.answers.set(
    SERVICE,
    json(200, {
      kind: 'Service',
      metadata: { name: 'x', namespace: 'y' },
      spec: { ports: [{ name: 'web' }] },
    }),
  );
  server.answers.set(
    '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy/v1/cert.pem',
    text(PEM),
  );
});

function kubeconfig(cluster: object): string {
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server: server.url, ...cluster } }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: 'canary' } }],
  };
  return folder.write('kubeconfig', JSON.stringify(config));
}

function certs(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder.path, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [file, pem] of Object.entries(files)) writeFileSync(join(path, file), pem);
  return path;
}

const WAYS: Record<string, () => readonly string[]> = {
  '--cert URL': () => ['--fetch-cert', '--cert', `${server.url}/cert.pem`],
  'a kubeconfig': () => ['--fetch-cert', '--kubeconfig', kubeconfig({})],
};

for (const [way, args] of Object.entries(WAYS)) {
  suite(`${way} without a CA`, () => {
    const accepted: Record<string, () => NodeJS.ProcessEnv> = {
      'the bundle of SSL_CERT_FILE': () => ({ SSL_CERT_FILE: ca }),
      'the server certificate in SSL_CERT_FILE': () => ({
        SSL_CERT_FILE: folder.write('leaf.pem', keys.servingCertificate),
      }),
      'a folder of SSL_CERT_DIR': () => ({
        SSL_CERT_DIR: `${certs('a', { 'other.pem': stranger.certificate })}:${certs('b', { 'ca.crt': keys.caCertificate })}`,
      }),
      'NODE_EXTRA_CA_CERTS beside SSL_CERT_FILE': () => ({ SSL_CERT_FILE: other, NODE_EXTRA_CA_CERTS: ca }),
    };
    for (const [what, env] of Object.entries(accepted)) {
      test(`trusts ${what}`, async () => {
        const { code, stdout, stderr } = await kubeseal(args(), { env: env() });
        assert.deepEqual([code, stdout, stderr], [0, PEM, '']);
      });
    }

    const refused: [string, () => NodeJS.ProcessEnv, RegExp][] = [
      ['a server that the system does not trust', () => ({}), /: its TLS certificate is not trusted$/],
      [
        'a server of an authority that is not in SSL_CERT_FILE',
        () => ({ SSL_CERT_FILE: other, SSL_CERT_DIR: certs('empty', {}) }),
        /: its TLS certificate is not trusted$/,
      ],
      [
        'to go on without SSL_CERT_FILE',
        () => ({ SSL_CERT_FILE: missing, SSL_CERT_DIR: certs('b', { 'ca.crt': keys.caCertificate }) }),
        /^error: ([^\n]*: )?SSL_CERT_FILE: open \S+\/none\.pem: no such file or directory$/,
      ],
      [
        'to go on where nothing is trusted',
        () => ({ SSL_CERT_DIR: certs('empty', {}), SSL_CERT_FILE: folder.write('empty.pem', '') }),
        /^error: ([^\n]*: )?SSL_CERT_FILE and SSL_CERT_DIR: no certificate found$/,
      ],
    ];
    for (const [what, env, words] of refused) {
      test(`refuses ${what}`, async () => {
        const { code, stdout, stderr } = await kubeseal(args(), { env: env() });
        assert.match(stderr.replace(/\n$/, ''), words);
        assert.deepEqual([code, stdout, server.requests], [1, '', []]);
      });
    }
  });
}

suite("the system's trust store is not read", () => {
  const env = { SSL_CERT_FILE: missing };

  test('for a certificate in a file', async () => {
    const cert = folder.write('cert.pem', PEM);
    const { code, stderr } = await kubeseal(['--cert', cert], { stdin: SECRET, env });
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('for a kubeconfig that names a CA, or needs none', async () => {
    for (const cluster of [{ 'certificate-authority': ca }, { 'insecure-skip-tls-verify': true }]) {
      const { code, stderr } = await kubeseal(['--fetch-cert', '--kubeconfig', kubeconfig(cluster)], { env });
      assert.deepEqual([code, stderr], [0, ''], JSON.stringify(cluster));
    }
  });
});
