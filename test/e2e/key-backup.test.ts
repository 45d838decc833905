import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { keyItems as recordItems } from '../../shared/key-record/record.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { hasTerminal, TerminalProgram } from '../cli/terminal-program.ts';
import { itemsOf } from '../support/cluster.ts';
import { keyItems, keySecret, nameOf, type KeyItems } from '../support/key-secret.ts';
import { NAMESPACE } from '../support/installation.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const RECORD = `/api/v1/namespaces/${NAMESPACE}/configmaps/sealed-secrets-keys`;
const PASSPHRASE = 'corréct horse';

let kubectl = '';
let age = '';
let recipient = '';
let identity = '';
let namespace = '';
/** The items of the key Secrets that the cluster has, by name. */
const keys = new Map<string, KeyItems>();

/** A cluster with keys in every state and without a controller, which would make another key. */
const setup = new Setup(async () => {
  const found = await findBinaries(['kubectl', 'age', 'age-keygen'], console.error);
  kubectl = found.get('kubectl') ?? '';
  age = found.get('age') ?? '';
  const keygen = found.get('age-keygen') ?? '';
  identity = join(folder.path, 'identity.txt');
  await run(keygen, ['-o', identity]);
  recipient = (await run(keygen, ['-y', identity])).stdout.trim();
  namespace = await setup.plane.createNamespace('shop');
  await addKey('sealed-secrets-key', {});
  await addKey('sealed-secrets-keynew', { [SEALING_KEY_LABEL]: 'active', team: 'platform' });
  await addKey('sealed-secrets-keyold', { [SEALING_KEY_LABEL]: 'retired' });
  await addKey('sealed-secrets-keybad', { [SEALING_KEY_LABEL]: 'compromised' });
  for (const [index, name] of [...keys.keys()].entries()) await seal(`sealed-${index}`, name);
});

async function addKey(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const items = await keyItems();
  keys.set(name, items);
  noteSecret(items['tls.key']);
  const metadata = { labels, annotations: { note: `of ${name}` } };
  await setup.cluster.create('secrets', keySecret(name, items, metadata));
}

function certificateOf(name: string): ReturnType<typeof parseCertificate> {
  return parseCertificate(keys.get(name)?.['tls.crt'] ?? '', name);
}

async function seal(name: string, key: string): Promise<void> {
  const object = sealedSecret(certificateOf(key), { namespace, name }, { password: `hunter2-${name}` });
  await setup.cluster.create('sealedsecrets', object);
}

let files = 0;
function file(extension = 'age'): string {
  return join(folder.path, `keys-${++files}.${extension}`);
}

function keysCommand(...args: readonly string[]): Promise<Ran> {
  return as(setup.plane.kubeconfig, ...args);
}

function as(kubeconfig: string, ...args: readonly string[]): Promise<Ran> {
  return kubeseal(['keys', ...args, '--kubeconfig', kubeconfig]);
}

/** Writes a backup of the cluster to the recipient, and returns its file. */
async function backup(...args: readonly string[]): Promise<string> {
  const path = file();
  const ran = await keysCommand('backup', '-w', path, '--recipient', recipient, ...args);
  assert.equal(ran.code, 0, ran.stderr);
  return path;
}

/** Returns the kubeconfig of a ServiceAccount that has these rights in the namespace of the controller. */
async function userWith(name: string, rules: readonly object[]): Promise<string> {
  const token = await setup.plane.newServiceAccountToken(namespace, name);
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subject = { kind: 'ServiceAccount', name, namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name, namespace: NAMESPACE };
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef: role, subjects: [subject] },
  ];
  await setup.plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await rightsInForce(setup.plane);
  return setup.plane.kubeconfigFor(token, { namespace });
}

const LIST_SECRETS = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] };

