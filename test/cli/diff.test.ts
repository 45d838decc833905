import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { compare, type SealedChange } from '../../cli/diff/compare.ts';
import { diffText } from '../../cli/diff/diff-text.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { FakeServer, json } from './fake-api-server.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const DB = { name: 'db', namespace: 'prod' };
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const key = folder.write('key.pem', keyPem('c2048'));

/** A SealedSecret with these ciphertexts. */
function body(encryptedData: Readonly<Record<string, string>>, template: object = {}, ref = DB): SealedBody {
  const base = sealedSecret(certificate, ref, {});
  return { ...base, spec: { encryptedData, template } };
}

function seal(value: string): string {
  return sealedItem(certificate, DB, value);
}

function changeOf(old: object, now: object): SealedChange | undefined {
  const [before, after] = [old, now].map((each) => ({
    sealed: parseSealedSecret(each, { source: 'file' }),
    values: new Map<string, Buffer>(),
  }));
  return compare(before, after);
}

/** Writes two files and compares them. */
async function diff(old: object | string, now: object | string, ...args: readonly string[]): Promise<Ran> {
  const [a, b] = [old, now].map((each, at) =>
    folder.write(`${at}.yaml`, typeof each === 'string' ? each : JSON.stringify(each)),
  );
  return kubeseal(['diff', a ?? '', b ?? '', ...args]);
}

