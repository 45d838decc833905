import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { writesWith } from './trace.ts';

const inputs = temporaryFolder();
const pem = certificatePem('c2048');
const cert = inputs.write('cert.pem', pem);
const PLACE = { name: 'db', namespace: 'shop' };
const sealed = sealedSecret(parseCertificate(pem, 'c2048'), PLACE, { user: 'bob' });

/** Long enough to be in nothing by chance. */
const PLAINTEXT = 'correct-horse-battery-staple';

const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** A test that needs `strace`. */
function traced(what: string, body: () => Promise<void>): void {
  test(what, async (t: TestContext) => {
    if (hasStrace) return body();
    assert.notEqual(
      process.env['CI'],
      'true',
      'there is no "strace" here, which shows what a program writes',
    );
    t.skip('there is no "strace" here');
  });
}

/** What a program did to files. */
interface Trace {
  /** The system calls that write, with all data. */
  readonly text: string;
  /** The files that were opened for writing. */
  readonly opened: readonly string[];
}

const WRITES = 'write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,vmsplice';
const OPEN = /^\d+ +(?:open|openat|openat2|creat)\([^"]*"([^"]*)"(.*)$/gm;

/** Runs kubeseal under strace, which follows all threads, and returns its trace. */
async function trace(args: readonly string[], stdin = ''): Promise<Trace> {
  const output = `${inputs.path}/trace`;
  const calls = `trace=${WRITES},open,openat,openat2,creat`;
  const flags = ['-f', '-y', '-s', '1000000', '-e', calls, '-o', output];
  const env = { PATH: process.env['PATH'], HOME: `${inputs.path}/home` };
  const { code, stderr } = await run('strace', [...flags, ...KUBESEAL, ...args], { stdin, env });
  assert.equal(code, 0, stderr);
  const text = readFileSync(output, 'latin1');
  const opened = [...text.matchAll(OPEN)].flatMap(([, path = '', rest = '']) =>
    /O_WRONLY|O_RDWR|O_CREAT/.test(rest) && !rest.includes('= -1 ') ? [path] : [],
  );
  return { text, opened };
}

const home = `${inputs.path}/home`;
mkdirSync(home);
const secretFile = inputs.write('secret.txt', PLAINTEXT);
const env = inputs.write('.env', `password=${PLAINTEXT}\n`);
let files = 0;
const file = (): string => inputs.write(`sealed-${++files}.json`, `${JSON.stringify(sealed, null, 2)}\n`);
const newFile = (): string => `${inputs.path}/sealed-${++files}.yaml`;

const CREATE = ['create', 'generic', 'db', '-n', 'shop'];
const cases: [string, readonly string[], string][] = [
  ['create --from-literal', [...CREATE, '--from-literal', `password=${PLAINTEXT}`, '-w', newFile()], ''],
  ['create --from-file', [...CREATE, '--from-file', secretFile, '-w', newFile()], ''],
  ['create --from-env-file', [...CREATE, '--from-env-file', env, '-w', newFile()], ''],
  [
    'create docker-registry',
    [
      'create',
      'docker-registry',
      'pull',
      '-n',
      'shop',
      '--username',
      'u',
      '--password-stdin',
      '-w',
      newFile(),
    ],
    PLAINTEXT,
  ],
  ['set KEY=VALUE', ['set', file(), `password=${PLAINTEXT}`], ''],
  ['set --value-stdin', ['set', file(), 'password', '--value-stdin'], PLAINTEXT],
  ['set --value-file', ['set', file(), 'user', '--value-file', secretFile], ''],
];

suite('no plaintext reaches a file', () => {
  for (const [what, args, stdin] of cases) {
    traced(what, async () => {
      const seen = await trace([...args, '--cert', cert], stdin);
      assert.deepEqual(writesWith(PLAINTEXT, seen.text), []);
      assert.notEqual(writesWith('encryptedData', seen.text).length, 0, 'the trace shows what is written');
      // No file is written in another way, such as a memory map of it.
      const others = seen.opened.filter(
        (path) => !/\/\.kubeseal-[0-9a-f]{16}\.tmp$|^\/dev\/|^\/proc\/self\//.test(path),
      );
      assert.deepEqual(others, []);
    });
  }

  traced('and a program that writes it is found', async () => {
    const path = file();
    const key = inputs.write('key.pem', keyPem('c2048'));
    await trace(['set', path, `password=${PLAINTEXT}`, '--cert', cert]);
    const recover = ['--recovery-unseal', '--recovery-private-key', key, '-f', path, '-w', newFile()];
    assert.notEqual(writesWith(PLAINTEXT, (await trace(recover)).text).length, 0);
  });
});