suite('a backup of the keys', () => {
  test('has every key, whatever its state, and is what the program age and kubectl restore', async () => {
    const path = await backup();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(readFileSync(path).includes('PRIVATE KEY'), false);
    const { stdout } = await run(age, ['--decrypt', '--identity', identity, path]);
    const items = listAt(load(stdout), 'items');
    assert.deepEqual(items.map(nameOf).sort(), [...keys.keys()].sort());
    for (const item of items) assert.deepEqual(itemsOf(item), keys.get(nameOf(item)));
    const text = folder.write('decrypted.yaml', stdout);
    const dryRun = ['apply', '--dry-run=server', '-f', text, '--kubeconfig', setup.plane.kubeconfig];
    const applied = await run(kubectl, dryRun);
    assert.equal(applied.code, 0, applied.stderr);
    // openssl finds the keys and certificates in it as any other.
    const [key = '', certificate = ''] = ['tls.key', 'tls.crt'].map((name) => itemsOf(items[0])[name]);
    const modulus = (command: string, pem: string): Promise<Ran> =>
      run('openssl', [command, '-noout', '-modulus'], { stdin: pem });
    assert.deepEqual(await modulus('rsa', key), await modulus('x509', certificate));
    assert.match((await modulus('rsa', key)).stdout, /^Modulus=[0-9A-F]{512}\n$/);
  });

  test('says that it is not verified without an identity, and how to verify it', async () => {
    const path = file();
    const ran = await keysCommand('backup', '-w', path, '--recipient', recipient);
    assert.deepEqual(ran, {
      code: 0,
      stdout: '',
      stderr:
        `${path}: 4 keys, not verified yet; with an identity at hand: ` +
        `kubeseal keys verify-backup ${path} --identity FILE --against cluster\n`,
    });
  });

  test('is verified with an identity, and recorded in the key record', async () => {
    const path = file();
    const args = ['backup', '-w', path, '--recipient', recipient, '--identity', identity];
    const without = await keysCommand(...args);
    const verified = `${path}: 4 keys, verified: read back, and each opens what its certificate seals\n`;
    assert.equal(
      without.stderr,
      `${verified}(not recorded: there is no ConfigMap ${NAMESPACE}/sealed-secrets-keys, which the controller writes)\n`,
    );
    const configMap = { metadata: { name: 'sealed-secrets-keys' }, data: { 'keys.json': '{}' } };
    await setup.plane.request('POST', dirname(RECORD), configMap);
    const ran = await keysCommand(...args, '--force');
    assert.deepEqual(
      [ran.code, ran.stderr],
      [0, `${verified}(recorded in the ConfigMap ${NAMESPACE}/sealed-secrets-keys)\n`],
    );
    const { body } = await setup.plane.request('GET', RECORD);
    assert.equal(stringAt(body, 'data', 'keys.json'), '{}');
    const recorded: unknown = JSON.parse(stringAt(body, 'data', 'backups.json'));
    assert.equal(at(recorded, 'version'), 1);
    const fingerprints = [...keys.keys()].map((name) => certificateOf(name).fingerprint);
    assert.deepEqual(Object.keys(at(recorded, 'keys') ?? {}).sort(), fingerprints.sort());

    const reader = await userWith('reader', [LIST_SECRETS]);
    const refused = await as(reader, ...args, '--force');
    assert.equal(refused.code, 0);
    assert.match(
      refused.stderr,
      /^.*verified: .*\n\(not recorded: .*403 Forbidden.*"get" and "patch" on "configmaps"/,
    );
    await setup.plane.request('DELETE', RECORD);
  });

  test('is recorded by everyone who makes one at the same time', async () => {
    await setup.plane.request('POST', dirname(RECORD), { metadata: { name: 'sealed-secrets-keys' } });
    const all = await Promise.all(
      Array.from({ length: 4 }, () =>
        keysCommand('backup', '-w', file(), '--recipient', recipient, '--identity', identity),
      ),
    );
    for (const { code, stderr } of all) {
      assert.match(stderr, /^\(recorded in the ConfigMap kube-system\/sealed-secrets-keys\)$/m);
      assert.equal(code, 0);
    }
    await setup.plane.request('DELETE', RECORD);
  });

  test('with a passphrase comes from a file or the terminal', async () => {
    const path = file();
    const passphrase = folder.write('passphrase', `${PASSPHRASE}\n`);
    const ran = await keysCommand('backup', '-w', path, '--passphrase-file', passphrase);
    assert.match(ran.stderr, /4 keys, verified/);
    const read = await keysCommand('verify-backup', path, '--passphrase-file', passphrase);
    assert.equal(read.stdout, `${path}: 4 of 4 keys\n`, read.stderr);
    const wrong = await keysCommand('verify-backup', path, '--passphrase-file', folder.write('other', 'x'));
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /does not open with this passphrase/);
    if (!hasTerminal()) return;
    const typed = file();
    const flags = ['--passphrase', '--kubeconfig', setup.plane.kubeconfig];
    const program = new TerminalProgram(['keys', 'backup', '-w', typed, ...flags]);
    await program.answer('Passphrase: ', `${PASSPHRASE}\r`);
    await program.answer('Passphrase again: ', `${PASSPHRASE}\r`);
    const { shown, code } = await program.ended();
    assert.equal(code, 0, shown);
    assert.equal(shown.includes('horse'), false);
    const differs = new TerminalProgram(['keys', 'backup', '-w', file(), ...flags]);
    await differs.answer('Passphrase: ', `${PASSPHRASE}\r`);
    await differs.answer('Passphrase again: ', 'another\r');
    assert.match((await differs.ended()).shown, /the two passphrases differ; nothing was written/);
  });

  test('is only left unencrypted if that is confirmed', async () => {
    const path = file('yaml');
    const unconfirmed = await keysCommand('backup', '-w', path, '--plain');
    assert.match(
      unconfirmed.stderr,
      /^error: --plain writes the private keys unencrypted: confirm it with --yes/,
    );
    assert.deepEqual([unconfirmed.code, existsSync(path)], [1, false]);
    if (hasTerminal()) {
      const flags = ['--plain', '--kubeconfig', setup.plane.kubeconfig];
      const program = new TerminalProgram(['keys', 'backup', '-w', path, ...flags]);
      await program.answer('[y/N] ', '\r');
      const { code } = await program.ended();
      assert.deepEqual([code, existsSync(path)], [1, false]);
    }
    const ran = await keysCommand('backup', '-w', path, '--plain', '--yes');
    assert.match(ran.stderr, /4 keys, verified/);
    const args = ['get', 'secrets', '-n', NAMESPACE, '-l', SEALING_KEY_LABEL, '-o', 'yaml'];
    const { stdout } = await run(kubectl, [...args, '--kubeconfig', setup.plane.kubeconfig]);
    const theirs = listAt(load(stdout), 'items');
    const ours = new Map(
      listAt(load(readFileSync(path, 'utf8')), 'items').map((each) => [nameOf(each), each]),
    );
    for (const secret of theirs) {
      const serverFields = ['resourceVersion', 'uid'];
      const metadata = Object.entries(at(secret, 'metadata') ?? {});
      const kept = metadata.filter(([field]) => !serverFields.includes(field));
      assert.equal(kept.length, metadata.length - serverFields.length);
      assert.deepEqual(ours.get(nameOf(secret)), { ...Object(secret), metadata: Object.fromEntries(kept) });
    }
  });

  test('replaces no file, unless that is forced, and leaves none behind', async () => {
    const path = folder.write('exists.age', 'precious');
    const args = ['backup', '-w', path, '--recipient', recipient];
    const refused = await keysCommand(...args);
    assert.equal(
      refused.stderr,
      `error: ${path} exists: write another file, or replace this one with --force\n`,
    );
    assert.equal(readFileSync(path, 'utf8'), 'precious');
    assert.equal((await keysCommand(...args, '--force')).code, 0);
    const nowhere = await keysCommand(
      'backup',
      '-w',
      join(folder.path, 'no/folder'),
      '--recipient',
      recipient,
    );
    assert.match(nowhere.stderr, /^error: cannot write .*no\/folder: no such file or directory\n$/);
    const device = await keysCommand('backup', '-w', '/dev/full', '--recipient', recipient);
    assert.match(device.stderr, /\/dev\/full is no regular file/);
  });

  test('leaves nothing on a disk that is full', async (t) => {
    const disk = join(folder.path, 'disk');
    mkdirSync(disk);
    const script = `
      mount -t tmpfs -o size=8k none "$0" && cd "$0" || exit 99
      dd if=/dev/zero of=fill bs=1k 2>/dev/null
      "$@"
      echo "code $?"
      ls -A`;
    const command = [...KUBESEAL, 'keys', 'backup', '-w', 'keys.age', '--recipient', recipient];
    const args = ['sh', '-c', script, disk, ...command, '--kubeconfig', setup.plane.kubeconfig];
    const ran = await run('unshare', ['-m', ...args]);
    if (ran.code === 99 && process.env['CI'] !== 'true') {
      t.skip('no file system can be mounted here');
      return;
    }
    assert.deepEqual([ran.code, ran.stdout], [0, 'code 1\nfill\n'], ran.stderr);
    assert.match(ran.stderr, /^error: cannot write keys\.age: no space left on device$/m);
  });

  test('names the right that is missing', async () => {
    const nobody = await userWith('nobody', []);
    const path = file();
    const ran = await as(nobody, 'backup', '-w', path, '--recipient', recipient);
    assert.deepEqual([ran.code, existsSync(path)], [1, false]);
    assert.match(
      ran.stderr,
      new RegExp(`not allowed to list secrets in the namespace ${NAMESPACE}: it takes a Role`),
    );
  });

  test('is refused where there are no keys', async () => {
    const ran = await keysCommand(
      'backup',
      '-w',
      file(),
      '--recipient',
      recipient,
      '--controller-namespace',
      namespace,
    );
    assert.match(
      ran.stderr,
      new RegExp(`^error: there are no sealing keys in the namespace ${namespace}: set --contr`),
    );
    assert.equal(ran.code, 1);
  });
});

