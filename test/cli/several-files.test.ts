import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const sealed = (await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: SECRET })).stdout;

const KEYS = ['--recovery-private-key', key];
const COMMANDS: [string, readonly string[], string][] = [
  ['sealing', ['--cert', cert, '-f'], SECRET],
  ['--validate', ['--validate', '--server', 'http://127.0.0.1:1', '-f'], sealed],
  ['--re-encrypt', ['--re-encrypt', ...KEYS, '--cert', cert, '-f'], sealed],
  ['--recovery-unseal', ['--recovery-unseal', ...KEYS, '-f'], sealed],
  ['--merge-into', ['--cert', cert, '--merge-into'], sealed],
];

suite('more than one file', () => {
  for (const [command, args, text] of COMMANDS) {
    test(`is refused before anything is done: ${command}`, async () => {
      const files = temporaryFolder();
      for (const name of ['a', 'b', 'c']) files.write(`${name}.yaml`, text);
      const flag = args.at(-1) ?? '';
      const lines: [string, RegExp][] = [
        [
          `"$@" *.yaml`,
          /^error: b\.yaml, c\.yaml would be ignored, because a flag takes one file: [^\n]*\n$/,
        ],
        [`"$@" a.yaml -- b.yaml`, /^error: b\.yaml would be ignored, [^\n]*\n$/],
        [
          `"$@" a.yaml ${flag} b.yaml`,
          /^error: --[a-z-]+ takes one file, not 2 \(a\.yaml, b\.yaml\): [^\n]*\n$/,
        ],
      ];
      for (const [line, words] of lines) {
        const ran = await run('sh', ['-c', line, 'sh', ...KUBESEAL, ...args], {
          cwd: files.path,
          stdin: SECRET,
        });
        assert.match(ran.stderr, words, line);
        assert.deepEqual([ran.code, ran.stdout], [1, '']);
        for (const name of readdirSync(files.path))
          assert.equal(readFileSync(`${files.path}/${name}`, 'utf8'), text);
      }
    });
  }

  test('is refused for the output too', async () => {
    const files = temporaryFolder();
    const ran = await kubeseal(['--cert', cert, '-w', 'a', '-w', 'b'], { stdin: SECRET, cwd: files.path });
    assert.match(ran.stderr, /^error: --sealed-secret-file takes one file, not 2 \(a, b\): /);
    assert.deepEqual([ran.code, ran.stdout, readdirSync(files.path)], [1, '', []]);
  });

  test('is allowed if both are the same, or the other is from a variable', async () => {
    const files = temporaryFolder();
    files.write('a.yaml', SECRET);
    const options = { cwd: files.path, env: { SEALED_SECRETS_SECRET_FILE: 'nosuch.yaml' } };
    for (const args of [
      ['-f', 'a.yaml', '--secret-file=a.yaml'],
      ['-f', '', '-f', 'a.yaml'],
    ]) {
      const { code, stderr } = await kubeseal(['--cert', cert, ...args], options);
      assert.deepEqual([code, stderr], [0, '']);
    }
  });

  test('is not assumed if the arguments behind the first are not files', async () => {
    const files = temporaryFolder();
    files.write('a.yaml', SECRET);
    const { code, stderr } = await kubeseal(['--cert', cert, '-f', 'a.yaml', 'nosuch.yaml', '.'], {
      cwd: files.path,
    });
    assert.deepEqual([code, stderr], [0, '(ignored: "nosuch.yaml" ".")\n']);
  });

  test('is not assumed if stdin is read, as in the reference', async () => {
    const { code, stderr } = await kubeseal(['--cert', cert, cert], { stdin: SECRET });
    assert.deepEqual(
      [code, stderr],
      [0, `(ignored: ${JSON.stringify(cert)}; to read this file, use -f ${cert})\n`],
    );
  });
});

suite('a file without a flag', () => {
  const files = temporaryFolder();
  files.write('s.yaml', SECRET);
  files.write('my secret', SECRET);
  const cases: [readonly string[], string][] = [
    [['s.yaml'], '(ignored: "s.yaml"; to read this file, use -f s.yaml)\n'],
    [
      ['these', 'nosuch.json', 's.yaml'],
      '(ignored: "these" "nosuch.json" "s.yaml"; to read this file, use -f nosuch.json)\n',
    ],
    [['my secret'], `(ignored: "my secret"; to read this file, use -f 'my secret')\n`],
    [
      ['--raw', '--name=n', '-n=ns', 's.yaml'],
      '(ignored: "s.yaml"; to read this file, use --from-file s.yaml)\n',
    ],
    [['-f', 's.yaml', 'nosuch.yaml'], '(ignored: "nosuch.yaml")\n'],
    [['these', '.'], '(ignored: "these" ".")\n'],
    [['set', 's.yaml'], '(ignored: "set" "s.yaml"; a command comes first: kubeseal set)\n'],
    [['--fetch-cert', 's.yaml'], '(ignored: "s.yaml")\n'],
  ];
  for (const [args, stderr] of cases) {
    test(`is ignored, with the flag that reads it in the warning: ${args.join(' ')}`, async () => {
      const ran = await kubeseal(['--cert', cert, ...args], { cwd: files.path, stdin: SECRET.trim() });
      assert.deepEqual([ran.code, ran.stderr], [0, stderr]);
    });
  }
});

suite('a variable that does not parse', () => {
  for (const variable of [
    'SEALED_SECRETS_FORMAT',
    'SEALED_SECRETS_SCOPE',
    'SEALED_SECRETS_ALLOW_EMPTY_DATA',
  ]) {
    test(`is an error that names it: ${variable}`, async () => {
      const env = { [variable]: 'hunter2-canary' };
      const { code, stdout, stderr } = await kubeseal(['--cert', cert], { stdin: SECRET, env });
      assert.match(stderr, new RegExp(`^error: ${variable}: must be [a-z-]+( or [a-z-]+)+\\n$`));
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal((await kubeseal(['--version'], { env })).code, 0);
    });
  }
});
