import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readableText } from '../../cli/inspect/readable.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run, type Ran } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const folder = temporaryFolder();
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const DB = { name: 'db', namespace: 'prod' };

/** A file with another document, a SealedSecret with comments, and two values. */
function yaml(password: string, user: string): string {
  return `# owned by ops
kind: ConfigMap
data: {a: "1"}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: prod}
spec:
  encryptedData:
    password: '${password}' # rotated in May
    user: ${user}
  template:
    type: Opaque
`;
}

const USER = sealedItem(certificate, DB, 'ada');
const HEADER =
  '# SealedSecret prod/db unseals only under the name "db" in the namespace "prod" (scope strict)\n';
const words = (length: number): RegExp =>
  new RegExp(`${length} bytes, sealed for a key of 2048 bits, sha256 [0-9a-f]{32}`, 'g');

suite('kubeseal textconv', () => {
  test('replaces ciphertexts by words, and keeps everything else', async () => {
    const text = yaml(sealedItem(certificate, DB, 'hunter2'), USER);
    const ran = await kubeseal(['textconv', folder.write('sealed.yaml', text)]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.equal(ran.stdout.replace(words(7), 'P').replace(words(3), 'U'), HEADER + yaml('P', 'U'));
    assert.equal((await kubeseal(['textconv', '-'], { stdin: text })).stdout, ran.stdout);
  });

  test('shows the same ciphertext alike however its base64 is laid out', () => {
    const wrapped = USER.replaceAll(/.{64}/g, '$&\n');
    const [one, other] = [yaml('!', USER), yaml('!', JSON.stringify(wrapped))].map((text) =>
      readableText(Buffer.from(text))?.replaceAll('"', ''),
    );
    assert.ok(one);
    assert.equal(other, one);
  });

  test('spreads JSON on one line over lines', () => {
    const body = sealedSecret(certificate, DB, { a: 'b', c: 'd' });
    const lines = readableText(Buffer.from(JSON.stringify(body)))?.split('\n') ?? [];
    assert.match(lines[0] ?? '', /^# SealedSecret prod\/db/);
    assert.equal(lines.filter((line) => /"[ac]": "1 byte, sealed for/.test(line)).length, 2);
  });

  test('reads SealedSecrets in a List, and shows malformed values as they are', () => {
    const items = [sealedSecret(certificate, DB, { a: 'b' })];
    const list = `kind: List\nitems:\n- ${JSON.stringify(items[0])}\n- kind: SealedSecret\n  apiVersion: bitnami.com/v1alpha1\n  metadata: {name: web, namespace: prod}\n  spec: {encryptedData: {bad: no ciphertext}}\n`;
    const text = readableText(Buffer.from(list)) ?? '';
    assert.match(text, /^# SealedSecret prod\/db .*\n# SealedSecret prod\/web .*\nkind: List\n/);
    assert.match(text, /bad: no ciphertext/);
    assert.match(text, /1 byte, sealed for a key/);
  });

  const others: [string, string | Buffer][] = [
    ['an empty file', ''],
    ['another kind', 'kind: Secret\r\nstringData: {a: b}'],
    ['a Helm template', 'kind: SealedSecret\n{{- if .Values.on }}\n'],
    ['text that does not parse', 'a: [\n'],
    ['a scalar', 'hello\n'],
    [
      'a SealedSecret whose spec is a list',
      'kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nspec: []\n',
    ],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80])],
    ['an alias of YAML', yaml('!', '*c').replace("'!'", `&c ${USER}`)],
  ];
  for (const [what, content] of others) {
    test(`prints it unchanged with 0: ${what}`, async () => {
      const file = folder.write('other', content);
      const [command, ...first] = KUBESEAL;
      const copy = join(folder.path, 'copy');
      const shell = await run('sh', ['-c', '"$@" > "$0"', copy, command, ...first, 'textconv', file]);
      assert.deepEqual([shell.code, shell.stderr], [0, '']);
      assert.deepEqual(readFileSync(copy), readFileSync(file));
    });
  }

  test('fails for a file that does not exist', async () => {
    const ran = await kubeseal(['textconv', '/nosuch']);
    assert.deepEqual(ran, {
      code: 1,
      stdout: '',
      stderr: 'error: open /nosuch: no such file or directory\n',
    });
  });

  test('makes git diff show which item changed', async () => {
    const repository = join(folder.path, 'repository');
    mkdirSync(repository);
    const git = (...args: readonly string[]): Promise<Ran> =>
      run('git', args, {
        cwd: repository,
        env: {
          PATH: process.env['PATH'],
          HOME: '/nonexistent',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_AUTHOR_NAME: 'a',
          GIT_AUTHOR_EMAIL: 'a@example.com',
          GIT_COMMITTER_NAME: 'a',
          GIT_COMMITTER_EMAIL: 'a@example.com',
        },
      });
    const write = (name: string, text: string): void => writeFileSync(join(repository, name), text);
    write('.gitattributes', '*.yaml diff=sealed\n');
    write('db.yaml', yaml(sealedItem(certificate, DB, 'hunter2'), USER));
    write('other.yaml', 'a: [\n');
    assert.equal((await git('init', '-q')).code, 0);
    await git('config', 'diff.sealed.textconv', `${KUBESEAL.join(' ')} textconv`);
    await git('add', '.');
    assert.equal((await git('commit', '-qm', 'first')).code, 0);
    write('db.yaml', yaml(sealedItem(certificate, DB, 'hunter23'), USER));
    write('other.yaml', 'a: {\n');
    const { code, stdout, stderr } = await git('diff', '-U0');
    assert.deepEqual([code, stderr], [0, '']);
    const changed = stdout.split('\n').filter((line) => /^[-+][^-+]/.test(line));
    assert.deepEqual(
      changed.map((line) => line.replace(/sha256 \w+/, '…')),
      [
        "-    password: '7 bytes, sealed for a key of 2048 bits, …' # rotated in May",
        "+    password: '8 bytes, sealed for a key of 2048 bits, …' # rotated in May",
        '-a: [',
        '+a: {',
      ],
    );
  });
});
