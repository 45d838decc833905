import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { allPem } from '../../../shared/crypto/pem.ts';
import { certificateOf, DAY, rsa } from '../../support/keys.ts';
import type { Ran } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { FakeServer, json, text } from '../fake-api-server.ts';
import { Repository } from './repository.ts';

const folder = temporaryFolder();
const server = new FakeServer('hunter2-canary');

/** A certificate of a new key, valid from some days ago for some days in all. */
function issue(daysAgo = 1, days = 100): Promise<string> {
  return certificateOf(rsa(), {
    notBefore: new Date(Math.floor(Date.now() / 1000) * 1000 - daysAgo * DAY),
    validity: days * DAY,
  });
}

/** Lets the controller in a namespace answer with a certificate; undefined for a controller that is down. */
function serve(namespace: string, pem: string | undefined): void {
  const service = `/api/v1/namespaces/${namespace}/services/sealed-secrets-controller`;
  const proxy = `/api/v1/namespaces/${namespace}/services/http:sealed-secrets-controller:web/proxy/v1/cert.pem`;
  const metadata = { name: 'sealed-secrets-controller', namespace };
  server.answers.set(service, json(200, { kind: 'Service', metadata, spec: { ports: [{ name: 'web' }] } }));
  server.answers.set(proxy, pem === undefined ? text('', 503) : text(pem));
}

const CONFIG = `clusters:
  prod: {certificate: certs/prod.pem, context: a, controllerNamespace: prod}
  staging: {certificate: certs/staging.pem, context: a, controllerNamespace: staging}
`;

/** A repository whose clusters are the namespaces `prod` and `staging`. */
function repositoryWith(config = CONFIG): Repository {
  const repository = new Repository(folder);
  repository.write('.kubeseal.yaml', config);
  repository.write(
    'kubeconfig',
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { token: 't' } }],
    }),
  );
  return repository;
}

function update(repository: Repository, ...args: readonly string[]): Promise<Ran> {
  return repository.run(['certs', 'update', '--kubeconfig', 'kubeconfig', ...args]);
}

/** Returns how a line names a certificate. */
function shown(pem: string): string {
  const { fingerprint, notBefore, notAfter } = parseCertificate(pem, 'test');
  return `${fingerprint} (valid from ${notBefore.toISOString().replace('.000', '')} until ${notAfter.toISOString().slice(0, 10)})`;
}

beforeEach(() => server.forget());

