import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { suite, test } from 'node:test';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const sealed = folder.write('sealed.json', (await kubeseal(['--cert', cert], { stdin: SECRET })).stdout);

/** Runs kubeseal with a stdin that never ends. A kubeseal that reads it is ended by the test's time limit. */
async function withoutEnd(args: readonly string[], signal: AbortSignal): Promise<[number | null, string]> {
  const [command, ...first] = KUBESEAL;
  const child = spawn(command, [...first, ...args], { stdio: ['pipe', 'ignore', 'pipe'], signal });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const code = await closed;
  child.stdin.destroy();
  return [code, stderr];
}

suite('--cert is checked before stdin is read', () => {
  const commands: [string, readonly string[]][] = [
    ['sealing', []],
    ['--raw', ['--raw', '--scope', 'cluster-wide']],
    ['--merge-into', ['--merge-into', sealed]],
    ['--re-encrypt', ['--re-encrypt', '--recovery-private-key', key]],
  ];
  for (const [command, args] of commands) {
    test(command, { timeout: 60_000 }, async ({ signal }) => {
      assert.deepEqual(await withoutEnd([...args, '--cert', 'nosuch.pem'], signal), [
        1,
        'error: open nosuch.pem: no such file or directory\n',
      ]);
    });
  }
});

suite('a certificate file', () => {
  test('of UTF-16 is named as such', async () => {
    for (const bytes of [
      Buffer.from(`\uFEFF${certificatePem('c2048')}`, 'utf16le'),
      Buffer.from(certificatePem('c2048'), 'utf16le'),
      Buffer.from(`\uFEFF${certificatePem('c2048')}`, 'utf16le').swap16(),
    ]) {
      const file = folder.write('wide.pem', bytes);
      const { code, stderr } = await kubeseal(['--cert', file], { stdin: SECRET });
      assert.deepEqual(
        [code, stderr],
        [1, `error: ${file} is not UTF-8 text but UTF-16: save it as UTF-8\n`],
      );
    }
  });

  test('may begin with a byte order mark', async () => {
    const file = folder.write('marked.pem', `\uFEFF${certificatePem('c2048')}`);
    const { code, stderr } = await kubeseal(['--cert', file], { stdin: SECRET });
    assert.deepEqual([code, stderr], [0, '']);
  });
});

suite('an input of UTF-16', () => {
  test('is named as such', async () => {
    for (const bytes of [
      Buffer.from(`\uFEFF${SECRET}`, 'utf16le'),
      Buffer.from(`\uFEFF${SECRET}`, 'utf16le').swap16(),
      Buffer.from(SECRET, 'utf16le'),
    ]) {
      const { code, stderr } = await kubeseal(['--cert', cert], { stdin: bytes });
      assert.deepEqual(
        [code, stderr],
        [1, 'error: <stdin> is not UTF-8 text but UTF-16: save it as UTF-8\n'],
      );
    }
  });
});