suite('verify-backup', () => {
  test('compares with the cluster, and with folders', async () => {
    const path = await backup();
    const sealed = sealedSecret(
      certificateOf('sealed-secrets-keyold'),
      { namespace, name: 'db' },
      { a: 'b-canary' },
    );
    const tree = join(folder.path, 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'db.json'), JSON.stringify(sealed));
    const against = ['--against', 'cluster', '--against', tree];
    const ran = await keysCommand('verify-backup', path, '--identity', identity, ...against);
    assert.equal(ran.stdout, `${path}: 4 of 4 keys; opens 5 of 5 objects\n`, ran.stderr);
    assert.equal(ran.code, 0);

    const text = await run(age, ['--decrypt', '--identity', identity, path]);
    const fromStdin = await kubeseal(['keys', 'verify-backup', '-', '--against', tree], {
      stdin: text.stdout,
    });
    assert.equal(fromStdin.stdout, '<stdin>: 4 of 4 keys; opens 1 of 1 object\n', fromStdin.stderr);

    const offline = ['verify-backup', path, '--identity', identity, '--against', tree];
    const alone = await as('/nonexistent', ...offline);
    assert.equal(alone.stdout, `${path}: 4 of 4 keys; opens 1 of 1 object\n`, alone.stderr);
    assert.equal(alone.code, 0);
  });

  test('names the keys that are missing, and the objects that do not open', async () => {
    const path = await backup();
    await addKey('sealed-secrets-keylate', { [SEALING_KEY_LABEL]: 'active' });
    await seal('late', 'sealed-secrets-keylate');
    const ran = await keysCommand('verify-backup', path, '--identity', identity, '--against', 'cluster');
    await setup.cluster.delete('secrets', { namespace: NAMESPACE, name: 'sealed-secrets-keylate' });
    await setup.cluster.delete('sealedsecrets', { namespace, name: 'late' });
    const { fingerprint } = certificateOf('sealed-secrets-keylate');
    keys.delete('sealed-secrets-keylate');
    assert.deepEqual([ran.code, ran.stdout], [1, `${path}: 4 of 5 keys; opens 4 of 5 objects\n`]);
    assert.ok(
      ran.stderr.includes(`${path} lacks 1 key of the cluster: ${fingerprint} (sealed-secrets-keylate, `),
    );
    assert.ok(ran.stderr.includes(`${path} does not open ${namespace}/late: no key in it opens password`));
  });

  test('tells a backup of another cluster', async () => {
    const items = await keyItems();
    const path = folder.write('other.json', JSON.stringify({ kind: 'Secret', ...keySecret('other', items) }));
    const ran = await keysCommand('verify-backup', path, '--against', 'cluster');
    assert.deepEqual([ran.code, ran.stdout], [1, `${path}: 0 of 4 keys; opens 0 of 4 objects\n`]);
    assert.match(ran.stderr, /has none of the 4 keys of the cluster: it is a backup of another one/);
  });

  test('names the right that is missing', async () => {
    const path = await backup();
    const args = ['verify-backup', path, '--identity', identity, '--against', 'cluster'];
    const nobody = await as(await userWith('nothing', []), ...args);
    assert.match(nobody.stderr, /not allowed to list secrets in the namespace kube-system: it takes a Role/);
    const reader = await userWith('only-secrets', [{ ...LIST_SECRETS, verbs: ['list', 'get'] }]);
    const refused = await as(reader, ...args);
    assert.match(
      refused.stderr,
      /not allowed to list sealedsecrets\.bitnami\.com in all namespaces: it takes a ClusterRole/,
    );
    assert.deepEqual([nobody.code, nobody.stdout, refused.code, refused.stdout], [1, '', 1, '']);
  });

  test('says why a key is of no use', async () => {
    const [one, two] = [await keyItems(), await keyItems()];
    const secrets = [
      keySecret('mixed', { ...one, 'tls.key': two['tls.key'] }),
      keySecret('none', { ...one, 'tls.key': 'garbage' }),
      keySecret('good', one),
    ];
    const items = secrets.map((secret) => ({ apiVersion: 'v1', kind: 'Secret', ...secret }));
    const path = folder.write('faulty.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const ran = await kubeseal(['keys', 'verify-backup', path]);
    assert.deepEqual([ran.code, ran.stdout], [1, `${path}: 1 of 3 keys\n`]);
    assert.match(
      ran.stderr,
      /the key in the Secret mixed is of no use: it has no certificate of its private key/,
    );
    assert.match(ran.stderr, /the key in the Secret none is of no use: its private key cannot be read/);
    assert.equal(ran.stderr.includes('garbage'), false);
  });

  test('refuses a damaged file, and says what it needs', async () => {
    const path = await backup();
    const bytes = readFileSync(path);
    const cases: [Buffer | string, readonly string[], RegExp][] = [
      [bytes.subarray(0, -1), ['--identity', identity], /is damaged: it was cut short or changed/],
      [Buffer.concat([bytes, Buffer.from('x')]), ['--identity', identity], /is damaged/],
      [bytes, [], /is encrypted to recipients: .* --identity/],
      ['hello', [], /is not a backup of keys: /],
      ['kind: ConfigMap\n', [], /is not a backup of keys: expected a Secret/],
      ['', [], /is not a backup of keys: it holds no sealing key/],
    ];
    for (const [content, args, expected] of cases) {
      const changed = file();
      writeFileSync(changed, content);
      const ran = await kubeseal(['keys', 'verify-backup', changed, ...args]);
      assert.match(ran.stderr, expected);
      assert.deepEqual([ran.code, ran.stdout], [1, '']);
    }
  });
});

