import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { KeyCluster, NAMESPACE, testKey, testObject, type TestKey } from './key-cluster.ts';
import { hasTerminal, TerminalProgram } from './terminal-program.ts';

const old = await testKey('key-1', 'active', 30);
const newest = await testKey('key-2', 'active', 3);
const next = await testKey('key-3', 'active', 0);
const leaked = await testKey('key-x', 'compromised', 50);
const legacy = await testKey('sealed-secrets-key', undefined, 90);
const cluster = new KeyCluster();

beforeEach(() => {
  cluster.reset(old, newest, leaked, legacy);
  cluster.setRecord([
    [newest, 'newest', 1],
    [old, 'active', 0],
  ]);
  // Plays the controller, which makes a key once it is requested.
  cluster.interrupt = ({ method }) => {
    if (method === 'GET' && cluster.requested !== '') {
      cluster.add(next);
      cluster.setRecord([
        [next, 'newest', 0],
        [newest, 'active', 1],
      ]);
    }
    return undefined;
  };
});

/** Returns the lines of the table of what a key exposes. */
function exposed(stdout: string): string[][] {
  const [, rows = ''] = /^OBJECT .*\n((?:.+\n)*)/m.exec(stdout) ?? [];
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => row.split(/ {3,}/));
}

function headOf({ name, certificate }: TestKey, newer: TestKey): string {
  return `${name} (${certificate.fingerprint}) is compromised; the newest key is ${newer.name}\n`;
}

suite('keys compromised', () => {
  test('renews, names what is exposed and its authors, and labels nothing that is needed', async () => {
    cluster.sealed = [testObject('shop/db', newest, 'status'), testObject('shop/other', old, 'status')];
    const folder = temporaryFolder();
    const env = { HOME: folder.path, PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1' };
    const git = async (...args: readonly string[]): Promise<void> => {
      const { code, stderr } = await run('git', ['-C', folder.path, ...args], { env });
      assert.equal(code, 0, stderr);
    };
    await git('init', '-q');
    for (const [index, author] of ['Ann <ann@example.com>', 'Bob <bob@example.com>'].entries()) {
      folder.write('db.json', JSON.stringify({ ...testObject('shop/db', newest, 'hint'), index }));
      await git('add', '.');
      await git('-c', 'user.name=C', '-c', 'user.email=c@x', 'commit', '-qm', 'x', '--author', author);
    }
    const { code, stdout, stderr } = await cluster.run(['compromised', 'key-2', folder.path]);
    assert.equal(code, 1);
    assert.ok(stdout.startsWith(headOf(newest, next)), stdout);
    assert.deepEqual(exposed(stdout), [
      ['shop/db', 'the cluster', 'yes'],
      [
        'shop/db',
        `${folder.path}/db.json`,
        'by its annotation',
        'Bob <bob@example.com>, Ann <ann@example.com>',
      ],
    ]);
    assert.match(stdout, /Re-encrypting does not change that\.\n\n1\. Rotate each value where it is made/);
    assert.ok(stdout.includes(`git log --all --oneline -S ${newest.certificate.fingerprint}\n`));
    assert.doesNotMatch(stdout, /value of/);
    assert.equal(
      stderr
        .split('\n')
        .filter((line) => line.startsWith('error') || line.startsWith('(key-3'))
        .join('\n'),
      '(key-3 is the newest key now)\n' +
        'error: key-2 is not labelled yet, since 2 SealedSecrets may need it: rotate their values and run the command again, or label it at once with --yes',
    );
    assert.equal(cluster.labelOf('key-2'), 'active');
  });

  test('labels at once with --yes', async () => {
    cluster.sealed = [testObject('shop/db', newest, 'status')];
    const { code, stderr } = await cluster.run(['compromised', 'key-2', '--yes']);
    assert.equal(code, 0);
    assert.match(stderr, /key-2 is labelled as compromised: the controller does not use it any more\n$/);
    assert.equal(cluster.labelOf('key-2'), 'compromised');
  });

  test('labels a key that nothing needs without a question, and makes no further key', async () => {
    cluster.sealed = [testObject('shop/db', newest, 'status')];
    const { code, stdout } = await cluster.run(['compromised', 'key-1']);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(headOf(old, newest)));
    assert.match(stdout, /\nNo SealedSecret among those checked is sealed with it now\.\n/);
    assert.equal(cluster.labelOf('key-1'), 'compromised');
    assert.deepEqual(
      cluster.writes.map(({ path }) => path),
      [`/api/v1/namespaces/${NAMESPACE}/secrets/key-1`],
    );
  });

  test('shows the same again for a key that is labelled already', async () => {
    const { code, stderr } = await cluster.run(['compromised', 'key-x']);
    assert.deepEqual([code, stderr], [0, '(key-x is labelled as compromised already)\n']);
    assert.deepEqual(cluster.writes, []);
  });

  test('labels nothing if no newer key can be had', async () => {
    cluster.record = undefined;
    const { code, stdout, stderr } = await cluster.run(['compromised', 'key-2', '--yes']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^error: the namespace keys-here has no key record/);
    assert.equal(cluster.labelOf('key-2'), 'active');
  });

  test('says of a key of the oldest releases that the label has no effect', async () => {
    const { code, stdout, stderr } = await cluster.run(['compromised', 'sealed-secrets-key', '--yes']);
    assert.equal(code, 1);
    assert.ok(stdout.startsWith(headOf(legacy, newest)));
    assert.match(
      stderr,
      /^error: the controller uses the Secret sealed-secrets-key whatever its label says/m,
    );
  });

  test('asks on a terminal', { skip: !hasTerminal() && 'no script of util-linux' }, async () => {
    cluster.sealed = [testObject('shop/db', old, 'status')];
    const args = [
      'keys',
      'compromised',
      'key-1',
      '--server',
      cluster.url,
      '--controller-namespace',
      NAMESPACE,
    ];
    for (const [answer, code, label] of [
      ['\r', 1, 'active'],
      ['y\r', 0, 'compromised'],
    ] as const) {
      const program = new TerminalProgram(args);
      await program.answer('Label it now? [y/N] ', answer);
      assert.equal((await program.ended()).code, code);
      assert.equal(cluster.labelOf('key-1'), label);
    }
  });
});
