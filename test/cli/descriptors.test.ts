import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { suite, test } from 'node:test';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';

const inputs = temporaryFolder();
const cert = inputs.write('cert.pem', certificatePem('c2048'));
const key = inputs.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const secret = inputs.write('secret.yaml', SECRET);
const sealed = (await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: SECRET })).stdout;
const REENCRYPT = ['--re-encrypt', '--recovery-private-key', key, '--cert', cert];

/** Runs kubeseal in a shell line, as `"$@"`. */
function shell(line: string, args: readonly string[], stdin = ''): Promise<Ran> {
  return run('sh', ['-c', line, 'sh', ...KUBESEAL, ...args], { stdin });
}

function silent({ code, stdout, stderr }: Ran): void {
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
}

suite('an output that is an open descriptor', () => {
  const spellings: [string, string][] = [
    ['/dev/stdout', '>>'],
    ['/dev/fd/1', '>>'],
    ['/proc/self/fd/1', '>>'],
    ['-', '>>'],
    ['/dev/stderr', '2>>'],
    ['/dev/fd/2', '2>>'],
    ['/dev/fd/3', '3>>'],
    ['/proc/self/fd/3', '3>>'],
    ['/proc/thread-self/fd/3', '3>>'],
  ];
  for (const [file, redirection] of spellings) {
    test(`is written to, and its file is not replaced: ${file}`, async () => {
      const folder = temporaryFolder();
      const log = folder.write('log', 'before\n');
      const { ino } = statSync(log);
      const args = ['--cert', cert, '-f', secret, '-w', file];
      silent(await shell(`"$@" ${redirection} ${log} && echo after >> ${log}`, args));
      assert.match(readFileSync(log, 'utf8'), /^before\n\{\n {2}"kind": "SealedSecret"[^]*\}\nafter\n$/);
      assert.equal(statSync(log).ino, ino);
      assert.deepEqual(readdirSync(folder.path), ['log']);
    });
  }

  test('is written to at its position', async () => {
    const folder = temporaryFolder();
    const log = `${folder.path}/log`;
    const args = ['--cert', cert, '-f', secret, '-w', '/dev/stdout'];
    silent(await shell(`{ echo before; "$@"; "$@"; echo after; } > ${log}`, args));
    assert.match(readFileSync(log, 'utf8'), /^before\n\{[^]*\}\n\{[^]*\}\nafter\n$/);
  });

  test('is found behind symbolic links', async () => {
    const folder = temporaryFolder();
    const log = folder.write('log', 'before\n');
    symlinkSync('/dev/stdout', `${folder.path}/one`);
    symlinkSync('one', `${folder.path}/two`);
    silent(await shell(`"$@" >> ${log}`, ['--cert', cert, '-f', secret, '-w', `${folder.path}/two`]));
    assert.match(readFileSync(log, 'utf8'), /^before\n\{[^]*\}\n$/);
  });

  test('may be that of another process', async () => {
    const folder = temporaryFolder();
    const log = folder.write('log', 'before\n');
    const { ino } = statSync(log);
    const other = spawn('cat', { stdio: ['pipe', openSync(log, 'a'), 'inherit'] });
    const ended = new Promise((resolve) => other.on('exit', resolve));
    const ran = await kubeseal(['--cert', cert, '-f', secret, '-w', `/proc/${other.pid}/fd/1`]);
    other.stdin?.end('after\n');
    await ended;
    silent(ran);
    assert.match(readFileSync(log, 'utf8'), /^before\n\{[^]*\}\nafter\n$/);
    assert.equal(statSync(log).ino, ino);
  });

  test('gets a recovered Secret, and a certificate', async () => {
    const folder = temporaryFolder();
    const log = folder.write('log', 'before\n');
    const recovery = ['--recovery-unseal', '--recovery-private-key', key, '-w', '/dev/stdout'];
    silent(await shell(`"$@" >> ${log}`, recovery, sealed));
    assert.match(readFileSync(log, 'utf8'), /^before\n\{[^]*aHVudGVyMg==[^]*\}\n$/);
    silent(await shell(`"$@" >> ${log}`, ['--fetch-cert', '--cert', cert, '-w', '/dev/stdout']));
    assert.ok(readFileSync(log, 'utf8').endsWith(`}\n${certificatePem('c2048')}`));
  });

  test('that is closed is named', async () => {
    const { code, stdout, stderr } = await shell('"$@" 9>&-', [
      '--cert',
      cert,
      '-f',
      secret,
      '-w',
      '/dev/fd/9',
    ]);
    assert.match(stderr, /^error: cannot write \/dev\/fd\/9: [^\n]+\n$/);
    assert.deepEqual([code, stdout], [1, '']);
  });
});

