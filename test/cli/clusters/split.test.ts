import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { sealedItem } from '../../support/sealed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem, keyPem } from '../../support/vectors.ts';
import { itemsOf } from '../opened.ts';
import { KEYS, Repository, SECRET } from './repository.ts';

const folder = temporaryFolder();
const SPLIT = ['--to', 'prod,staging', '--split', 'overlays/{cluster}/db.yaml'];
const FILES = ['overlays/prod/db.yaml', 'overlays/staging/db.yaml'];
const CLUSTERS = ['prod', 'staging'] as const;

function fileOf(cluster: string): string {
  return `overlays/${cluster}/db.yaml`;
}

/** A SealedSecret of a cluster as a person keeps it, each with words of its own. */
function kept(cluster: (typeof CLUSTERS)[number]): string {
  const certificate = parseCertificate(certificatePem(KEYS[cluster]), cluster);
  const seal = (item: string): string =>
    sealedItem(certificate, { name: 'db', namespace: 'shop' }, `${item} of ${cluster}`);
  return `# the database of ${cluster}
kind: SealedSecret
apiVersion: bitnami.com/v1alpha1
metadata: {name: db, namespace: shop}
spec:
  encryptedData:
    password: "${seal('password')}" # rotated monthly
    user: ${seal('user')}
`;
}

/** A repository with a SealedSecret for each cluster. */
function withFiles(): Repository {
  const repository = new Repository(folder);
  for (const cluster of CLUSTERS) repository.write(fileOf(cluster), kept(cluster));
  return repository;
}

function contents(repository: Repository): readonly string[] {
  return repository.overlays().map((file) => repository.read(file));
}