suite('restore', () => {
  test('creates what is missing, as it was, and changes nothing that is there', async () => {
    const path = await backup();
    const lost = { namespace: NAMESPACE, name: 'sealed-secrets-keynew' };
    const before = await setup.cluster.get('secrets', lost);
    const retired = { namespace: NAMESPACE, name: 'sealed-secrets-keybad' };
    await setup.cluster.delete('secrets', lost);
    await setup.cluster.delete('secrets', retired);
    const args = ['restore', path, '--identity', identity, '--timeout', '0'];
    const dry = await keysCommand(...args, '--dry-run');
    assert.deepEqual(dry.stdout.trim().split('\n').sort(), [
      `${NAMESPACE}/sealed-secrets-key unchanged`,
      `${NAMESPACE}/sealed-secrets-keybad would be restored as compromised`,
      `${NAMESPACE}/sealed-secrets-keynew would be restored`,
      `${NAMESPACE}/sealed-secrets-keyold unchanged`,
    ]);
    assert.equal(await setup.cluster.get('secrets', lost), undefined);
    const ran = await keysCommand(...args);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /sealed-secrets-keybad restored as compromised\n/);
    assert.match(ran.stdout, /sealed-secrets-keynew restored\n/);
    const after = await setup.cluster.get('secrets', lost);
    assert.notEqual(at(after, 'metadata', 'uid'), at(before, 'metadata', 'uid'));
    for (const field of [['metadata', 'labels'], ['metadata', 'annotations'], ['type'], ['data']])
      assert.deepEqual(at(after, ...field), at(before, ...field));
    const again = await keysCommand(...args);
    assert.deepEqual([again.code, again.stdout.match(/unchanged/g)?.length], [0, 4]);
  });

  test('leaves a Secret of another key as it is, and restores the others', async () => {
    const path = await backup();
    const taken = { namespace: NAMESPACE, name: 'sealed-secrets-keynew' };
    const lost = { namespace: NAMESPACE, name: 'sealed-secrets-keyold' };
    await setup.cluster.delete('secrets', taken);
    await setup.cluster.delete('secrets', lost);
    const other = await setup.cluster.create('secrets', keySecret(taken.name, await keyItems()));
    const ran = await keysCommand('restore', path, '--identity', identity, '--timeout', '0');
    assert.equal(ran.code, 1);
    assert.equal(
      ran.stderr,
      `error: the Secret ${NAMESPACE}/${taken.name} exists with other content: it is left as it is, and its key was ` +
        'not restored\n',
    );
    assert.match(ran.stdout, /sealed-secrets-keyold restored as retired\n/);
    assert.deepEqual(await setup.cluster.get('secrets', taken), other);
    await setup.cluster.delete('secrets', taken);
    assert.equal((await keysCommand('restore', path, '--identity', identity, '--timeout', '0')).code, 0);
  });

  test('says when labels differ, and changes none', async () => {
    const path = await backup();
    const ref = { namespace: NAMESPACE, name: 'sealed-secrets-keynew' };
    await setup.cluster.change('secrets', ref, {
      metadata: { labels: { [SEALING_KEY_LABEL]: 'compromised' } },
    });
    const ran = await keysCommand('restore', path, '--identity', identity, '--timeout', '0');
    await setup.cluster.change('secrets', ref, { metadata: { labels: { [SEALING_KEY_LABEL]: 'active' } } });
    assert.match(
      ran.stdout,
      /sealed-secrets-keynew unchanged \(there it is compromised, in the backup active\)\n/,
    );
  });

  test('into another namespace takes one that exists, and the right to create Secrets', async () => {
    const path = await backup();
    const args = ['restore', path, '--identity', identity, '--timeout', '0'];
    const nowhere = await keysCommand(...args, '--controller-namespace', 'nowhere');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /cannot create the Secret nowhere\/.*: the namespace does not exist\n/);
    const moved = await setup.plane.createNamespace('moved');
    const ran = await keysCommand(...args, '--controller-namespace', moved);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal((await setup.cluster.list('secrets', moved)).length, 4);
    const reader = await userWith('getter', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]);
    await setup.cluster.delete('secrets', { namespace: NAMESPACE, name: 'sealed-secrets-keynew' });
    const refused = await as(reader, ...args);
    assert.match(
      refused.stderr,
      /not allowed to create secrets in the namespace kube-system: it takes a Role/,
    );
    assert.equal((await keysCommand(...args)).code, 0);
  });

  test('says if no controller answers: the keys are there for the next one', async () => {
    const path = await backup();
    const ran = await keysCommand('restore', path, '--identity', identity, '--timeout', '1ms');
    assert.equal(ran.code, 0);
    assert.match(
      ran.stderr,
      /^warning: no controller in kube-system has said that it uses 2 restored keys: the Secrets/,
    );
  });

  test('does not believe a key record that is older than the Secret', async () => {
    const path = await backup();
    const name = 'sealed-secrets-keynew';
    const certificate = certificateOf(name);
    const { fingerprint } = certificate;
    const key = { name, fingerprint, created: undefined, state: 'newest', objects: 0, certificate } as const;
    const configMap = { metadata: { name: 'sealed-secrets-keys' }, data: recordItems([key]) };
    await setup.plane.request('POST', dirname(RECORD), configMap);
    const args = ['restore', path, '--identity', identity, '--timeout', '1ms'];
    // Of the two active keys, the record lists one.
    assert.match((await keysCommand(...args)).stderr, /^warning: no controller in .* uses 1 restored key: /);
    await setup.cluster.delete('secrets', { namespace: NAMESPACE, name });
    assert.match((await keysCommand(...args)).stderr, /^warning: no controller in .* uses 2 restored keys: /);
    await setup.plane.request('DELETE', RECORD);
  });

  test('leaves out what no controller would use as a key', async () => {
    const items = await keyItems();
    const labels = { [SEALING_KEY_LABEL]: 'active' };
    const annotations = { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' };
    const secrets = [
      keySecret('web-tls', items, { labels: {} }),
      keySecret('planted', items, { labels, annotations }),
    ].map((secret) => ({ apiVersion: 'v1', kind: 'Secret', ...secret }));
    const path = folder.write(
      'others.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: secrets }),
    );
    const ran = await keysCommand('restore', path);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /left out the Secret web-tls: it has no label/);
    assert.match(ran.stderr, /left out the Secret planted: a SealedSecret made it/);
    assert.match(ran.stderr, /it holds no sealing key\n$/);
  });
});