suite('kubeseal diff', () => {
  test('prints nothing and exits with 0 if only the layout differs', async () => {
    const value = seal('a');
    const one = body({ a: value, b: value }, { metadata: { labels: { x: 'y', z: '' } } });
    const other = `# a comment\n${JSON.stringify(body({ b: value, a: value.replaceAll(/.{64}/g, '$&\n') }, { metadata: { labels: { z: '', x: 'y' } } }), null, 2)}`;
    assert.deepEqual(await diff(one, other.replace(/^#.*\n/, '')), { code: 0, stdout: '', stderr: '' });
    const json = await diff(one, one, '-o', 'json');
    assert.deepEqual(
      [json.code, (JSON.parse(json.stdout) as { sealedSecrets: unknown }).sealedSecrets],
      [0, []],
    );
  });

  test('tells items apart, and exits with 1', async () => {
    const [same, old, longer] = [seal('same'), seal('gone'), seal('longer!')];
    const before = body({ same, old, password: seal('hunter2'), length: seal('short') });
    const after = body({ same, password: seal('hunter2'), length: longer, new: seal('x') });
    const text = await diff(before, after);
    assert.deepEqual(text, {
      code: 1,
      stdout: `SealedSecret prod/db
  - old       item removed, 4 bytes
  ~ password  ciphertext differs, 7 bytes as before
  ~ length    value changed, 7 bytes, was 5 bytes
  + new       item added, 1 byte
`,
      stderr: '',
    });
  });

  test('knows with a private key what was only re-encrypted', async () => {
    const before = body({ password: seal('hunter2'), pin: seal('1234'), other: seal('x') });
    const after = body({ password: seal('hunter2'), pin: seal('4321'), other: seal('x') });
    const text = await diff(before, after, '--recovery-private-key', key);
    assert.deepEqual(text, {
      code: 1,
      stdout: `SealedSecret prod/db
  ~ password  re-encrypted only
  ~ pin       value changed, 4 bytes as before
  ~ other     re-encrypted only
`,
      stderr: '',
    });
    const json = await diff(before, after, '--recovery-private-key', key, '-o', 'json');
    const { sealedSecrets } = JSON.parse(json.stdout) as { sealedSecrets: readonly SealedChange[] };
    const size = { length: 7, keyBits: 2048 };
    assert.deepEqual(sealedSecrets[0]?.items[0], {
      item: 'password',
      change: 're-encrypted',
      old: size,
      new: size,
    });
    for (const secret of ['hunter2', '1234', '4321'])
      assert.ok(!(text.stdout + json.stdout).includes(secret));
  });

  test('says no more than that the ciphertext differs if the key does not open both', async () => {
    const foreign = sealedItem(parseCertificate(certificatePem('b4096'), 'b4096'), DB, 'hunter2');
    const text = await diff(
      body({ a: foreign }),
      body({ a: seal('hunter2') }),
      '--recovery-private-key',
      key,
    );
    assert.match(text.stdout, /~ a {2}ciphertext differs, 7 bytes as before; key of 2048 bits, was 4096\n/);
  });

  test('tells name, namespace, scope and type, and which items still have the old place', () => {
    const a = seal('x');
    const before = body({ a }, { type: 'Opaque', data: { url: 'http://{{ .a }}' } });
    const after = {
      ...body({ a, b: seal('y') }, { type: 'kubernetes.io/tls', data: { url: 'https://{{ .a }}', a: null } }),
      metadata: {
        name: 'web',
        namespace: 'prod',
        labels: { app: 'web' },
        annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true' },
      },
    };
    const change = changeOf(before, after);
    assert.ok(change);
    assert.deepEqual(change.broken, ['a']);
    assert.equal(
      diffText(change),
      `SealedSecret prod/web
  + b  item added, 1 byte
  ~ metadata.name  "db" -> "web"
  ~ scope  "strict" -> "namespace-wide"
  ~ spec.template.type  "Opaque" -> "kubernetes.io/tls"
  ~ spec.template.data.url  "http://{{ .a }}" -> "https://{{ .a }}"
  + metadata.labels.app  "web"
  + spec.template.data.a  "null (left out of the Secret)"
  ! a: still sealed for the old place, will not unseal
`,
    );
  });

  test('shows the lines of a template that differ', () => {
    const [before, after] = ['user: a', 'user: b\nmore: c'].map((middle) =>
      body({}, { data: { 'app.yaml': `first\n${middle}\nlast\n` } }),
    );
    const change = changeOf(before ?? {}, after ?? {});
    assert.ok(change);
    assert.equal(
      diffText(change),
      `SealedSecret prod/db
  ~ spec.template.data["app.yaml"]
      - user: a
      + user: b
      + more: c
`,
    );
  });

  test('shows no control characters of a file', () => {
    const odd = '\u001b[2J\u202e';
    const change = changeOf(
      body({}),
      body(
        { [odd]: seal('x') },
        { type: odd, metadata: { labels: { [odd]: odd } }, data: { [odd]: `a\n${odd}` } },
      ),
    );
    assert.ok(change);
    assert.doesNotMatch(diffText(change), /(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  test('matches the SealedSecrets of files with several by namespace and name', async () => {
    const WEB = { name: 'web', namespace: 'prod' };
    const [a, b, c] = [
      body({ a: seal('1') }),
      body({ b: seal('2') }, {}, WEB),
      body({ c: seal('3') }, {}, { ...WEB, namespace: 'x' }),
    ];
    const many = (...all: readonly object[]): string =>
      all.map((each) => JSON.stringify(each)).join('\n---\n');
    assert.equal((await diff(many({ kind: 'ConfigMap' }, a, b), many(b, a))).code, 0);
    const more = await diff(
      many(a, b),
      many(b, c, { kind: 'ConfigMap' }, body({ d: seal('4') }, {}, { ...DB, name: 'new' })),
    );
    assert.equal(
      more.stdout,
      `SealedSecret x/web added
  + c  item added, 1 byte
  + scope  "strict"

SealedSecret prod/new added
  + d  item added, 1 byte
  + scope  "strict"

SealedSecret prod/db removed
  - a  item removed, 1 byte
  - scope  "strict"
`,
    );
    const renamed = await diff(many(a, b), many(b, body({ a: seal('1') }, {}, { ...DB, name: 'new' })));
    assert.match(renamed.stdout, /^SealedSecret prod\/new\n[^]*~ metadata\.name {2}"db" -> "new"\n/);
    const one = await diff(many(a, b), many(b, c), '--name', 'db');
    assert.match(one.stdout, /^SealedSecret prod\/db removed\n[^]*$/);
    assert.doesNotMatch(one.stdout, /web/);
  });

  test('takes one side from stdin, and an empty one', async () => {
    const sealed = body({ a: seal('1') });
    const file = folder.write('file.json', JSON.stringify(sealed));
    assert.equal((await kubeseal(['diff', '-', file], { stdin: JSON.stringify(sealed) })).code, 0);
    const all = await kubeseal(['diff', '/dev/null', file]);
    assert.deepEqual([all.code, all.stdout.split('\n')[0]], [1, 'SealedSecret prod/db added']);
  });

  const sealed = folder.write('good.json', JSON.stringify(body({})));
  const refused: [readonly string[], string | RegExp][] = [
    [[], 'diff: specify two files, or one file and --git REV'],
    [[sealed], 'diff: specify two files, or one file and --git REV'],
    [[sealed, sealed, '--git', 'HEAD'], 'diff: specify two files, or one file and --git REV'],
    [['-', '-'], 'diff: only one of the files can be stdin'],
    [['-', '--git', 'HEAD'], 'diff: --git needs a file, not stdin'],
    [[sealed, '--git=--output=x'], '--git: a revision does not start with a dash'],
    [[sealed, '/nosuch.yaml'], 'open /nosuch.yaml: no such file or directory'],
    [['/dev/null', '/dev/null'], /^\/dev\/null /],
    [[sealed, key], /key\.pem is a string, not an object/],
    [
      [sealed, sealed, '--name', 'x'],
      /does not hold the SealedSecret of --document, --name and -n; it holds/,
    ],
    [[sealed, '--git', 'HEAD'], /good\.json is not in a Git repository: not a git repository/],
  ];
  for (const [args, message] of refused) {
    test(`exits with 2 after an error: ${args.join(' ').replaceAll(folder.path, '')}`, async () => {
      const ran = await kubeseal(['diff', ...args]);
      assert.deepEqual([ran.code, ran.stdout], [2, '']);
      if (typeof message === 'string') assert.equal(ran.stderr, `error: ${message}\n`);
      else assert.match(ran.stderr.replace(/^error: /, ''), message);
    });
  }

  test('exits with 2 for a flag that does not exist', async () => {
    assert.equal((await kubeseal(['diff', '--nosuch'])).code, 2);
  });
});

suite('kubeseal diff --git', () => {
  const repository = join(folder.path, 'repository');
  mkdirSync(join(repository, 'apps'), { recursive: true });
  const file = join(repository, 'apps', '-db.yaml');
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const git = async (...args: readonly string[]): Promise<void> => {
    const ran = await run('git', args, { cwd: repository, env });
    assert.equal(ran.code, 0, ran.stderr);
  };
  const commit = async (text: string): Promise<void> => {
    writeFileSync(file, text);
    await git('add', '.');
    await git('commit', '-qm', 'x');
  };

  test('compares a file with a revision, wherever it is run', async () => {
    await git('init', '-q');
    await commit('kind: Secret\n');
    await commit(JSON.stringify(body({ a: seal('1') })));
    writeFileSync(file, JSON.stringify(body({ a: seal('23') })));
    const wanted = `SealedSecret prod/db\n  ~ a  value changed, 2 bytes, was 1 byte\n`;
    for (const args of [
      [file, '--git', 'HEAD'],
      ['--git=HEAD', file],
      ['--git', 'HEAD^{}', '--', file],
      ['--git', ':0', file],
    ]) {
      assert.deepEqual(await kubeseal(['diff', ...args], { cwd: '/' }), {
        code: 1,
        stdout: wanted,
        stderr: '',
      });
    }
    const here = await kubeseal(['diff', '--git', 'HEAD', '--', '-db.yaml'], {
      cwd: join(repository, 'apps'),
    });
    assert.equal(here.stdout, wanted);
    // As a hook of another repository has it.
    const elsewhere = { GIT_DIR: join(folder.path, 'none'), GIT_WORK_TREE: '/' };
    assert.equal((await kubeseal(['diff', file, '--git', 'HEAD'], { env: elsewhere })).stdout, wanted);
    const link = join(folder.path, 'link.yaml');
    symlinkSync(file, link);
    assert.equal((await kubeseal(['diff', link, '--git', 'HEAD'])).stdout, wanted);
    const added = await kubeseal(['diff', file, '--git', 'HEAD~1']);
    assert.match(added.stdout, /^SealedSecret prod\/db added\n/);
  });

  test('says what is missing', async () => {
    const at = (revision: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
      kubeseal(['diff', file, '--git', revision], { env });
    await git('commit', '-qm', 'empty', '--allow-empty');
    await git('rm', '-q', '--cached', 'apps/-db.yaml');
    await git('commit', '-qm', 'without');
    const table: [string, NodeJS.ProcessEnv, RegExp][] = [
      ['HEAD', {}, /^error: \S+-db\.yaml does not exist in the revision "HEAD"\n$/],
      ['nosuch', {}, /^error: the repository of \S+-db\.yaml has no revision "nosuch": .+\n$/],
      ['x;touch /tmp/y', {}, /has no revision "x;touch \/tmp\/y"/],
      ['HEAD', { PATH: '/nonexistent' }, /^error: git is not installed, or not on PATH: --git needs it\n$/],
    ];
    for (const [revision, env, message] of table) {
      const ran = await at(revision, env);
      assert.deepEqual([ran.code, ran.stdout], [2, '']);
      assert.match(ran.stderr, message);
    }
  });
});

suite('kubeseal diff --from-cluster', () => {
  const server = new FakeServer('canary');
  const SYNCED = { observedGeneration: 3, conditions: [{ type: 'Synced', status: 'True' }] };

  /** Puts a SealedSecret and its Secret into the fake cluster. Returns the kubeconfig. */
  function clusterHas(object: SealedBody, data: Readonly<Record<string, string>>): string {
    const own = { uid: 'u1', resourceVersion: '1', generation: 3 };
    server.answers.set(
      `/apis/bitnami.com/v1alpha1/namespaces/prod/sealedsecrets/db`,
      json(200, { ...object, metadata: { ...object.metadata, ...own }, status: SYNCED }),
    );
    const base64 = Object.entries(data).map(([item, value]): [string, string] => [
      item,
      Buffer.from(value).toString('base64'),
    ]);
    const metadata = { ...DB, uid: 'u2', resourceVersion: '1' };
    server.answers.set(
      `/api/v1/namespaces/prod/secrets/db`,
      json(200, { kind: 'Secret', metadata, data: Object.fromEntries(base64) }),
    );
    return folder.write(
      'kubeconfig',
      JSON.stringify({
        'current-context': 'a',
        clusters: [{ name: 'c', cluster: { server: server.url } }],
        contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: { token: 'x' } }],
      }),
    );
  }

  test('tells what was re-encrypted, if this user or a key knows the other version', async () => {
    const live = body({ mine: seal('hunter2'), foreign: seal('hunter3') });
    const old = folder.write('live.json', JSON.stringify(live));
    const now = join(folder.path, 'now.yaml');
    const env = {
      XDG_CACHE_HOME: join(folder.path, 'cache'),
      SEALED_SECRETS_CERT: folder.write('cert.pem', certificatePem('c2048')),
    };
    const values = ['mine', 'foreign'].map((item) => {
      return `--from-file=${item}=${folder.write(`${item}.txt`, item === 'mine' ? 'hunter2' : 'hunter4')}`;
    });
    const create = ['create', 'generic', 'db', '-n', 'prod', ...values, '-w', now];
    assert.equal((await kubeseal(create, { env })).code, 0);
    const kubeconfig = clusterHas(live, { mine: 'hunter2', foreign: 'hunter3' });
    const diff = ['diff', old, now, '--from-cluster', '--kubeconfig', kubeconfig];
    const ran = await kubeseal(diff, { env });
    assert.equal(ran.stderr, '');
    assert.match(
      ran.stdout,
      /~ mine +re-encrypted only\n {2}~ foreign +ciphertext differs, 7 bytes as before\n/,
    );
    // The key opens both, so that nothing is left to the cluster.
    const keyed = await kubeseal([...diff, '--recovery-private-key', key], { env });
    assert.match(
      keyed.stdout,
      /~ mine +re-encrypted only\n {2}~ foreign +value changed, 7 bytes as before\n/,
    );
    const stranger = await kubeseal(diff, { env: { ...env, XDG_CACHE_HOME: join(folder.path, 'none') } });
    assert.match(stranger.stdout, /~ mine +ciphertext differs/);
  });

  test('exits with 2 if the cluster does not have the Secret', async () => {
    const [old, now] = ['a', 'b'].map((name) => folder.write(name, JSON.stringify(body({ a: seal('1') }))));
    server.forget();
    const kubeconfig = clusterHas(body({}), {});
    server.forget();
    const ran = await kubeseal(['diff', old ?? '', now ?? '', '--from-cluster', '--kubeconfig', kubeconfig]);
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^error: --from-cluster: the cluster has no Secret prod\/db/);
  });
});
