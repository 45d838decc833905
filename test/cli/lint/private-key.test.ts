import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { generateHybridIdentity, generateX25519Identity } from 'age-encryption';
import { problemsInBytes } from '../../../cli/lint/file-problems.ts';
import { privateKey } from '../../../cli/lint/rules/private-key.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
const cipher = 'aes-256-cbc';

/** Returns a text that looks like base64, and is the same in every run. */
function filler(length: number): string {
  return Array.from({ length }, (_, i) => 'QkFJ8dZxw+3nRtYbLm7/'.charAt((i * 7 + (i >> 3)) % 20)).join('');
}

function block(name: string, body = `${filler(64)}\n${filler(40)}`): string {
  return `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----\n`;
}

const pkcs8 = rsa.export({ format: 'pem', type: 'pkcs8' }).toString();
const pkcs1 = rsa.export({ format: 'pem', type: 'pkcs1' }).toString();
const sec1 = ec.export({ format: 'pem', type: 'sec1' }).toString();
const small = ed.export({ format: 'pem', type: 'pkcs8' }).toString();
const hybrid = await generateHybridIdentity();
const age = await generateX25519Identity();
const putty = (encryption: string) =>
  `PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: ${encryption}\r\nComment: a\r\nPublic-Lines: 2\r\n`;
const ssh = (cipherName: string) =>
  block(
    'OPENSSH PRIVATE KEY',
    Buffer.from(
      `openssh-key-v1\0\0\0\0${String.fromCharCode(cipherName.length)}${cipherName}${filler(60)}`,
    ).toString('base64'),
  );

function found(text: string | Buffer): string[] {
  return privateKey(Buffer.from(text)).map(
    ({ severity = 'error', offset, message }) => `${severity} ${offset} ${message}`,
  );
}

const plain = (name: string, offset = 0) => [`error ${offset} the file holds a private key (${name})`];
const encrypted = (name: string) => [`warning 0 the file holds an encrypted private key (${name})`];

suite('S013 finds', () => {
  const indented = (pem: string) => `data: |\n${pem.replace(/^(?=.)/gm, '    ')}`;
  const table: readonly [string, string, readonly string[]][] = [
    ['a key of PKCS #8', pkcs8, plain('PRIVATE KEY')],
    ['a key of PKCS #1', pkcs1, plain('RSA PRIVATE KEY')],
    ['a key of SEC 1', sec1, plain('EC PRIVATE KEY')],
    ['the smallest key', small, plain('PRIVATE KEY')],
    ['a key of DSA', block('DSA PRIVATE KEY'), plain('DSA PRIVATE KEY')],
    ['a key of OpenSSH', ssh('none'), plain('OPENSSH PRIVATE KEY')],
    [
      'a key of PGP',
      block('PGP PRIVATE KEY BLOCK', `Version: GnuPG v2\n\n${filler(64)}\n=abcd`),
      plain('PGP PRIVATE KEY BLOCK'),
    ],
    ['an identity of age', `# public key: age1\n${age}\n`, plain('age identity', 19)],
    ['a post-quantum identity of age', hybrid, plain('age identity')],
    ['a key of PuTTY', putty('none'), plain('PuTTY')],
    ['a key in YAML', indented(pkcs8), plain('PRIVATE KEY', 12)],
    ['a key in JSON', JSON.stringify({ key: pkcs8 }), plain('PRIVATE KEY', 8)],
    ['a key in JSON in JSON', JSON.stringify(JSON.stringify({ key: pkcs8 })), plain('PRIVATE KEY', 12)],
    ['a key without line breaks', pkcs8.replaceAll('\n', ''), plain('PRIVATE KEY')],
    ['a key with line breaks of Windows', pkcs8.replaceAll('\n', '\r\n'), plain('PRIVATE KEY')],
    ['a key that ends early', pkcs8.slice(0, 120), plain('PRIVATE KEY')],
    ['a key in a program', pkcs8.replace(/^.*$/gm, '  "$&\\n" +'), plain('PRIVATE KEY', 3)],
    ['a key in a comment', pkcs8.replace(/^/gm, '# '), plain('PRIVATE KEY', 2)],
    [
      'an encrypted key of PKCS #8',
      ec.export({ format: 'pem', type: 'pkcs8', cipher, passphrase: 'x' }).toString(),
      encrypted('ENCRYPTED PRIVATE KEY'),
    ],
    [
      'an encrypted key of SEC 1',
      ec.export({ format: 'pem', type: 'sec1', cipher, passphrase: 'x' }).toString(),
      encrypted('EC PRIVATE KEY'),
    ],
    ['an encrypted key of OpenSSH', ssh('aes256-ctr'), encrypted('OPENSSH PRIVATE KEY')],
    ['an encrypted key of PuTTY', putty('aes256-cbc'), encrypted('PuTTY')],
    ['several keys', `${sec1}${age}\n`, [...plain('EC PRIVATE KEY'), ...plain('age identity', sec1.length)]],
  ];
  for (const [what, text, expected] of table) test(what, () => assert.deepEqual(found(text), expected));

  for (const [what, text, name] of [
    ['PEM', pkcs8, 'PRIVATE KEY'],
    ['an identity of age', `${age}\n`, 'age identity'],
    ['a key of PuTTY', putty('none'), 'PuTTY'],
  ] as const)
    for (const before of ['', 'x', 'xy', 'xyz'])
      test(`${what} in base64, behind ${before.length} other bytes`, () => {
        const base64 = Buffer.from(before + text).toString('base64');
        assert.equal(found(`a: ${base64}\n`).length, 1);
        assert.match(found(`a: ${base64}\n`)[0] ?? '', new RegExp(`a private key \\(${name}\\)$`));
        const folded = base64.replace(/.{76}/g, '$&\n  ');
        assert.equal(found(`a: >-\n  ${folded}\n`).length, 1);
      });

  test('the key of a controller, and says what it opens', () => {
    const secret = `kind: Secret\nmetadata: {labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}}\n`;
    const [problem] = privateKey(
      Buffer.from(`${secret}data: {tls.key: ${Buffer.from(pkcs8).toString('base64')}}\n`),
    );
    assert.match(problem?.advice ?? '', /the key of a controller.*kubeseal keys compromised/);
  });
});

