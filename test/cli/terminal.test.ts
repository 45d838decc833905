import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test, type TestContext } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { text } from './fake-api-server.ts';
import { FakeController } from './fake-controller.ts';
import { treeOf } from './tree.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const secret = folder.write('secret.yaml', SECRET);
const good = JSON.stringify(
  sealedSecret(parseCertificate(pem, 'c2048'), { name: 'db', namespace: 'prod' }, { a: 'b' }),
);
const controller = new FakeController();
beforeEach(() => controller.reset());

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** A test that needs the `script` of util-linux, which gives a command a terminal. */
function onTerminal(what: string, body: () => Promise<void>): void {
  test(what, async (t: TestContext) => {
    if (hasScript) return body();
    assert.notEqual(process.env['CI'], 'true', 'there is no "script" here, which gives a command a terminal');
    t.skip('there is no "script" here');
  });
}

/** Runs kubeseal on a terminal, types the input, and returns everything that the terminal showed. */
async function shown(args: readonly string[], typed: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const command = [...KUBESEAL, ...args]
    .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
  const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm', ...env };
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], { stdin: typed, env: environment });
  return stdout;
}

suite('on a terminal', () => {
  onTerminal('an error and a warning are coloured, unless that is not wanted', async () => {
    const args = ['--cert', folder.write('no.pem', 'none'), '-f', secret];
    const words = 'holds no PEM certificate';
    assert.match(
      await shown(args, ''),
      new RegExp(`^\u001b\\[31merror:\u001b\\[0m [^\u001b]*${words}[^\u001b]*\r\n$`),
    );
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      assert.match(await shown(args, '', env), new RegExp(`^error: [^\u001b]*${words}[^\u001b]*\r\n$`));
    }
    const expired = ['--fetch-cert', '--cert', folder.write('expired.pem', certificatePem('expired'))];
    const warning = await shown(expired, '');
    assert.ok(warning.startsWith('\u001b[33mwarning:\u001b[0m failed to encrypt'), warning);
  });

  onTerminal(
    'the severities of lint are coloured, unless a file gets them or that is not wanted',
    async () => {
      const plain = folder.write('lint-a.yaml', 'kind: Secret\nstringData: {password: hunter2}\n');
      const ignored = folder.write('lint-b.yaml', '# kubeseal-lint: ignore S001\nkind: SealedSecret\n');
      const args = ['lint', plain, ignored];
      const colored = await shown(args, '');
      assert.ok(colored.includes('a.yaml:2:14: \u001b[31merror\u001b[0m S001 plaintext-secret: '), colored);
      assert.ok(colored.includes('b.yaml:1:1: \u001b[33mwarning\u001b[0m S016 unused-ignore: '), colored);
      const report = join(folder.path, 'report.txt');
      assert.doesNotMatch(await shown([...args, '-w', report], ''), /S001/);
      const uncolored = [
        readFileSync(report, 'utf8'),
        await shown(args, '', { NO_COLOR: '1' }),
        await shown(args, '', { TERM: 'dumb' }),
      ];
      for (const text of uncolored) {
        assert.match(text, /a\.yaml:2:14: error S001/);
        assert.ok(!text.includes('\u001b'), text);
      }
    },
  );

  onTerminal('it is said what is read from there', async () => {
    const text = await shown(['--cert', cert], `${SECRET}\u0004`);
    assert.match(text, /\(reading a Secret from the terminal; press Ctrl-D to end, or use -f FILE\)\r\n/);
    assert.match(text, /"kind": "SealedSecret"/);
    const raw = await shown(['--raw', '--cert', cert, '--scope', 'cluster-wide'], 'x\n\u0004');
    assert.match(raw, /\(reading a value from the terminal/);
    assert.match(
      raw,
      /\(the trailing newline is part of the value; press Ctrl-D twice to leave it out\)\r\n/,
    );
  });

  onTerminal('a page is not written, unless -w says so', async () => {
    const refused = await shown(['web', 'prod', '--cert', cert], '');
    assert.match(refused, /web: the page is for a browser: write it to a file with -w seal\.html\r\n$/);
    assert.ok(!refused.includes('<html'));
    assert.match(await shown(['web', 'prod', '--cert', cert, '-w', '-'], ''), /<html/);
  });

  onTerminal('progress is counted on one line, which is empty at the end', async () => {
    const three = folder.write('three.json', good.repeat(3));
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const line = (i: number): string => `\r\u001b[K(validated ${i} of 3)`;
    assert.equal(
      await shown(['--validate', '-f', three], '', env),
      `${[0, 1, 2, 3].map(line).join('')}\r\u001b[K`,
    );
    assert.equal(await shown(['--validate', '-f', three], '', { ...env, TERM: 'dumb' }), '');
    assert.equal(await shown(['--validate', '-f', folder.write('one.json', good)], '', env), '');
  });

  onTerminal('progress through a folder shows how fast it is, and ends with a summary', async () => {
    const tree = treeOf({ 'a.json': good, 'b.json': good, 'c.json': good });
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const shownFor = async (command: string): Promise<string[]> =>
      (await shown([command, tree], '', env)).split('\r\u001b[K');
    controller.onVerify(async () => {
      await systemClock.sleep(150, new AbortController().signal);
      return text('');
    });
    const validated = await shownFor('validate');
    assert.equal(validated[1], '(validated 0 of 3 files)');
    assert.match(validated[2] ?? '', /^\(validated 1 of 3 files, \d+(\.\d)?\/s, \d+s left\)$/);
    assert.match(validated[4] ?? '', /^\(validated 3 of 3 files, \d+(\.\d)?\/s, 0s left\)$/);
    assert.equal(validated[5], '3 SealedSecrets in 3 files: 3 valid\r\n');

    // The line of progress stands in place of a line for each file.
    const reEncrypted = await shownFor('re-encrypt');
    assert.equal(reEncrypted.at(-1), '3 SealedSecrets in 3 files: 3 re-encrypted, 0 with the newest key\r\n');
    assert.doesNotMatch(reEncrypted.join(''), /items? re-encrypted/);
  });

  onTerminal('no name moves the cursor', async () => {
    const name = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\r\nerror: all is well';
    const hostile = folder.write(
      'hostile.json',
      JSON.stringify({ metadata: { name, namespace: 'b' }, stringData: { [name]: 'c' } }),
    );
    const sealed = folder.write(
      'sealed.json',
      good.replace('"a"', JSON.stringify(name)).replace(/"A/, '"!A'),
    );
    const key = folder.write('key.pem', 'none');
    for (const args of [
      ['--cert', cert, '-f', hostile],
      ['--cert', cert, '-f', `/no${name}such`],
      ['--recovery-unseal', '--private-key', key, '-f', sealed],
      ['--validate', '-f', hostile],
      [name, '--version'],
      [`--${name}`],
      ['--scope', name],
    ]) {
      const text = (await shown(args, '', { NO_COLOR: '1' })).replaceAll('\r\n', '\n');
      assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]|^error: all/mu, JSON.stringify(args));
    }
  });
});

test('without a terminal nothing is coloured or counted', async () => {
  const [command, ...first] = KUBESEAL;
  const args = [
    ...first,
    '--validate',
    '-f',
    folder.write('three.json', good.repeat(3).replace('"db"', '"moved"')),
  ];
  const env = {
    PATH: process.env['PATH'],
    TERM: 'xterm',
    KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig),
  };
  const { code, stdout, stderr } = await run(command, args, { env });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^error: unable to decrypt sealed secret: moved \[\S*three\.json: document 1\]: the controller [^\n]*\n$/,
  );
});