suite('kubeseal certs update', () => {
  test('puts the newest certificate first, keeps the older ones, and shows both fingerprints', async () => {
    const repository = repositoryWith();
    const [oldest, old, newest, staging] = await Promise.all([issue(30), issue(20), issue(1), issue(1)]);
    repository.write('certs/prod.pem', `# by ops\n${old}# the first one\n${oldest}`);
    repository.write('certs/staging.pem', staging);
    serve('prod', newest);
    serve('staging', staging);
    const ran = await update(repository);
    assert.deepEqual(ran, {
      code: 0,
      stderr: '',
      stdout:
        `prod: certs/prod.pem: updated from ${shown(old)} to ${shown(newest)}; 2 older certificates kept below\n` +
        `staging: certs/staging.pem: current: ${shown(staging)}\n`,
    });
    assert.equal(
      repository.read('certs/prod.pem'),
      `${newest.trim()}\n# by ops\n${old}# the first one\n${oldest.trim()}\n`,
    );
    assert.equal(repository.read('certs/staging.pem'), staging);
    const sealed = await repository.run(
      ['--to', 'prod'],
      'metadata: {name: a, namespace: b}\nstringData: {c: d}\n',
    );
    assert.deepEqual([sealed.code, sealed.stderr], [0, '']);
  });

  test('creates a file that does not exist', async () => {
    const repository = repositoryWith();
    const newest = await issue();
    repository.remove('certs/prod.pem');
    serve('prod', newest);
    const ran = await update(repository, 'prod');
    assert.equal(ran.stdout, `prod: certs/prod.pem: created: ${shown(newest)}\n`);
    assert.equal(repository.read('certs/prod.pem'), newest);
  });

  test('puts a certificate first that is further below, without a second copy', async () => {
    const repository = repositoryWith();
    const [old, newest] = await Promise.all([issue(20), issue(1)]);
    repository.write('certs/prod.pem', old + newest);
    serve('prod', newest);
    assert.equal((await update(repository, 'prod')).code, 0);
    assert.equal(repository.read('certs/prod.pem'), newest + old);
  });

  test('keeps 32 certificates, and says how many it drops', async () => {
    const repository = repositoryWith();
    const newest = await issue();
    const old = await Promise.all(
      Array.from({ length: 33 }, (_, index) =>
        certificateOf(rsa(), { notBefore: new Date(Date.now() - (index + 2) * DAY) }),
      ),
    );
    repository.write('certs/prod.pem', old.join(''));
    serve('prod', newest);
    const ran = await update(repository, 'prod');
    assert.match(ran.stdout, /; 31 older certificates kept below; 2 certificates at the end dropped, since/);
    assert.deepEqual(
      allPem(repository.read('certs/prod.pem'), ['CERTIFICATE']).map((pem) => `${pem}\n`),
      [newest, ...old.slice(0, 31)],
    );
  });

  test('updates the other clusters if one cannot be asked, and ends with 2', async () => {
    const repository = repositoryWith();
    const newest = await issue();
    repository.remove('certs');
    repository.write('certs/other.txt', '');
    serve('staging', newest);
    serve('prod', undefined);
    const ran = await update(repository);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /^error: for the cluster prod: cannot fetch certificate: prod\/sealed-secrets/);
    assert.equal(ran.stdout, `staging: certs/staging.pem: created: ${shown(newest)}\n`);
    assert.ok(!existsSync(join(repository.path, 'certs/prod.pem')));
  });

  test('warns of a cluster whose certificate is older than that of the file', async () => {
    const repository = repositoryWith();
    const [older, newer] = await Promise.all([issue(20), issue(1)]);
    repository.write('certs/prod.pem', newer);
    serve('prod', older);
    const ran = await update(repository, 'prod');
    assert.match(
      ran.stderr,
      /^warning: prod: certs\/prod\.pem: the certificate of the cluster is older than that of the file; find out why/,
    );
    assert.equal(repository.read('certs/prod.pem'), older + newer);
  });

  for (const [what, content, wanted] of [
    ['something else than a certificate', 'a: b\n', /certs\/prod\.pem/],
    [
      'a private key',
      '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n',
      /private key/,
    ],
  ] as const) {
    test(`does not overwrite a file that holds ${what}`, async () => {
      const repository = repositoryWith();
      repository.write('certs/prod.pem', content);
      serve('prod', await issue());
      const ran = await update(repository, 'prod');
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, wanted);
      assert.equal(repository.read('certs/prod.pem'), content);
    });
  }

  test('skips clusters without a file or a context, with a note', async () => {
    const repository = repositoryWith(`${CONFIG}  url: {certificate: 'https://x/cert.pem', context: a}
  bare: {certificate: certs/bare.pem}
  live: {context: a}
`);
    const newest = await issue();
    serve('prod', newest);
    serve('staging', newest);
    const ran = await update(repository);
    assert.equal(
      ran.stderr,
      'note: url: skipped: .kubeseal.yaml gives it no certificate file\n' +
        'note: bare: skipped: .kubeseal.yaml gives it no context\n' +
        'note: live: skipped: .kubeseal.yaml gives it no certificate file\n',
    );
    assert.equal(ran.code, 0);
    const none = await update(repository, 'bare');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /names no cluster with both a certificate file and a context/);
  });

  test('takes --context for one cluster', async () => {
    const repository = repositoryWith(CONFIG.replaceAll('context: a', 'context: elsewhere'));
    const newest = await issue();
    serve('prod', newest);
    assert.equal((await update(repository, 'prod', '--context', 'a')).code, 0);
    assert.equal(repository.read('certs/prod.pem').slice(0, newest.length), newest);
    const two = await update(repository, '--context', 'a');
    assert.match(two.stderr, /^error: certs update: --context is for one cluster/);
    assert.equal(two.code, 2);
  });

  test('refuses one file for two clusters, also through a link', async () => {
    const repository = repositoryWith();
    repository.remove('certs/staging.pem');
    symlinkSync('prod.pem', join(repository.path, 'certs/staging.pem'));
    const ran = await update(repository);
    assert.match(ran.stderr, /names the same certificate file for the clusters prod and staging/);
    assert.equal(ran.code, 2);
  });
});

