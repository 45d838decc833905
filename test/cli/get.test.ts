import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { utf8Text } from '../../shared/bytes.ts';
import { formatValues, rawValue } from '../../cli/known-values/format.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { base64Text } from '../../shared/bytes.ts';
import { formatDocuments, asJson } from '../../shared/manifest/write.ts';
import { labelFor } from '../../shared/seal/scope.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const key = folder.write('key.pem', keyPem('c2048'));
const KEY = ['--recovery-private-key', key];
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const other = parseCertificate(certificatePem('a4096'), 'a4096');
const DB = { namespace: 'prod', name: 'db' };
const db = sealedSecret(certificate, DB, { user: 'bob', password: "it's\n$(x)\n" });
const file = folder.write('db.yaml', formatDocuments([asJson(db)], 'yaml'));
const two = folder.write(
  'two.yaml',
  formatDocuments(
    [asJson(db), asJson(sealedSecret(certificate, { ...DB, name: 'web' }, { token: 'of-web' }))],
    'yaml',
  ),
);

function bytes(values: Readonly<Record<string, string | Buffer>>): Map<string, Buffer> {
  return new Map(Object.entries(values).map(([item, value]) => [item, Buffer.from(value)]));
}

suite('kubeseal get', () => {
  const prints: [readonly string[], string][] = [
    [[file, 'user'], 'bob'],
    [[file, 'password'], "it's\n$(x)\n"],
    [[file, 'user', '-o', 'json'], '{\n  "user": "bob"\n}\n'],
    [[file], "password: |\n  it's\n  $(x)\nuser: bob\n"],
    [[file, '-o', 'json'], '{\n  "password": "it\'s\\n$(x)\\n",\n  "user": "bob"\n}\n'],
    [[file, '-o', 'ENV'], "password='it'\\''s\n$(x)\n'\nuser=bob\n"],
    [[two, 'token', '--name', 'web'], 'of-web'],
    [[two, '--document', '2'], 'token: of-web\n'],
  ];
  for (const [args, stdout] of prints) {
    test(`prints values: ${args.map((arg) => arg.replace(/.*\//, '')).join(' ')}`, async () => {
      assert.deepEqual(await kubeseal(['get', ...args, ...KEY]), { code: 0, stdout, stderr: '' });
    });
  }

  test('reads stdin, and a key of the environment', async () => {
    const env = { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: key };
    const ran = await kubeseal(['get', '-', 'user'], { env, stdin: JSON.stringify(db) });
    assert.deepEqual(ran, { code: 0, stdout: 'bob', stderr: '' });
  });

  test('prints bytes that are not text as they are', async () => {
    const label = labelFor('strict', DB, { source: 'test' });
    const sealed = await certificate.publicKey.sealValue(Buffer.from([0, 0xff, 0x0a]), label);
    const encryptedData = { k: base64Text(sealed) };
    const binary = folder.write('binary.json', JSON.stringify({ ...db, spec: { encryptedData } }));
    const [command, ...first] = KUBESEAL;
    const { stdout } = spawnSync(command, [...first, 'get', binary, 'k', ...KEY]);
    assert.deepEqual([...stdout], [0, 0xff, 0x0a]);
  });

  test('prints what a shell can source', async () => {
    const { stdout } = await kubeseal(['get', file, '-o', 'env', ...KEY]);
    const shown = await run('sh', ['-c', `${stdout} printf '%s|%s' "$user" "$password"`]);
    assert.equal(shown.stdout, "bob|it's\n$(x)\n");
  });

  const foreign = folder.write(
    'foreign.json',
    JSON.stringify({
      ...db,
      spec: { encryptedData: { ...db.spec.encryptedData, token: sealedItem(other, DB, 'x') } },
    }),
  );
  const v1 = folder.write(
    'v1.json',
    '{"kind":"SealedSecret","metadata":{"name":"a","namespace":"b"},"spec":{"data":"AA=="}}',
  );
  const refused: [string, readonly string[], string | RegExp][] = [
    ['no file', [], /^get: a file is required, or - for stdin; its usage: kubeseal get FILE \[KEY\]/],
    [
      'no key',
      [file],
      'get needs --recovery-private-key FILE, or --from-cluster to read the Secret in the cluster',
    ],
    ['raw without a KEY', [file, '-o', 'raw', ...KEY], /^get: -o raw needs a KEY: /],
    [
      'a misspelt item',
      [file, 'pasword', ...KEY],
      `${file} has no item "pasword" (Did you mean "password"?)`,
    ],
    ['an unknown item', [file, 'nothing', ...KEY], `${file} has no item "nothing"`],
    [
      'several SealedSecrets',
      [two, 'user', ...KEY],
      `${two} holds 2 SealedSecrets: document 1 (prod/db), document 2 (prod/web): choose one with --document or --name`,
    ],
    ['another name', [two, '--name', 'x', ...KEY], /^\S+ does not hold the SealedSecret of --document, /],
    ['a value that does not open', [foreign, ...KEY], /^no key could decrypt secret \(token\): /],
    ['spec.data', [v1, ...KEY], /^\S+ has deprecated spec\.data, /],
    ['a third word', [file, 'user', 'x', ...KEY], /^get: unexpected argument "x"; its usage: /],
    [
      'a file that is not there',
      [`${folder.path}/nowhere`, ...KEY],
      `open ${folder.path}/nowhere: no such file or directory`,
    ],
  ];
  for (const [what, args, message] of refused) {
    test(`refuses in one line, and prints nothing: ${what}`, async () => {
      const { code, stdout, stderr } = await kubeseal(['get', ...args]);
      assert.deepEqual([code, stdout], [1, '']);
      const [, line] = /^error: ([^\n]*)\n$/.exec(stderr) ?? [];
      if (typeof message === 'string') assert.equal(line, message);
      else assert.match(line ?? stderr, message);
    });
  }

  test('refuses formats of other commands, and documents that are no number', async () => {
    const table: [readonly string[], RegExp][] = [
      [['-o', 'toml'], /must be yaml or json or env or raw\n$/],
      [['--document', '0'], /must be a number from 1 on\n$/],
      [['--document=x'], /must be a number from 1 on\n$/],
    ];
    for (const [args, message] of table) {
      const { code, stderr } = await kubeseal(['get', file, ...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
    assert.match((await kubeseal(['seal', '-o', 'env'])).stderr, /must be json or yaml\n$/);
  });
});

suite('the format of values', () => {
  test('shows bytes that are not text as base64', () => {
    const values = bytes({ a: Buffer.from([0, 255]), b: Buffer.alloc(60, 1), c: '\u001b[2J' });
    assert.equal(
      formatValues(values, 'yaml', 'x'),
      `a: !!binary AP8=\nb: !!binary |\n  ${'AQEB'.repeat(19)}\n  AQEB\nc: !!binary G1sySg==\n`,
    );
    assert.deepEqual(JSON.parse(formatValues(bytes({ a: Buffer.from([0, 255]), b: '' }), 'json', 'x')), {
      a: { base64: 'AP8=' },
      b: '',
    });
    assert.equal(formatValues(new Map(), 'yaml', 'x'), '{}\n');
  });

  test('refuses for a shell names that are no variables, and values that are not text', () => {
    assert.throws(() => formatValues(bytes({ ok: 'x', 'tls.crt': 'x', '9': 'x' }), 'env', 'db.yaml'), {
      message: 'db.yaml: no shell variable can have the name "9", "tls.crt"; use -o yaml or json',
    });
    assert.throws(() => formatValues(bytes({ a: Buffer.from([0]) }), 'env', 'db.yaml'), {
      message:
        'db.yaml: the value of "a" is not text; write it to a file with -o raw, or use -o yaml or json',
    });
  });

  test('ends a value on a terminal with a line break, and refuses what controls the terminal', () => {
    const onTerminal = (value: string | Buffer): string =>
      utf8Text(rawValue(bytes({ a: value }), { at: 'db.yaml', terminal: true }));
    assert.equal(onTerminal('x'), 'x\n');
    assert.equal(onTerminal('x\n'), 'x\n');
    assert.throws(() => onTerminal('\u001b[2J'), /the value of "a" is not text/);
    assert.throws(() => onTerminal(Buffer.from([255])), /the value of "a" is not text/);
  });
});