suite('S013 accepts', () => {
  for (const [what, text] of [
    [
      'prose',
      'A file that begins with -----BEGIN PRIVATE KEY----- is a private key, as is an AGE-SECRET-KEY-1.',
    ],
    ['a header without a body', '-----BEGIN PRIVATE KEY-----\n'],
    ['a block without a body', block('PRIVATE KEY', '')],
    ['a body that is left out', block('PRIVATE KEY', 'MIIEvQIBADANBgkqhkiG9w0B...')],
    ['a placeholder', block('RSA PRIVATE KEY', '{{ .Values.tls.key.of.the.server.in.the.cluster }}')],
    ['a row of the same characters', block('PRIVATE KEY', 'x'.repeat(64))],
    ['a public key', block('PUBLIC KEY')],
    ['a certificate', block('CERTIFICATE')],
    ['a public key of age', `age1${'q'.repeat(58)}`],
    ['an empty file', ''],
  ])
    test(what ?? '', () => assert.deepEqual(found(text ?? ''), []));
});

suite('S013 takes linear time', () => {
  const encodedBegin = Buffer.from('-----BEGIN PRIVATE KEY-----').toString('base64');
  for (const part of [
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN A A A A ',
    'AGE-SECRET-KEY-1',
    'PuTTY-User-Key-File-3: a ',
    encodedBegin,
    encodedBegin.slice(0, 12),
    '\\',
    'LS0t',
    '\0',
  ])
    test(`for two megabytes of ${JSON.stringify(part)}`, () => {
      assert.deepEqual(found(part.repeat(2_000_000 / part.length)), []);
    });

  test('for bytes of any kind', () => {
    const bytes = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 167 + (i >> 8)) & 0xff));
    assert.deepEqual(found(bytes), []);
    assert.deepEqual(found(Buffer.concat([bytes, Buffer.from(pkcs8)])), plain('PRIVATE KEY', 65_536));
  });
});

suite('S013 in a file in UTF-16', () => {
  const little = Buffer.from(`\u{FEFF}a\n\u{E9} ${pkcs8}`, 'utf16le');
  for (const [order, bytes] of [
    ['little', little],
    ['big', Buffer.from(little).swap16()],
  ] as const) {
    test(`finds a key where a reader sees it, in ${order} endian and cut off as well`, () => {
      for (const each of [bytes, bytes.subarray(0, -1)]) {
        const { problems } = problemsInBytes(each);
        assert.deepEqual(
          problems.map(({ rule, line, column }) => [rule, line, column]),
          [['S013', 2, 3]],
        );
      }
    });
  }
});