suite('a file that is changed in place', () => {
  test('is never a descriptor: the result is printed', async () => {
    const folder = temporaryFolder();
    const file = folder.write('sealed.yaml', sealed);
    for (const input of ['/dev/stdin', '/proc/self/fd/0', '-']) {
      const ran = await shell(`"$@" < ${file}`, [...REENCRYPT, '-f', input, '-o', 'yaml']);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.deepEqual(await itemsOf(ran.stdout), [{ password: 'hunter2' }]);
      assert.equal(readFileSync(file, 'utf8'), sealed);
    }
  });

  test('is not the file that stdout leads to', async () => {
    const folder = temporaryFolder();
    const file = folder.write('sealed.yaml', sealed);
    const { ino } = statSync(file);
    silent(await shell(`"$@" >> ${file}`, [...REENCRYPT, '-o', 'yaml', '-f', file, '-w', '/dev/stdout']));
    assert.equal(statSync(file).ino, ino);
    const text = readFileSync(file, 'utf8');
    assert.ok(text.startsWith(sealed));
    assert.deepEqual(await itemsOf(text), [{ password: 'hunter2' }, { password: 'hunter2' }]);
  });
});

suite('a dash for a file', () => {
  test('is stdin, or stdout', async () => {
    const folder = temporaryFolder();
    for (const args of [
      ['-f', '-'],
      ['-f=-', '-w', '-'],
      ['--secret-file', '-', '--sealed-secret-file=-'],
    ]) {
      const ran = await kubeseal(['--cert', cert, ...args], { stdin: SECRET, cwd: folder.path });
      assert.deepEqual([ran.code, ran.stderr], [0, ''], args.join(' '));
      assert.deepEqual(await itemsOf(ran.stdout), [{ password: 'hunter2' }]);
    }
    assert.ok(!existsSync(`${folder.path}/-`));
    const raw = ['--raw', '--cert', cert, '--scope', 'cluster-wide', '--from-file', 'password=-'];
    assert.match((await kubeseal(raw, { stdin: 'x' })).stdout, /^A[gQ][A-Za-z0-9+/=]+$/);
  });

  test('of which there is one is read by its path', async () => {
    const folder = temporaryFolder();
    folder.write('-', SECRET);
    const ran = await kubeseal(['--cert', cert, '-f', './-'], { cwd: folder.path });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
  });
});

suite('a value of null', () => {
  test('is an empty text, when sealing and recovering', async () => {
    const stdin =
      'metadata: {name: db, namespace: prod, labels: {a: null}, annotations: {b: ~}}\nstringData: {c: null, d:}\ndata: {e: null}\n';
    const ran = await kubeseal(['--cert', cert], { stdin });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.deepEqual(await itemsOf(ran.stdout), [{ c: '', d: '', e: '' }]);
    const withNulls = ran.stdout
      .replace('"a": ""', '"a": null')
      .replace('"b": ""', '"b": null')
      .replace('"template": {', '"template": {"data": {"t": null},');
    assert.match(withNulls, /"a": null[^]*"b": null/);
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], {
      stdin: withNulls,
    });
    assert.deepEqual([recovered.code, recovered.stderr], [0, '']);
    const object = JSON.parse(recovered.stdout) as { metadata: object; data: object };
    // A template that is null leaves its item out.
    assert.deepEqual(object.data, { c: '', d: '', e: '' });
    assert.deepEqual(object.metadata, {
      name: 'db',
      namespace: 'prod',
      labels: { a: '' },
      annotations: { b: '' },
    });
  });
});
