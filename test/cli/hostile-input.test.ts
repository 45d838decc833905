import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';

const CANARY = 'hunter2-canary';
const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = `metadata: {name: db, namespace: prod}\nstringData: {password: ${CANARY}}\n`;
const sealed = (await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: SECRET })).stdout;

/** Runs each command on an input. */
const COMMANDS: Readonly<Record<string, (stdin: string | Buffer) => Promise<Ran>>> = {
  sealing: (stdin) => kubeseal(['--cert', cert], { stdin }),
  '--merge-into': (stdin) => {
    return kubeseal(['--cert', cert, '--merge-into', folder.write('target.yaml', sealed)], { stdin });
  },
  '--merge-into, its file': (text) => {
    return kubeseal(['--cert', cert, '--merge-into', folder.write('target.yaml', text)], { stdin: SECRET });
  },
  '--recovery-unseal': (stdin) => kubeseal(['--recovery-unseal', '--private-key', key], { stdin }),
  '--re-encrypt': (stdin) => kubeseal(['--re-encrypt', '--private-key', key, '--cert', cert], { stdin }),
  '--validate': (stdin) => kubeseal(['--validate', '--server', 'http://127.0.0.1:1'], { stdin }),
};
const READS_SECRETS = ['sealing', '--merge-into'];

const BOMB = `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]\n`;

suite('every command refuses, in one line that quotes nothing,', () => {
  const inputs: [string, (good: string) => string | Buffer, RegExp][] = [
    ['an alias bomb', () => BOMB, /neither JSON nor YAML: .*aliases expand to too much/],
    [
      'a key given twice',
      (good) => `${good}metadata: {name: ${CANARY}}\n`,
      /neither JSON nor YAML: duplicate key at line \d+/,
    ],
    ['a tag', (good) => `${good}x: !!js/function "${CANARY}"\n`, /a tag \(!…\) is not supported/],
    ['half a text', (good) => `${good}x: "${CANARY}\n`, /neither JSON nor YAML: .* at line \d+, column \d+/],
    ['what is not UTF-8', (good) => Buffer.from(`${good}# \xe9 ${CANARY}\n`, 'latin1'), /is not UTF-8 text/],
    [
      'a number for a name',
      (good) => good.replace(/name: db/, 'name: 0123'),
      /metadata\.name is a number, not a string: put it in quotes/,
    ],
  ];
  for (const [command, run] of Object.entries(COMMANDS)) {
    for (const [what, make, words] of inputs) {
      test(`${command}: ${what}`, async () => {
        const { code, stdout, stderr } = await run(make(READS_SECRETS.includes(command) ? SECRET : sealed));
        assert.match(stderr, /^error: [^\n]*\n$/);
        assert.match(stderr, words);
        assert.doesNotMatch(stderr, /canary/);
        assert.deepEqual([code, stdout], [1, '']);
      });
    }
  }
});

suite('every command reads', () => {
  const forms: [string, (good: string) => string][] = [
    ['Windows lines behind a byte order mark', (good) => `\ufeff${good.replaceAll('\n', '\r\n')}`],
    ['empty documents and comments around it', (good) => `# a\n---\n---\n${good}---\n# b\n`],
  ];
  for (const command of [
    'sealing',
    '--merge-into',
    '--merge-into, its file',
    '--recovery-unseal',
    '--re-encrypt',
  ]) {
    for (const [what, make] of forms) {
      test(`${command}: ${what}`, async () => {
        const { code, stdout, stderr } = (await COMMANDS[command]?.(
          make(READS_SECRETS.includes(command) ? SECRET : sealed),
        )) ?? { code: 2, stdout: '', stderr: '' };
        assert.deepEqual([code, stderr], [0, '']);
        if (command === '--recovery-unseal') {
          assert.ok(stdout.includes(Buffer.from(CANARY).toString('base64')));
        } else {
          const text = command.startsWith('--merge') ? readFileSync(`${folder.path}/target.yaml`) : stdout;
          assert.deepEqual(await itemsOf(text), [{ password: CANARY }]);
        }
      });
    }
  }

  test('anchors and merge keys, as kubectl does', async () => {
    const stdin = `x: &x {user: admin, password: old}\nmetadata: {name: db, namespace: prod}\nstringData:\n  <<: *x\n  password: ${CANARY}\n`;
    const ran = await kubeseal(['--cert', cert], { stdin });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.deepEqual(await itemsOf(ran.stdout), [{ password: CANARY, user: 'admin' }]);
  });
});

suite('a line on stderr', () => {
  test('names 200 items that no key opens', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `item-${index}`);
    const stdin = JSON.stringify({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'prod' },
      spec: { encryptedData: Object.fromEntries(names.map((name) => [name, 'AgAB'])) },
    });
    const { code, stderr } = await kubeseal(['--recovery-unseal', '--private-key', key], { stdin });
    assert.equal(code, 1);
    assert.ok(stderr.startsWith(`error: no key could decrypt secret (${names.sort().join(', ')}): `), stderr);
  });

  test('is cut, in an error and in a warning', async () => {
    const long = 'x'.repeat(100_000);
    const notice = await kubeseal(['--version', long]);
    assert.match(notice.stderr, /^\(ignored: "x+…\n$/);
    const name = `${long.slice(0, 90_000)}/`;
    const stdin = JSON.stringify({ metadata: { name, namespace: name }, data: { a: 'eA==' } });
    const error = await kubeseal(['--cert', cert], { stdin });
    assert.match(error.stderr, /^error: .*…/);
    for (const { stderr } of [notice, error]) assert.ok(stderr.length < 17_000, String(stderr.length));
  });
});