suite('--to with --split', () => {
  test('seals one input for each cluster with its certificate', async () => {
    const repository = new Repository(folder);
    const ran = await repository.run(SPLIT, SECRET);
    assert.deepEqual(ran, {
      code: 0,
      stdout: '',
      stderr: CLUSTERS.map((name) => `${fileOf(name)}: sealed shop/db for ${name}\n`).join(''),
    });
    assert.deepEqual(repository.overlays(), FILES);
    for (const cluster of CLUSTERS) {
      const items = await itemsOf(repository.read(fileOf(cluster)), KEYS[cluster]);
      assert.deepEqual(items, [{ password: 'hunter2', user: 'bob' }]);
    }
  });

  test('creates a SealedSecret for each cluster', async () => {
    const repository = new Repository(folder);
    const args = ['create', 'generic', 'db', '-n', 'shop', '--from-literal', 'user=bob', ...SPLIT];
    const ran = await repository.run(args);
    assert.equal(ran.code, 0, ran.stderr);
    for (const cluster of CLUSTERS) {
      const text = repository.read(fileOf(cluster));
      assert.deepEqual(await itemsOf(text, KEYS[cluster]), [{ user: 'bob' }]);
      const { fingerprint } = parseCertificate(certificatePem(KEYS[cluster]), cluster);
      assert.ok(text.includes(`${SEALING_KEY}: ${fingerprint}`), text);
    }
  });

  test('creates a registry login, whose server is not that of the cluster', async () => {
    const repository = new Repository(folder);
    const login = ['--server', 'https://registry.example', '--username', 'bot', '--password-stdin'];
    const ran = await repository.run(
      ['create', 'docker-registry', 'pull', '-n', 'shop', ...login, ...SPLIT],
      'x',
    );
    assert.equal(ran.code, 0, ran.stderr);
    const [items] = await itemsOf(repository.read('overlays/staging/db.yaml'), KEYS.staging);
    assert.match(items?.['.dockerconfigjson'] ?? '', /https:\/\/registry\.example/);
  });

  test('names every file that exists already, and creates none', async () => {
    const repository = withFiles();
    const before = contents(repository);
    const args = ['create', 'generic', 'db', '-n', 'shop', '--from-literal', 'user=bob', ...SPLIT];
    const ran = await repository.run(args);
    assert.equal(ran.code, 1);
    assert.deepEqual(
      ran.stderr.split('\n').filter((line) => line.startsWith('error')),
      CLUSTERS.map(
        (name) =>
          `error: for the cluster ${name}: ${fileOf(name)} exists: change its items with kubeseal set, or replace it with --force`,
      ),
    );
    assert.deepEqual(contents(repository), before);
  });

  test('sets one value in the file of each cluster, and leaves every other byte', async () => {
    const repository = withFiles();
    const before = contents(repository);
    const ran = await repository.run(['set', ...SPLIT, 'password', '--value-stdin'], 'new');
    assert.equal(
      ran.stderr,
      CLUSTERS.map((name) => `${fileOf(name)}: password replaced, 1 item untouched\n`).join(''),
    );
    for (const [index, cluster] of CLUSTERS.entries()) {
      const text = repository.read(fileOf(cluster));
      assert.deepEqual(await itemsOf(text, KEYS[cluster]), [{ password: 'new', user: `user of ${cluster}` }]);
      const line = /^ {4}password: "[^"]*"/m;
      assert.equal(text.replace(line, ''), before[index]?.replace(line, ''));
    }
  });

  test('keeps the format of each file', async () => {
    const repository = withFiles();
    repository.write('overlays/staging/db.yaml', JSON.stringify(sealedJson('staging')));
    const ran = await repository.run(['set', ...SPLIT, 'password', '--value-stdin'], 'new');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(repository.read('overlays/prod/db.yaml'), /^# the database of prod\n/);
    assert.match(repository.read('overlays/staging/db.yaml'), /^\{"apiVersion"/);
  });

  test('remembers the values of all clusters, and changes nothing the second time', async () => {
    const repository = withFiles();
    const env = { XDG_CACHE_HOME: join(repository.path, 'cache') };
    const args = ['set', ...SPLIT, 'password', '--value-stdin'];
    assert.equal((await repository.run(args, 'new', env)).code, 0);
    const before = contents(repository);
    const again = await repository.run(args, 'new', env);
    assert.equal(
      again.stderr,
      CLUSTERS.map((name) => `${fileOf(name)}: password already has this value; nothing changed\n`).join(''),
    );
    assert.deepEqual(contents(repository), before);
  });

  test('with --keep-unchanged, seals nothing again that is there already', async () => {
    const repository = new Repository(folder);
    const env = { XDG_CACHE_HOME: join(repository.path, 'cache') };
    const args = [...SPLIT, '--keep-unchanged'];
    assert.equal((await repository.run(args, SECRET, env)).code, 0);
    const before = contents(repository);
    const again = await repository.run(args, SECRET, env);
    assert.deepEqual(again.code, 0, again.stderr);
    assert.deepEqual(contents(repository), before);
  });

  test('with --dry-run, says what it would write, and writes nothing', async () => {
    const repository = withFiles();
    const before = contents(repository);
    for (const [args, stdin, wanted] of [
      [['set', ...SPLIT, 'password', '--value-stdin', '--dry-run'], 'new', /prod.*\n.*staging.*dry run/],
      [[...SPLIT, '--dry-run'], SECRET, /prod\/db\.yaml\n.*staging\/db\.yaml\n/],
    ] as const) {
      const ran = await repository.run(args, stdin);
      assert.equal(ran.code, 0);
      assert.match(ran.stderr, wanted);
      assert.deepEqual(contents(repository), before);
    }
  });

  test('re-encrypts the file of each cluster with private keys of its own', async () => {
    const repository = withFiles();
    const before = contents(repository);
    for (const cluster of CLUSTERS) repository.write(`keys/${cluster}.pem`, keyPem(KEYS[cluster]));
    const ran = await repository.run([
      're-encrypt',
      ...SPLIT,
      '--recovery-private-key',
      'keys/{cluster}.pem',
    ]);
    assert.equal(ran.code, 0, ran.stderr);
    for (const [index, cluster] of CLUSTERS.entries()) {
      const text = repository.read(fileOf(cluster));
      assert.notEqual(text, before[index]);
      assert.deepEqual(await itemsOf(text, KEYS[cluster]), [
        { password: `password of ${cluster}`, user: `user of ${cluster}` },
      ]);
    }
  });
});

function sealedJson(cluster: (typeof CLUSTERS)[number]): object {
  const certificate = parseCertificate(certificatePem(KEYS[cluster]), cluster);
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace: 'shop' },
    spec: { encryptedData: { user: sealedItem(certificate, { name: 'db', namespace: 'shop' }, 'bob') } },
  };
}

