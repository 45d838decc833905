import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { kubeseal, type Ran } from '../../support/run.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { noteSecret } from '../../support/secrets-used.ts';
import { certificatePem, keyPem } from '../../support/vectors.ts';
import { FakeController } from '../fake-controller.ts';
import { treeOf } from '../tree.ts';

/** Two clusters with a key each. The controller of prod also runs; staging has none. */
const PROD = 'c2048';
const STAGING = 'a4096';
const VALUE = 'configured-canary';
noteSecret(VALUE);
const CONFIG = `
clusters:
  prod:
    certificate: certs/prod.pem
    context: admin@prod
    paths: [overlays/prod/]
  staging:
    certificate: certs/staging.pem
    paths: [overlays/staging/, '*-staging.yaml']
`;

const controller = new FakeController();

/** A repository for one test. */
class Repository {
  readonly path: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.path = treeOf({
      '.git/HEAD': '',
      '.kubeseal.yaml': CONFIG,
      'certs/prod.pem': certificatePem(PROD),
      'certs/staging.pem': certificatePem(STAGING),
      'keys/prod.pem': keyPem(PROD),
      'keys/staging.pem': keyPem(STAGING),
      'overlays/prod/.keep': '',
      'overlays/staging/.keep': '',
      'secret.yaml': secret('db'),
      'kubeconfig.json': kubeconfig(),
      ...files,
    });
  }

  kubeseal(
    args: string,
    options: { cwd?: string; stdin?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Ran> {
    const cwd = join(this.path, options.cwd ?? '.');
    return kubeseal(args.split(' '), { ...options, cwd });
  }

  async ok(
    args: string,
    options: { cwd?: string; stdin?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<string> {
    const { code, stderr } = await this.kubeseal(args, options);
    assert.equal(code, 0, stderr);
    return stderr;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  /** Returns the cluster whose key opens a file. */
  async clusterOf(name: string): Promise<string> {
    return this.clusterOfText(this.read(name));
  }

  async clusterOfText(stdin: string): Promise<string> {
    const opening: string[] = [];
    for (const cluster of ['prod', 'staging']) {
      const args = `--recovery-unseal --recovery-private-key keys/${cluster}.pem`;
      if ((await this.kubeseal(args, { stdin })).code === 0) opening.push(cluster);
    }
    return opening.join(' ');
  }
}

function secret(name: string, annotations: Readonly<Record<string, string>> = {}): string {
  const metadata = { name, namespace: 'shop', annotations };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: VALUE } });
}

function sealed(key: string, annotations: Readonly<Record<string, string>> = {}): string {
  const certificate = parseCertificate(certificatePem(key), key);
  const object = sealedSecret(certificate, { namespace: 'shop', name: 'db' }, { password: VALUE });
  return JSON.stringify({ ...object, metadata: { namespace: 'shop', name: 'db', annotations } });
}

/** A kubeconfig whose current context leads nowhere, and which has the context of prod. */
function kubeconfig(): string {
  return JSON.stringify({
    'current-context': 'nowhere',
    clusters: [
      { name: 'c', cluster: { server: controller.server.url } },
      { name: 'n', cluster: { server: 'http://127.0.0.1:1' } },
    ],
    contexts: [
      { name: 'admin@prod', context: { cluster: 'c', user: 'u' } },
      { name: 'nowhere', context: { cluster: 'n', user: 'u' } },
    ],
    users: [{ name: 'u', user: {} }],
  });
}

const WITH_CLUSTER = { env: { KUBECONFIG: 'kubeconfig.json' } };

suite('sealing in a repository with .kubeseal.yaml', () => {
  test('picks the certificate by the output path, and says so', async () => {
    const repository = new Repository();
    const told = await repository.ok('-f secret.yaml -w overlays/prod/db.yaml');
    assert.equal(told, '(prod: sealing with certs/prod.pem, as .kubeseal.yaml says)\n');
    assert.equal(await repository.clusterOf('overlays/prod/db.yaml'), 'prod');
    const other = await repository.ok('-f secret.yaml -w overlays/staging/db.yaml');
    assert.equal(other, '(staging: sealing with certs/staging.pem, as .kubeseal.yaml says)\n');
    assert.equal(await repository.clusterOf('overlays/staging/db.yaml'), 'staging');
  });

  test('picks it by the input path without an output path', async () => {
    const repository = new Repository({ 'overlays/staging/secret.yaml': secret('db') });
    const { stdout, stderr } = await repository.kubeseal('-f overlays/staging/secret.yaml');
    assert.match(stderr, /^\(staging: /);
    assert.equal(await repository.clusterOfText(stdout), 'staging');
    const named = await repository.kubeseal('seal overlays/staging/secret.yaml');
    assert.match(named.stderr, /^\(staging: /);
  });

  test('picks it by the working folder without any path', async () => {
    const repository = new Repository();
    const { stdout, stderr } = await repository.kubeseal('-o yaml', {
      cwd: 'overlays/prod',
      stdin: secret('db'),
    });
    assert.equal(stderr, '(prod: sealing with ../../certs/prod.pem, as ../../.kubeseal.yaml says)\n');
    assert.equal(await repository.clusterOfText(stdout), 'prod');
  });

  test('takes the certificate of --cert, of the environment, and no file with --config none', async () => {
    const repository = new Repository();
    const to = '-f secret.yaml -w overlays/prod/db.yaml';
    assert.equal(await repository.ok(`${to} --cert certs/staging.pem`), '');
    assert.equal(await repository.clusterOf('overlays/prod/db.yaml'), 'staging');
    const env = { SEALED_SECRETS_CERT: 'certs/staging.pem' };
    const told =
      '(prod: sealing with the certificate of SEALED_SECRETS_CERT, and not as .kubeseal.yaml says)\n';
    assert.equal(await repository.ok(to, { env }), told);
    assert.equal(await repository.clusterOf('overlays/prod/db.yaml'), 'staging');
    const none = await repository.kubeseal(`${to} --config none`);
    assert.match(none.stderr, /no cluster is configured/);
    assert.match(
      (await repository.kubeseal(to, { env: { SEALED_SECRETS_CONFIG: 'none' } })).stderr,
      /no cluster/,
    );
  });

  test('leaves the cluster to --context, --server and --cluster', async () => {
    const repository = new Repository();
    for (const flag of ['--context nowhere', '--server http://127.0.0.1:1', '--cluster n']) {
      const ran = await repository.kubeseal(`-f secret.yaml -w overlays/prod/db.yaml ${flag}`, WITH_CLUSTER);
      assert.match(ran.stderr, /^error: [^\n]*connection refused\n$/, flag);
    }
  });

  test('looks for the context of the cluster in the file of --kubeconfig', async () => {
    controller.reset();
    const repository = new Repository({ 'overlays/prod/db.json': sealed(PROD) });
    const flag = '--kubeconfig kubeconfig.json';
    const told = await repository.ok(`--validate -f overlays/prod/db.json ${flag}`);
    assert.equal(told, '(prod: using the context admin@prod, as .kubeseal.yaml says)\n');
    await repository.ok(`-f secret.yaml -w overlays/prod/db.yaml ${flag}`);
    assert.equal(await repository.clusterOf('overlays/prod/db.yaml'), 'prod');
  });

  test('uses the kubeconfig for a path of no cluster, and says so', async () => {
    const repository = new Repository();
    const { code, stderr } = await repository.kubeseal('-f secret.yaml -w db.yaml');
    assert.equal(code, 1);
    const [note] = stderr.split('\n');
    assert.equal(
      note,
      '(db.yaml belongs to no cluster of .kubeseal.yaml; using the current context of the kubeconfig)',
    );
    const { stderr: piped } = await repository.kubeseal('-o yaml', { stdin: secret('db') });
    assert.match(piped, /^\(the working folder belongs to no cluster of \.kubeseal\.yaml;/);
  });

  test('fetches the certificate of a cluster that has only a context', async () => {
    controller.reset();
    const config = 'clusters: {prod: {context: admin@prod}}';
    const repository = new Repository({ '.kubeseal.yaml': config });
    const told = await repository.ok('-f secret.yaml -w db.yaml', WITH_CLUSTER);
    assert.equal(
      told,
      '(prod: sealing with the certificate of the context admin@prod, as .kubeseal.yaml says)\n',
    );
    assert.equal(await repository.clusterOf('db.yaml'), 'prod');
  });

  test('is refused if the file has a mistake, or names a certificate that is not there', async () => {
    const repository = new Repository({
      '.kubeseal.yaml': CONFIG.replace('certs/prod.pem', 'certs/gone.pem'),
    });
    const { code, stderr } = await repository.kubeseal('-f secret.yaml -w overlays/prod/db.yaml');
    assert.equal(code, 1);
    assert.match(stderr, /\nerror: open certs\/gone\.pem: no such file or directory\n$/);
    writeFileSync(join(repository.path, '.kubeseal.yaml'), CONFIG.replace('paths', 'path'));
    const mistaken = await repository.kubeseal('-f secret.yaml -w overlays/prod/db.yaml');
    assert.equal(
      mistaken.stderr,
      'error: .kubeseal.yaml: clusters.prod: unknown field "path"; did you mean "paths"?\n',
    );
    assert.equal(existsSync(join(repository.path, 'overlays/prod/db.yaml')), false);
  });
});

suite('every command that seals', () => {
  test('picks the cluster by path: create, set, --merge-into and --raw', async () => {
    const repository = new Repository();
    const db = 'overlays/prod/db.yaml';
    assert.match(await repository.ok(`create generic db -n shop --from-literal a=b -w ${db}`), /^\(prod: /m);
    assert.equal(await repository.clusterOf(db), 'prod');
    assert.match(await repository.ok(`set ${db} a=c`), /^\(prod: /m);
    assert.equal(await repository.clusterOf(db), 'prod');
    assert.match(await repository.ok(`-f secret.yaml --merge-into ${db}`), /^\(prod: /m);
    assert.equal(await repository.clusterOf(db), 'prod');
    const raw = await repository.kubeseal('--raw -n shop --name db -w overlays/staging/a.txt', {
      stdin: VALUE,
    });
    assert.equal(raw.stderr, '(staging: sealing with certs/staging.pem, as .kubeseal.yaml says)\n');
  });

  test('picks the cluster by path: edit', async () => {
    const repository = new Repository({ 'overlays/prod/db.yaml': sealed(PROD) });
    const env = { EDITOR: 'true', TMPDIR: repository.path };
    assert.match(await repository.ok('edit overlays/prod/db.yaml --allow-disk', { env }), /^\(prod: /m);
  });

  test('does not take --server of create docker-registry for a choice of the cluster', async () => {
    const repository = new Repository();
    const args = 'create docker-registry pull -n shop --username bot --password-stdin --server ghcr.io';
    const told = await repository.ok(`${args} -w overlays/prod/pull.yaml`, { stdin: VALUE });
    assert.match(told, /^\(prod: /m);
  });

  test('re-encrypts one file with the keys and the certificate of its cluster', async () => {
    const repository = new Repository({ 'overlays/prod/db.yaml': sealed(PROD) });
    const before = repository.read('overlays/prod/db.yaml');
    const told = await repository.ok(
      '--re-encrypt -f overlays/prod/db.yaml -w overlays/prod/db.yaml --recovery-private-key keys/prod.pem',
    );
    assert.match(told, /^\(prod: sealing with certs\/prod\.pem/);
    assert.notEqual(repository.read('overlays/prod/db.yaml'), before);
    assert.equal(await repository.clusterOf('overlays/prod/db.yaml'), 'prod');
  });

  test('re-encrypts and validates with the controller of the context', async () => {
    controller.reset();
    const repository = new Repository({ 'overlays/prod/db.json': sealed(PROD) });
    const told = '(prod: using the context admin@prod, as .kubeseal.yaml says)\n';
    assert.equal(await repository.ok('--validate -f overlays/prod/db.json', WITH_CLUSTER), told);
    const args = '--re-encrypt -f overlays/prod/db.json -w overlays/prod/db.json';
    assert.equal(await repository.ok(args, WITH_CLUSTER), told);
    assert.equal(await repository.clusterOf('overlays/prod/db.json'), 'prod');
  });

  test('reads the Secret in the cluster of the path: get, diff', async () => {
    const repository = new Repository({ 'overlays/prod/db.json': sealed(PROD), 'old.json': sealed(PROD) });
    const env = { KUBECONFIG: 'kubeconfig.json' };
    for (const args of ['get overlays/prod/db.json', 'diff old.json overlays/prod/db.json']) {
      const { stderr } = await repository.kubeseal(`${args} --from-cluster`, { env });
      assert.match(stderr, /^\(prod: using the context admin@prod, as \.kubeseal\.yaml says\)$/m, args);
      assert.match(stderr, /^error: --from-cluster: the cluster has no (Sealed)?Secret shop\/db/m, args);
    }
  });

  test('is refused without a context where only the controller helps', async () => {
    const repository = new Repository({ 'overlays/staging/db.json': sealed(STAGING) });
    const before = repository.read('certs/staging.pem');
    const commands = {
      '--validate -f overlays/staging/db.json': 'this command',
      're-encrypt overlays/staging': 'this command',
      'fetch-cert -w certs/staging.pem': 'this command',
      'set overlays/staging/db.json a=b --from-cluster': '--from-cluster',
    };
    for (const [args, why] of Object.entries(commands)) {
      const { code, stderr } = await repository.kubeseal(args, WITH_CLUSTER);
      assert.equal(code, 1, args);
      const error = `error: .kubeseal.yaml gives the cluster staging no context, and ${why} needs one: add it, or use --context\n`;
      assert.ok(stderr.endsWith(error), stderr);
    }
    assert.equal(repository.read('certs/staging.pem'), before);
  });

  test('asks the cluster of the path in spite of SEALED_SECRETS_CERT: fetch-cert, re-encrypt', async () => {
    controller.reset();
    const repository = new Repository({ 'overlays/prod/db.json': sealed(PROD) });
    const env = { ...WITH_CLUSTER.env, SEALED_SECRETS_CERT: 'certs/staging.pem' };
    for (const args of ['fetch-cert -w certs/prod.pem', 're-encrypt overlays/prod'])
      assert.match(await repository.ok(args, { env }), /^\(prod: using the context admin@prod,/, args);
    assert.equal(repository.read('certs/prod.pem'), certificatePem(PROD));
  });

  test('fetches the certificate for a file through a symbolic link', async () => {
    controller.reset();
    const repository = new Repository({
      'real/prod.pem': '',
      '.kubeseal.yaml': CONFIG.replaceAll('certs/', 'link/'),
    });
    symlinkSync('real', join(repository.path, 'link'));
    const told = await repository.ok('fetch-cert -w link/prod.pem', WITH_CLUSTER);
    assert.match(told, /^\(prod: using the context admin@prod,/);
    assert.equal(repository.read('real/prod.pem'), certificatePem(PROD));
  });

  test('fetches the certificate of the cluster whose file it writes', async () => {
    controller.reset();
    const repository = new Repository({ 'certs/prod.pem': '' });
    const told = await repository.ok('fetch-cert -w certs/prod.pem', WITH_CLUSTER);
    assert.equal(told, '(prod: using the context admin@prod, as .kubeseal.yaml says)\n');
    assert.equal(repository.read('certs/prod.pem'), certificatePem(PROD));
  });
});

test('kubeseal web puts the certificates of named clusters into the page', async () => {
  const repository = new Repository();
  const told = await repository.ok('web staging prod -w seal.html');
  assert.deepEqual(told.match(/seals for \S+|from \S+(?=\))/g), [
    'seals for staging',
    'from certs/staging.pem',
    'seals for prod',
    'from certs/prod.pem',
  ]);
  const { stderr } = await repository.kubeseal('web prodd staging -w seal.html');
  assert.equal(stderr, 'error: .kubeseal.yaml has no cluster "prodd"; did you mean "prod"?\n');
  assert.match(await repository.ok('web dev --cert certs/prod.pem -w seal.html'), /^\(seals for dev /);
});

suite('a folder with files of several clusters', () => {
  test('is checked with the certificate of each', async () => {
    const hint = (name: string): Readonly<Record<string, string>> => {
      const { fingerprint } = parseCertificate(certificatePem(name), name);
      return { 'sealedsecrets.bitnami.com/sealing-key': fingerprint };
    };
    const repository = new Repository({
      'overlays/prod/db.json': sealed(PROD, hint(PROD)),
      'overlays/staging/db.json': sealed(STAGING, hint(STAGING)),
    });
    const told = await repository.ok('re-encrypt --check overlays');
    assert.equal(
      told,
      '(prod: sealing with certs/prod.pem, as .kubeseal.yaml says)\n' +
        '(staging: sealing with certs/staging.pem, as .kubeseal.yaml says)\n' +
        '2 SealedSecrets in 2 files: 0 to re-encrypt, 2 with the newest key\n',
    );
    writeFileSync(join(repository.path, 'overlays/prod/db.json'), sealed(STAGING, hint(STAGING)));
    const { code, stderr } = await repository.kubeseal('re-encrypt --check overlays');
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`1 SealedSecret is not known .* ${Object.values(hint(PROD)).join('')};`));
  });

  test('is re-encrypted for the cluster of each file', async () => {
    const repository = new Repository({
      'overlays/prod/db.json': sealed(PROD),
      'overlays/staging/db.json': sealed(STAGING),
      'base/db.json': sealed(STAGING),
    });
    const keys = '--recovery-private-key keys/prod.pem,keys/staging.pem --allow-old-certificate';
    await repository.ok(`re-encrypt overlays ${keys}`);
    assert.equal(await repository.clusterOf('overlays/prod/db.json'), 'prod');
    assert.equal(await repository.clusterOf('overlays/staging/db.json'), 'staging');
    const { code, stderr } = await repository.kubeseal(`re-encrypt . ${keys}`);
    assert.equal(code, 1);
    assert.match(stderr, /^\(base\/db\.json belongs to no cluster of \.kubeseal\.yaml;/m);
    assert.match(stderr, /^error: no cluster is configured/m);
  });
});

suite('the scopes of .kubeseal.yaml', () => {
  const cluster = 'clusters: {prod: {certificate: certs/prod.pem}}\n';
  const WIDE = 'sealedsecrets.bitnami.com/cluster-wide';
  const NAMESPACED = 'sealedsecrets.bitnami.com/namespace-wide';

  function annotationsOf(repository: Repository, file: string): readonly string[] {
    return [...repository.read(file).matchAll(/(?:cluster|namespace)-wide/g)].map(([name]) => name);
  }

  test('give what has neither a flag nor an annotation its scope', async () => {
    const repository = new Repository({
      '.kubeseal.yaml': `${cluster}scope: namespace-wide\n`,
      'wide.yaml': secret('db', { [WIDE]: 'true' }),
    });
    await repository.ok('-f secret.yaml -w db.yaml');
    assert.deepEqual(annotationsOf(repository, 'db.yaml'), ['namespace-wide', 'namespace-wide']);
    await repository.ok('-f secret.yaml -w strict.yaml --scope strict');
    assert.deepEqual(annotationsOf(repository, 'strict.yaml'), []);
    await repository.ok('-f wide.yaml -w annotated.yaml');
    assert.deepEqual(new Set(annotationsOf(repository, 'annotated.yaml')), new Set(['cluster-wide']));
    await repository.ok('create generic db -n shop --from-literal a=b -w created.yaml');
    assert.deepEqual(annotationsOf(repository, 'created.yaml'), ['namespace-wide', 'namespace-wide']);
    // A value needs no name then.
    await repository.ok('--raw -n shop -w value.txt', { stdin: VALUE });
  });

  test('contradict no file that values are merged into', async () => {
    const repository = new Repository({
      '.kubeseal.yaml': `${cluster}scope: namespace-wide\n`,
      'strict.json': sealed(PROD),
    });
    await repository.ok('-f secret.yaml --merge-into strict.json');
    await repository.ok('-f secret.yaml -w wide.yaml');
    await repository.ok('-f secret.yaml --merge-into wide.yaml');
  });

  test('refuse a wider one than maxScope, whatever asks for it', async () => {
    const repository = new Repository({
      '.kubeseal.yaml': `${cluster}maxScope: strict\n`,
      'annotated.yaml': secret('db', { [NAMESPACED]: 'true' }),
      'sealed.json': sealed(PROD, { [WIDE]: 'true' }),
    });
    const commands = {
      '-f secret.yaml -w db.yaml --scope cluster-wide': 'secret.yaml has the scope cluster-wide',
      '-f secret.yaml -w db.yaml --scope namespace-wide --cert certs/prod.pem':
        'secret.yaml has the scope namespace-wide',
      '-f annotated.yaml -w db.yaml': 'annotated.yaml has the scope namespace-wide',
      'create generic db -n shop --from-literal a=b --scope cluster-wide -w db.yaml':
        'generic db has the scope cluster-wide',
      '--raw --scope namespace-wide -n shop -w db.yaml': 'the value has the scope namespace-wide',
      'set sealed.json a=b': 'sealed.json has the scope cluster-wide',
      '-f secret.yaml --merge-into sealed.json --scope cluster-wide':
        'sealed.json has the scope cluster-wide',
    };
    for (const [command, problem] of Object.entries(commands)) {
      const { code, stderr } = await repository.kubeseal(command);
      assert.equal(code, 1, command);
      const error =
        `error: ${problem}, and .kubeseal.yaml allows none wider than strict: seal all of its values with the ` +
        'scope strict, or change maxScope there\n';
      assert.ok(stderr.endsWith(error), stderr);
    }
    assert.equal(existsSync(join(repository.path, 'db.yaml')), false);
  });
});
