import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { ScriptedEditor } from './scripted-editor.ts';
import { writesWith } from './trace.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const db = sealedSecret(
  parseCertificate(pem, 'c2048'),
  { namespace: 'prod', name: 'db' },
  { password: 'old-canary', user: 'bob' },
);

const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;

suite('the values of kubeseal edit', () => {
  test('are written to memory alone, by the program and its editor', async (t) => {
    if (!hasStrace) {
      assert.notEqual(process.env['CI'], 'true', 'there is no strace here');
      t.skip('there is no strace here');
      return;
    }
    const file = folder.write('db.json', JSON.stringify(db, null, 2));
    const trace = join(folder.path, 'trace');
    const editor = new ScriptedEditor(
      // The first buffer does not parse, so that the program writes what was typed.
      `[ $n = 2 ] && sed -i '/^bad/d' "$1" || sed -i -e 's/^user:.*/user: new-canary/' -e '$abad: [' "$1"`,
      { records: false },
    );
    const traced = [
      '-f',
      '-y',
      '-s',
      '1000000',
      '-e',
      'trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg',
      '-o',
      trace,
    ];
    const args = ['edit', file, '--cert', cert, '--recovery-private-key', key];
    const ran = await run('strace', [...traced, ...KUBESEAL, ...args], {
      env: { PATH: process.env['PATH'], TMPDIR: folder.path, ...editor.env },
    });
    assert.equal(ran.stderr, `${file}: user replaced, 1 item untouched\n`);
    assert.equal(editor.opened, 2);

    const text = readFileSync(trace, 'latin1');
    for (const value of ['old-canary', 'new-canary']) {
      const targets = writesWith(value, text);
      assert.ok(targets.length >= 2, 'the trace shows the writes');
      const elsewhere = targets.filter((path) => !/^\/dev\/shm\/kubeseal-\w{6}\//.test(path));
      assert.deepEqual(elsewhere, []);
    }
    // The trace would show a value on its way to the file.
    assert.ok(writesWith('encryptedData', text).some((path) => path.startsWith(`${folder.path}/.kubeseal-`)));
  });
});

suite('a trace', () => {
  test('shows what is written where', () => {
    const trace = [
      '12 write(5</dev/shm/x>, "a: canary\\n", 10) = 10',
      '12 pwrite64(5</tmp/y (deleted)>, "canary", 6, 0) = 6',
      '13 writev(6<pipe:[1]>, [{iov_base="can", iov_len=3}, {iov_base="ary canary", iov_len=3}], 2 <unfinished ...>',
      '13 read(5</dev/shm/x>, "canary", 6) = 6',
      '14 sendto(7<socket:[2]>, "canary", 6, 0, NULL, 0) = 6',
      '15 write(5</dev/null>, "Y2FuYXJ5", 8) = 8',
    ].join('\n');
    assert.deepEqual(writesWith('canary', trace), [
      '/dev/shm/x',
      '/tmp/y (deleted)',
      'pipe:[1]',
      'socket:[2]',
      '/dev/null',
    ]);
  });
});