suite('--to', () => {
  test('of one cluster selects its certificate', async () => {
    const repository = new Repository(folder);
    const ran = await repository.run(['--to', 'staging', '-w', 'overlays/staging/db.yaml'], SECRET);
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    const items = await itemsOf(repository.read('overlays/staging/db.yaml'), KEYS.staging);
    assert.deepEqual(items, [{ password: 'hunter2', user: 'bob' }]);
  });

  test('of one cluster prints to stdout without a file', async () => {
    const ran = await new Repository(folder).run(['--to', 'staging'], SECRET);
    assert.deepEqual(await itemsOf(ran.stdout, KEYS.staging), [{ password: 'hunter2', user: 'bob' }]);
  });

  test('precedes the certificate of the environment', async () => {
    const repository = new Repository(folder);
    const env = { SEALED_SECRETS_CERT: join(repository.path, 'certs/prod.pem') };
    const ran = await repository.run(['--to', 'staging'], SECRET, env);
    assert.deepEqual(await itemsOf(ran.stdout, KEYS.staging), [{ password: 'hunter2', user: 'bob' }]);
  });

  test('warns of a file that belongs to another cluster', async () => {
    const ran = await new Repository(folder).run(['--to', 'staging', '-w', 'overlays/prod/db.yaml'], SECRET);
    assert.equal(
      ran.stderr,
      'warning: overlays/prod/db.yaml belongs to the cluster prod, as .kubeseal.yaml says, and is sealed for staging\n',
    );
  });
});

suite('files of several clusters, of which one cannot be written, all stay as they are', () => {
  const cases: [string, (repository: Repository) => void, RegExp][] = [
    [
      'without the certificate of one cluster',
      (repository) => repository.remove('certs/staging.pem'),
      /^error: for the cluster staging: open certs\/staging\.pem: no such file or directory\n$/,
    ],
    [
      'with an expired certificate',
      (repository) => repository.write('certs/staging.pem', certificatePem('expired')),
      /^error: for the cluster staging: .*expired/,
    ],
    [
      'without the file of one cluster',
      (repository) => repository.remove('overlays/staging/db.yaml'),
      /^error: for the cluster staging: open overlays\/staging\/db\.yaml: no such file/,
    ],
    [
      'with another object in one file',
      (repository) => repository.write('overlays/staging/db.yaml', 'kind: ConfigMap\n'),
      /^error: for the cluster staging: overlays\/staging\/db\.yaml holds a ConfigMap, not a SealedSecret/,
    ],
    [
      'without the folder of one cluster',
      (repository) => repository.remove('overlays/staging'),
      /^error: --split: there is no folder overlays\/staging: make it first, or correct the pattern\n$/,
    ],
  ];
  for (const [what, change, wanted] of cases) {
    test(what, async () => {
      const repository = withFiles();
      change(repository);
      const before = contents(repository);
      const ran = await repository.run(['set', ...SPLIT, 'password', '--value-stdin'], 'new');
      assert.match(ran.stderr, wanted);
      assert.equal(ran.code, 1);
      assert.deepEqual(contents(repository), before);
    });
  }

  test('with failures for both clusters, which are both told', async () => {
    const repository = withFiles();
    for (const cluster of CLUSTERS) repository.remove(`certs/${cluster}.pem`);
    const ran = await repository.run(['set', ...SPLIT, 'password', '--value-stdin'], 'new');
    assert.deepEqual(ran.stderr.split('\n'), [
      ...CLUSTERS.map(
        (name) => `error: for the cluster ${name}: open certs/${name}.pem: no such file or directory`,
      ),
      '',
    ]);
  });

  test('if two clusters lead to one file through a link', async () => {
    const repository = new Repository(folder);
    repository.remove('overlays/staging');
    symlinkSync('prod', join(repository.path, 'overlays/staging'));
    const ran = await repository.run(SPLIT, SECRET);
    assert.equal(
      ran.stderr,
      'error: --split leads to the same file for the clusters prod and staging: overlays/staging/db.yaml\n',
    );
    assert.deepEqual(repository.overlays(), ['overlays/staging']);
  });

  test('but two names of one file of the disk become two files', async () => {
    const repository = withFiles();
    repository.remove('overlays/staging/db.yaml');
    linkSync(
      join(repository.path, 'overlays/prod/db.yaml'),
      join(repository.path, 'overlays/staging/db.yaml'),
    );
    const ran = await repository.run(['set', ...SPLIT, 'password', '--value-stdin'], 'new');
    assert.equal(ran.code, 0, ran.stderr);
    assert.notEqual(repository.read('overlays/prod/db.yaml'), repository.read('overlays/staging/db.yaml'));
  });

  test('if a file is a device', async () => {
    const repository = new Repository(folder);
    symlinkSync('/dev/null', join(repository.path, 'overlays/staging/db.yaml'));
    const ran = await repository.run(SPLIT, SECRET);
    assert.match(ran.stderr, /^error: --split: overlays\/staging\/db\.yaml is a pipe or a device/);
    assert.deepEqual(repository.overlays(), ['overlays/staging/db.yaml']);
  });

  test('if the controller is needed, and a cluster has no context', async () => {
    const repository = withFiles();
    const before = contents(repository);
    for (const args of [
      ['re-encrypt', ...SPLIT],
      ['set', ...SPLIT, 'password', '--value-stdin', '--from-cluster'],
    ]) {
      const ran = await repository.run(args, 'new');
      assert.match(
        ran.stderr,
        /^error: \.kubeseal\.yaml gives the cluster prod no context, and (this command|--from-cluster) needs one/,
      );
    }
    assert.deepEqual(contents(repository), before);
  });
});

