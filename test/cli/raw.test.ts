import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { utf8Bytes } from '../../shared/bytes.ts';
import { openEnvelope } from '../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../shared/crypto/envelope.ts';
import { kubeseal, type Ran, type RunOptions } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, RAW_CASES, vectorKey } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = await vectorKey('c2048');
const PLACE = ['--name', 'db', '-n', 'prod'];

function raw(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return kubeseal(['--raw', '--cert', cert, ...args], options);
}

/** Returns the plaintext of a bare ciphertext, or null if it does not open with the label. */
async function opened(base64: string, label: string, by = key): Promise<Buffer | null> {
  assert.match(base64, /^[A-Za-z0-9+/]+={0,2}$/, 'bare base64, without a line break');
  const envelope = parseEnvelope(Buffer.from(base64, 'base64'));
  assert.ok(envelope);
  return openEnvelope(envelope, by, utf8Bytes(label) as Label);
}

async function sealed(
  args: readonly string[],
  stdin: string | Buffer,
  label: string,
  note = '',
): Promise<void> {
  const { code, stdout, stderr } = await raw(args, { stdin });
  assert.deepEqual([code, stderr], [0, note]);
  assert.deepEqual(await opened(stdout, label), Buffer.from(stdin));
}

suite('kubeseal --raw', () => {
  for (const { scope, label, key: name, plaintext, ciphertext } of RAW_CASES) {
    test(`seals as the reference does: ${scope}`, async () => {
      const pair = await vectorKey(name);
      const [namespace = '', own = ''] = label.split('/');
      const place = [
        '--scope',
        scope,
        ...(own ? ['--name', own] : []),
        ...(namespace ? ['-n', namespace] : []),
      ];
      const file = folder.write(`${name}.pem`, certificatePem(name));
      const ran = await kubeseal(['--raw', '--cert', file, ...place], { stdin: plaintext });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.deepEqual(await opened(ran.stdout, label, pair), plaintext);
      assert.equal(Buffer.from(ran.stdout, 'base64').length, ciphertext.length);
    });
  }

  const LINE_BREAK =
    "(the trailing newline is part of the value; use printf '%s' or echo -n to leave it out)\n";
  const values: [string, string | Buffer, string?][] = [
    ['an empty value', '', 'warning: stdin is empty; sealing an empty value\n'],
    ['bytes that are no text', Buffer.from([0, 255, 0xed, 0xa0, 0x80, 10, 13])],
    ['a line break at the end', 'hunter2\n', LINE_BREAK],
    ['a byte order mark and Windows lines', '\ufeffa\r\nb\r\n', LINE_BREAK],
    ['what reads as a Secret', 'kind: Secret\nstringData: {a: b}\n', LINE_BREAK],
    ['half a mebibyte', Buffer.alloc(512 * 1024, 'x')],
  ];
  for (const [what, value, note] of values) {
    test(`seals it unchanged, and warns if that is rarely meant: ${what}`, () =>
      sealed(PLACE, value, 'prod/db', note));
  }

  test('does not warn of a file that is empty or ends with a line break', async () => {
    for (const value of ['', 'hunter2\n']) {
      const ran = await raw([...PLACE, '--from-file', folder.write('value.txt', value)]);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.deepEqual(await opened(ran.stdout, 'prod/db'), Buffer.from(value));
    }
  });

  test('ignores the name and the namespace if the scope does', async () => {
    await sealed(['--scope', 'namespace-wide', ...PLACE], 'x', 'prod');
    await sealed(['--scope', 'cluster-wide', ...PLACE], 'x', '');
    await sealed(['--scope', 'cluster-wide'], 'x', '');
  });

  test('reads the file of --from-file, with or without a key, and not -f', async () => {
    const value = Buffer.from([1, 2, 10]);
    const file = folder.write('value.bin', value);
    for (const from of [file, `password=${file}`, `=${file}`]) {
      const ran = await raw([...PLACE, '--from-file', from, '-f', 'nosuch'], { stdin: 'not this' });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.deepEqual(await opened(ran.stdout, 'prod/db'), value);
    }
  });

  test('takes the namespace from the kubeconfig as sealing does, with a warning', async () => {
    const { stdout, stderr } = await raw(['--name', 'db'], { stdin: 'x', env: { POD_NAMESPACE: 'here' } });
    assert.equal(stderr, '(--raw: no namespace specified; sealing for "here", from POD_NAMESPACE)\n');
    assert.deepEqual(await opened(stdout, 'here/db'), Buffer.from('x'));
  });

  test('writes to a file with any name, also without a line break', async () => {
    const file = `${folder.path}/value.yaml`;
    const ran = await raw([...PLACE, '-w', file, '-o', 'yaml'], { stdin: 'x' });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(await opened(readFileSync(file, 'utf8'), 'prod/db'), Buffer.from('x'));
  });

  test('warns that it has no place for --key-hint', async () => {
    const ran = await raw([...PLACE, '--key-hint'], { stdin: 'x' });
    assert.equal(ran.stderr, '(--key-hint is ignored: a bare value has no annotations)\n');
    assert.ok(await opened(ran.stdout, 'prod/db'));
  });

  const refusals: [readonly string[], string][] = [
    [['-n', 'prod'], 'must provide the --name flag with --raw and --scope strict'],
    [['--name', 'db'], 'must provide the --namespace flag with --raw and --scope strict'],
    [
      ['--scope', 'namespace-wide'],
      'must provide the --namespace flag with --raw and --scope namespace-wide',
    ],
    [[...PLACE, '--from-file', 'a,b'], '--from-file takes one file: --raw seals one value'],
    [[...PLACE, '--from-file', 'a', '--from-file', 'b'], '--from-file takes one file: --raw seals one value'],
    [[...PLACE, '--from-file', 'password='], '--from-file requires a path: KEY=PATH or PATH'],
    [[...PLACE, '--from-file', 'a=nosuch'], 'open nosuch: no such file or directory'],
    [[...PLACE, '--from-file', '/'], 'cannot read /: is a directory'],
    [
      ['--name', 'd/b', '-n', 'prod'],
      'the flags: metadata.name: "d/b" is not a valid name: must not be empty or contain "/" or control characters',
    ],
    [
      ['--name', 'db', '-n', 'pro/d'],
      'the flags: metadata.namespace: "pro/d" is not a valid name: must not be empty or contain "/" or control characters',
    ],
  ];
  for (const [args, words] of refusals) {
    test(`refuses ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await raw(args, { stdin: 'hunter2-canary' });
      assert.deepEqual([code, stdout, stderr], [1, '', `error: ${words}\n`]);
    });
  }
});