suite('kubeseal certs update --check', () => {
  test('changes no file, and ends with 0 if all are current', async () => {
    const repository = repositoryWith();
    const newest = await issue();
    repository.write('certs/prod.pem', newest);
    serve('prod', newest);
    const ran = await update(repository, 'prod', '--check');
    assert.deepEqual(ran, {
      code: 0,
      stderr: '',
      stdout: `prod: certs/prod.pem: current: ${shown(newest)}\n`,
    });
  });

  test('ends with 1 if a certificate is not the newest, and changes no file', async () => {
    const repository = repositoryWith();
    const [old, newest] = await Promise.all([issue(20), issue(1)]);
    repository.write('certs/prod.pem', old);
    serve('prod', newest);
    const ran = await update(repository, 'prod', '--check');
    assert.deepEqual(ran, {
      code: 1,
      stderr: '',
      stdout: `prod: certs/prod.pem: not the newest: it has ${shown(old)}, and the cluster seals with ${shown(newest)}; run kubeseal certs update prod\n`,
    });
    assert.equal(repository.read('certs/prod.pem'), old);
  });

  test('ends with 1 if a file is missing', async () => {
    const repository = repositoryWith();
    repository.remove('certs/prod.pem');
    serve('prod', await issue());
    const ran = await update(repository, 'prod', '--check');
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /not the newest: it has no certificate, and the cluster seals with SHA256:/);
    assert.ok(!existsSync(join(repository.path, 'certs/prod.pem')));
  });

  test('says as well that a certificate expires that is not in the file yet', async () => {
    const repository = repositoryWith();
    repository.write('certs/prod.pem', await issue(20));
    serve('prod', await issue(1, 10));
    const ran = await update(repository, 'prod', '--check');
    assert.equal(ran.code, 1);
    assert.match(
      ran.stdout,
      /: not the newest: .*; the certificate SHA256:\S+ expires on .*; make a new key with /,
    );
  });

  test('ends with 1 if the certificate of a cluster has expired, which is not written to the file', async () => {
    const repository = repositoryWith();
    const former = await issue(20);
    repository.write('certs/prod.pem', former);
    serve('prod', await issue(10, 9));
    const checked = await update(repository, 'prod', '--check');
    assert.equal(checked.code, 1);
    assert.match(
      checked.stdout,
      /the certificate SHA256:\S+ expired on .*; make a new key with kubeseal keys renew/,
    );
    const ran = await update(repository, 'prod');
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /^error: for the cluster prod: the certificate SHA256:\S+ expired on /m);
    assert.equal(repository.read('certs/prod.pem'), former);
  });

  test('refuses a certificate that is not valid yet, with --check and without', async () => {
    const repository = repositoryWith();
    const former = await issue(20);
    repository.write('certs/prod.pem', former);
    serve('prod', await issue(-2));
    for (const args of [['prod'], ['prod', '--check']]) {
      const ran = await update(repository, ...args);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /^error: for the cluster prod: .*not valid/m);
      assert.equal(repository.read('certs/prod.pem'), former);
    }
  });

  for (const [days, code] of [
    [29, 1],
    [32, 0],
  ] as const) {
    test(`ends with ${code} if a certificate expires in ${days} days`, async () => {
      const repository = repositoryWith();
      const newest = await issue(1, days + 1);
      repository.write('certs/prod.pem', newest);
      serve('prod', newest);
      const ran = await update(repository, 'prod', '--check');
      assert.equal(ran.code, code);
      assert.match(
        ran.stdout,
        code === 1
          ? /expires on .*; make a new key with kubeseal keys renew --context a --controller-namespace prod\n$/
          : /current/,
      );
    });
  }

  test('ends with 2 if a cluster cannot be asked, whatever the others have', async () => {
    const repository = repositoryWith();
    serve('prod', undefined);
    serve('staging', await issue());
    const ran = await update(repository, '--check');
    assert.equal(ran.code, 2);
    assert.match(ran.stdout, /^staging: .*not the newest/, ran.stderr);
  });
});