suite('--to and --split are refused', () => {
  const cases: [string, readonly string[], RegExp][] = [
    [
      'without a pattern for two clusters',
      ['--to', 'prod,staging'],
      /^--to names prod, staging: say with --split/,
    ],
    ['without clusters', ['--split', 'a/{cluster}'], /^--split needs --to/],
    [
      'without a name in the pattern',
      ['--to', 'prod,staging', '--split', 'db.yaml'],
      /^--split: write \{cluster\}/,
    ],
    ['with -w', [...SPLIT, '-w', 'x.yaml'], /^--split and --sealed-secret-file cannot be used together/],
    ['with --cert', ['--to', 'prod', '--cert', 'x.pem'], /^--to and --cert cannot be used together/],
    ['with --context', ['--to', 'prod', '--context', 'x'], /^--to and --context cannot be used together/],
    [
      'with a cluster twice',
      ['--to', 'prod,prod', '--split', '{cluster}'],
      /^--to names the cluster "prod" twice/,
    ],
    [
      'with a folder',
      ['--to', 'prod, staging', '--split', '{cluster}/'],
      /^--split is a folder: write the name/,
    ],
    ['with a wrong name', ['--to', 'prd'], /has no cluster "prd"; did you mean "prod"\?/],
    ['with a path as a name', ['--to', '../x', '--split', 'a/{cluster}'], /has no cluster "\.\.\/x"/],
    ['for edit', ['edit', 'x.yaml', '--to', 'prod'], /^edit does not take --to/],
    [
      're-encrypting an input file',
      ['re-encrypt', ...SPLIT, '-f', 'x'],
      /^--split and --secret-file cannot be used together/,
    ],
    [
      're-encrypting a folder',
      ['re-encrypt', ...SPLIT, 'overlays'],
      /^re-encrypt: --to and "overlays" cannot/,
    ],
    [
      're-encrypting a folder for one cluster',
      ['re-encrypt', '--to', 'prod', 'overlays'],
      /^re-encrypt: --to and "overlays" cannot/,
    ],
  ];
  for (const [what, args, wanted] of cases) {
    test(what, async () => {
      const repository = new Repository(folder);
      const ran = await repository.run(args, SECRET);
      assert.match(ran.stderr.replace(/^error: /, ''), wanted);
      assert.equal(ran.code, 1);
      assert.deepEqual(repository.overlays(), []);
    });
  }

  test('without .kubeseal.yaml', async () => {
    const repository = new Repository(folder);
    repository.remove('.kubeseal.yaml');
    mkdirSync(join(repository.path, '.git'));
    const ran = await repository.run(SPLIT, SECRET);
    assert.match(
      ran.stderr,
      /^error: --to needs a \.kubeseal\.yaml, and there is none from this folder upwards/,
    );
    assert.throws(() => readFileSync(join(repository.path, FILES[0] ?? '')));
  });
});
