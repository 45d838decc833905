import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const secret = folder.write('secret.yaml', SECRET);

function seal(...args: string[]): Promise<Ran> {
  return kubeseal(['--cert', cert, ...args], { stdin: SECRET });
}

suite('a flag', () => {
  const spellings: [string, readonly string[], RegExp][] = [
    ['--format yaml', ['--format', 'yaml'], /^---\n/],
    ['--format=yaml', ['--format=yaml'], /^---\n/],
    ['-o yaml', ['-o', 'yaml'], /^---\n/],
    ['-oyaml', ['-oyaml'], /^---\n/],
    ['-o=yaml', ['-o=yaml'], /^---\n/],
    ['-o JSON', ['-o', 'JSON'], /^\{\n/],
    ['-n=prod', ['-n=prod'], /"namespace": "prod"/],
    ['-f=FILE', [`-f=${secret}`], /"kind": "SealedSecret"/],
    ['--name=other', ['--name=other'], /"name": "other"/],
    ['the last of two', ['--name', 'first', '--name', 'second'], /"name": "second"/],
    ['before and after a word', ['-o', 'json', 'word', '-o', 'yaml'], /^---\n/],
  ];
  for (const [what, args, stdout] of spellings) {
    test(`is read as the reference reads it: ${what}`, async () => {
      const ran = await seal(...args);
      assert.match(ran.stdout, stdout, ran.stderr);
      assert.equal(ran.code, 0);
    });
  }

  // Scripts write --namespace "$NAMESPACE" and leave the variable empty.
  const empty = ['--name', '--namespace', '--scope', '--format', '--secret-file', '--sealed-secret-file'];
  for (const flag of [...empty, '--kubeconfig', '--context']) {
    test(`without a value is ignored: ${flag} ""`, async () => {
      for (const args of [[flag, ''], [`${flag}=`]]) {
        const { code, stdout, stderr } = await seal(...args);
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, /^\{\n {2}"kind": "SealedSecret"[^]*"name": "db",\n {4}"namespace": "prod"\n/);
      }
    });
  }

  test('that takes no value stays on if an empty argument follows it', async () => {
    const { code, stdout, stderr } = await seal('--fetch-cert', '');
    assert.deepEqual([code, stdout, stderr], [0, certificatePem('c2048'), '(ignored: "")\n']);
  });

  test('that is unknown is refused with 2, even if its value is empty', async () => {
    for (const args of [['--nosuch', ''], ['--nosuch='], ['-z', ''], ['-z=']]) {
      const { code, stdout, stderr } = await seal(...args);
      assert.match(stderr, /^error: unknown option '-[^\n]*\n$/, args.join(' '));
      assert.deepEqual([code, stdout], [2, '']);
    }
  });

  test('that is unknown is refused with 2, and its value is not shown', async () => {
    // The nearest flags have secrets for values.
    for (const flag of ['--tokens', '--passwor', '--nosuch']) {
      const { code, stdout, stderr } = await seal(`${flag}=hunter2-canary`);
      assert.match(stderr, new RegExp(`^error: unknown option '${flag}[^\\n]*\\n$`));
      assert.ok(!stderr.includes('canary'));
      assert.deepEqual([code, stdout], [2, '']);
    }
  });

  test('of klog is accepted without a message', async () => {
    const klog = ['--logtostderr=true', '--alsologtostderr', '--stderrthreshold=2', '--vmodule', 'a=2'];
    const files = [
      '--log_dir',
      '/x',
      '--log_file=/x',
      '--log_file_max_size',
      '1',
      '--log_backtrace_at',
      ':0',
    ];
    const more = [
      '--add_dir_header',
      '--skip_headers',
      '--skip_log_headers',
      '--one_output',
      '-v',
      '0',
      '--v=0',
    ];
    const { code, stdout, stderr } = await seal(...klog, ...files, ...more);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /"kind": "SealedSecret"/);
  });

  test('-v prints which certificate was used', async () => {
    for (const args of [['-v', '1'], ['-v=2'], ['--v', '9']]) {
      const { code, stderr } = await seal(...args);
      assert.match(
        stderr,
        /^\(sealing with SHA256:\S{43}, valid until \d{4}-\d\d-\d\d, from \S*cert.pem\)\n$/,
      );
      assert.equal(code, 0);
    }
  });

  test('that does not parse leaves the output as it was', async () => {
    const kept = folder.write('kept.yaml', 'kept');
    for (const args of [['--scope', 'Strict'], ['-o', 'toml'], ['--nosuch'], ['--cert'], ['--raw=maybe']]) {
      const { code, stdout, stderr } = await kubeseal(['-f', secret, '-w', kept, ...args]);
      assert.match(stderr, /^error: [^\n]*\n$/);
      assert.deepEqual([code, stdout, readFileSync(kept, 'utf8')], [2, '', 'kept']);
    }
  });
});

suite('flags of two commands', () => {
  for (const args of [
    ['--recovery', '--fetch-cert'],
    ['--fetch-cert', '--recovery-unseal', '--private-key', key],
    ['--private-key', key],
    ['--fetch-cert', '--recovery-private-key', key],
    ['--recovery-unseal', '--recovery-private-key', ''],
  ]) {
    test(`are refused: ${args.join(' ').replace(key, 'FILE')}`, async () => {
      const output = `${folder.path}/output`;
      const { code, stdout, stderr } = await kubeseal([...args, '-w', output], { stdin: SECRET });
      assert.match(stderr, /^error: --[^\n]*\n$/);
      assert.deepEqual([code, stdout, existsSync(output)], [1, '', false]);
    });
  }

  test('are ignored by --version and --help', async () => {
    const version = await kubeseal(['--version', '--cert', 'nosuch']);
    assert.deepEqual([version.code, version.stderr], [0, '']);
    const help = await kubeseal(['--help', '--nosuch']);
    assert.match(help.stdout, /^Usage: kubeseal /);
    assert.deepEqual([help.code, help.stderr], [0, '']);
  });

  test('that are aliases are added to the others', async () => {
    const sealed = (await seal()).stdout;
    const other = folder.write('other.pem', keyPem('b4096'));
    const args = ['--recovery', '--private-key', other, '--recovery-private-key', key];
    const { code, stderr } = await kubeseal(args, { stdin: sealed });
    assert.deepEqual([code, stderr], [0, '']);
  });
});
