import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { suite, test } from 'node:test';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const inputs = temporaryFolder();
const cert = inputs.write('cert.pem', certificatePem('c2048'));
const key = inputs.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';

function seal(file: string): Promise<Ran> {
  return kubeseal(['--cert', cert, '-w', file], { stdin: SECRET });
}

async function recover(file: string): Promise<Ran> {
  const sealed = await kubeseal(['--cert', cert], { stdin: SECRET });
  return kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-w', file], { stdin: sealed.stdout });
}

function silent({ code, stdout, stderr }: Ran): void {
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
}

suite('an output file', () => {
  test('that is new follows the umask, and has mode 0600 if it holds a Secret', async () => {
    const folder = temporaryFolder();
    const masked = (...args: string[]): Promise<Ran> =>
      run('sh', ['-c', 'umask 027; exec "$@"', 'sh', ...KUBESEAL, ...args]);
    const sealed = `${folder.path}/sealed.json`;
    silent(await masked('--cert', cert, '-f', inputs.write('secret.yaml', SECRET), '-w', sealed));
    assert.equal(statSync(sealed).mode & 0o777, 0o640);
    const secret = `${folder.path}/secret.json`;
    silent(await masked('--recovery-unseal', '--recovery-private-key', key, '-f', sealed, '-w', secret));
    assert.equal(statSync(secret).mode & 0o777, 0o600);
  });

  test('that is the input, under any name, is replaced with a warning', async () => {
    const folder = temporaryFolder();
    const link = `${folder.path}/link.yaml`;
    for (const [input, output] of [
      ['-f "$1"', 'secret.yaml'],
      ['-f "$1"', './secret.yaml'],
      ['-f "$1"', 'link.yaml'],
      ['< "$1"', 'secret.yaml'],
    ] as const) {
      const file = folder.write('secret.yaml', SECRET);
      if (!existsSync(link)) symlinkSync('secret.yaml', link);
      const script = `file=$1 cert=$2 out=$3; shift 3; "$@" --cert "$cert" -w "$out" ${input.replace('$1', '$file')}`;
      const ran = await run('sh', ['-c', script, 'sh', file, cert, output, ...KUBESEAL], {
        cwd: folder.path,
      });
      assert.deepEqual(ran, {
        code: 0,
        stdout: '',
        stderr: `(${output}: the SealedSecret replaced the plaintext Secret)\n`,
      });
      assert.match(readFileSync(file, 'utf8'), /kind: SealedSecret/);
    }
    // Sealing again to the same output replaces no input.
    const file = folder.write('secret.yaml', SECRET);
    const args = ['--cert', cert, '-f', file, '-w', `${folder.path}/sealed.yaml`];
    silent(await kubeseal(args));
    silent(await kubeseal(args));
  });

  test('that was readable by all is restricted before a Secret is written, also behind a link', async () => {
    const folder = temporaryFolder();
    const real = folder.write('real.yaml', 'old');
    chmodSync(real, 0o666);
    const link = `${folder.path}/link.yaml`;
    symlinkSync('real.yaml', link);
    silent(await recover(link));
    assert.equal(readlinkSync(link), 'real.yaml');
    assert.equal(statSync(real).mode & 0o777, 0o600);
    assert.match(readFileSync(real, 'utf8'), /^---\napiVersion: v1\ndata:\n {2}password: aHVudGVyMg==\n/);
    assert.deepEqual(readdirSync(folder.path).sort(), ['link.yaml', 'real.yaml']);
  });

  test('behind a link to another folder, and behind two, is replaced there', async () => {
    const folder = temporaryFolder();
    mkdirSync(`${folder.path}/deep`);
    folder.write('deep/real.json', 'old');
    symlinkSync('deep/real.json', `${folder.path}/one.json`);
    symlinkSync('one.json', `${folder.path}/two.json`);
    silent(await seal(`${folder.path}/two.json`));
    assert.ok(lstatSync(`${folder.path}/one.json`).isSymbolicLink());
    assert.ok(lstatSync(`${folder.path}/two.json`).isSymbolicLink());
    assert.match(readFileSync(`${folder.path}/deep/real.json`, 'utf8'), /"SealedSecret"/);
    assert.deepEqual(readdirSync(`${folder.path}/deep`), ['real.json']);
  });

  test('behind a dangling link is created where the link points', async () => {
    const folder = temporaryFolder();
    const link = `${folder.path}/link.json`;
    symlinkSync('target.json', link);
    silent(await seal(link));
    assert.equal(readlinkSync(link), 'target.json');
    assert.match(readFileSync(`${folder.path}/target.json`, 'utf8'), /"SealedSecret"/);
  });

  test('that is a pipe or a device stays one, and gets the text', async () => {
    const folder = temporaryFolder();
    const pipe = `${folder.path}/pipe`;
    await run('mkfifo', [pipe]);
    // The reader ends with its first writer, or when there is none.
    const reader = run('timeout', ['60', 'cat', pipe]);
    silent(await seal(pipe));
    assert.ok(lstatSync(pipe).isFIFO());
    assert.match((await reader).stdout, /"SealedSecret"/);
  });

  test('may be one that the shell has opened, as it does for -w >(command)', async () => {
    // A pipe of the shell's: those that Node gives its children are sockets, which have no path.
    for (const file of ['/dev/stdout', '/dev/fd/1', '/dev/fd/3']) {
      const args = ['--cert', cert, '-f', inputs.write('secret.yaml', SECRET), '-w', file];
      const ran = await run('sh', ['-c', '"$@" 3>&1 | cat', 'sh', ...KUBESEAL, ...args]);
      assert.match(ran.stdout, /^\{\n {2}"kind": "SealedSecret"[^]*\}\n$/, file);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
    }
    assert.ok(lstatSync('/dev/stdout').isSymbolicLink());
  });

  test('may have the longest name that the file system takes', async () => {
    const folder = temporaryFolder();
    const name = `${'n'.repeat(250)}.yaml`;
    silent(await seal(`${folder.path}/${name}`));
    assert.deepEqual(readdirSync(folder.path), [name]);
  });

  test('has the format of its name, else that of -o', async () => {
    const folder = temporaryFolder();
    const formats: [string, RegExp][] = [
      ['a.yaml', /^---\n/],
      ['b.YML', /^---\n/],
      ['c.json', /^\{\n/],
      ['d', /^\{\n/],
      ['e.yaml.bak', /^\{\n/],
    ];
    for (const [name, start] of formats) {
      silent(await seal(`${folder.path}/${name}`));
      assert.match(readFileSync(`${folder.path}/${name}`, 'utf8'), start);
    }
  });

  test('stays unchanged if one of several documents fails', async () => {
    const folder = temporaryFolder();
    const file = folder.write('kept.yaml', 'kept');
    const before = statSync(file);
    const stdin = `${SECRET}---\n${SECRET.replace('db', 'd/b')}`;
    const { code } = await kubeseal(['--cert', cert, '-w', file], { stdin });
    assert.equal(code, 1);
    assert.equal(readFileSync(file, 'utf8'), 'kept');
    assert.deepEqual([statSync(file).ino, statSync(file).mtimeMs], [before.ino, before.mtimeMs]);
    assert.deepEqual(readdirSync(folder.path), ['kept.yaml']);
  });
});
