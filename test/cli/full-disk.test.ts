import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const input = folder.write('input.yaml', 'metadata: {name: db, namespace: prod}\nstringData: {user: bob}\n');
const sealed = folder.write(
  'sealed.json',
  JSON.stringify(
    sealedSecret(parseCertificate(pem, 'c2048'), { name: 'db', namespace: 'prod' }, { a: 'x'.repeat(9000) }),
  ),
);
const disk = `${folder.path}/disk`;
mkdirSync(disk);

/** A mount is seen by nobody else, without root or with it. */
const [way] = [['-rm'], ['-m']].filter(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'none', disk]).status === 0,
);

const SCRIPT = `
mount -t tmpfs -o size=64k none "$0" && cp "$1" "$0/file" && cd "$0" || exit 99
sealed="$1" state="$2"
shift 2
if [ "$state" = full ]; then dd if=/dev/zero of=fill bs=1k 2>/dev/null; else mount -o remount,ro "$0"; fi
"$@"
echo "code $?"
ls -A
cmp file "$sealed"
`;

suite('an output file', () => {
  const commands: [string, readonly string[]][] = [
    ['--merge-into', ['--cert', cert, '-f', input, '--merge-into', 'file']],
    ['--re-encrypt', ['--re-encrypt', '--private-key', key, '--cert', cert, '-f', 'file']],
    [
      'sealing',
      ['--cert', cert, '-n', 'prod', '-f', sealed.replace('sealed.json', 'input.yaml'), '-w', 'file'],
    ],
    ['--recovery-unseal', ['--recovery-unseal', '--private-key', key, '-f', 'file', '-w', 'file']],
  ];
  for (const [state, files, reason] of [
    ['full', 'file\nfill\n', 'no space left on device'],
    ['read-only', 'file\n', 'read-only file system'],
  ] as const) {
    for (const [what, args] of commands) {
      test(`on a disk that is ${state} stays as it was, with nothing beside it: ${what}`, async (t) => {
        if (way === undefined) {
          assert.notEqual(process.env['CI'], 'true', 'no file system can be mounted here');
          t.skip('no file system can be mounted here');
          return;
        }
        const command = [...way, 'sh', '-c', SCRIPT, disk, sealed, state, ...KUBESEAL, ...args];
        const ran = await run('unshare', command, { env: { PATH: process.env['PATH'] } });
        assert.deepEqual(ran, {
          code: 0,
          stdout: `code 1\n${files}`,
          stderr: `error: cannot write file: ${reason}\n`,
        });
      });
    }
  }
});

test('a failure to write to stdout is reported', { skip: !existsSync('/dev/full') }, async () => {
  const command = [...KUBESEAL, '--cert', cert, '-n', 'prod', '-f', input];
  const ran = await run('sh', ['-c', '"$@" >/dev/full', 'sh', ...command], {
    env: { PATH: process.env['PATH'] },
  });
  assert.deepEqual(ran, {
    code: 1,
    stdout: '',
    stderr: 'error: cannot write <stdout>: no space left on device\n',
  });
});
