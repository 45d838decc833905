import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { pkcs1 } from '../support/keys.ts';
import { base64 } from '../support/objects.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const CANARY = 'hunter2-canary';
const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const PEM = keyPem('c2048');
const OTHER = keyPem('b4096');
const PKCS1 = pkcs1(createPrivateKey(PEM));

const sealed = (
  await kubeseal(['--cert', cert], {
    stdin: `metadata: {name: db, namespace: prod}\nstringData: {password: ${CANARY}}\n`,
  })
).stdout;

/** The Secret of a key as `kubectl get -o json` prints it. */
function keySecret(pem: string, name = 'sealed-secrets-key7xk2p'): object {
  return {
    apiVersion: 'v1',
    data: { 'tls.crt': base64(certificatePem('c2048')), 'tls.key': base64(pem) },
    kind: 'Secret',
    metadata: {
      creationTimestamp: '2026-01-01T00:00:00Z',
      generateName: 'sealed-secrets-key',
      labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' },
      managedFields: [{ manager: 'controller', fieldsV1: { 'f:data': { '.': {} } } }],
      name,
      namespace: 'kube-system',
      resourceVersion: '1',
    },
    type: 'kubernetes.io/tls',
  };
}

function list(...items: object[]): string {
  return JSON.stringify(
    { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } },
    null,
    4,
  );
}

suite('kubeseal --recovery-private-key', () => {
  const files: [string, string][] = [
    ['PKCS#8', PEM],
    ['PKCS#1, as the controller makes it', PKCS1],
    ['PEM with Windows lines', PKCS1.replaceAll('\n', '\r\n')],
    ['PEM behind a byte order mark', `\uFEFF${PEM}`],
    ['PEM with Windows lines behind a byte order mark', `\uFEFF${PKCS1.replaceAll('\n', '\r\n')}`],
    ['a Secret with a PEM behind a byte order mark', JSON.stringify(keySecret(`\uFEFF${PEM}`))],
    ['PEM with empty lines around it', `\n\n${PEM}\n\n`],
    ['PEM behind its certificate', certificatePem('c2048') + PEM],
    ['PEM behind a comment', `# the key of prod\n${PEM}`],
    [
      'PEM behind the attributes that openssl prints',
      `Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n${PEM}`,
    ],
    ['PEM of two keys', PEM + OTHER],
    ['PEM of two keys, of which the second opens it', OTHER + PEM],
    ['a Secret of JSON', JSON.stringify(keySecret(PEM))],
    ['a Secret with a PKCS#1 key', JSON.stringify(keySecret(PKCS1))],
    ['a List of JSON', list(keySecret(OTHER, 'a'), keySecret(PEM, 'b'))],
    ['Secrets behind each other', `${JSON.stringify(keySecret(OTHER))}\n${JSON.stringify(keySecret(PEM))}`],
  ];
  for (const [what, text] of files) {
    test(`takes ${what}`, async () => {
      const file = folder.write('key', text);
      const { code, stdout, stderr } = await kubeseal(['--recovery-unseal', '--recovery-private-key', file], {
        stdin: sealed,
      });
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.includes(base64(CANARY)));
    });
  }

  test('skips everything but keys, with a warning', async () => {
    const file = folder.write('key', list(keySecret(CANARY), keySecret(PEM), { kind: 'Secret', data: {} }));
    const { code, stdout, stderr } = await kubeseal(['--recovery-unseal', '--recovery-private-key', file], {
      stdin: sealed,
    });
    const why = "holds no private key: expected a PEM key, such as the tls.key of a sealing key's Secret";
    assert.deepEqual(stderr.split('\n'), [
      `(skipped: ${file}: items[0] ${why})`,
      `(skipped: ${file}: items[2] ${why})`,
      '',
    ]);
    assert.equal(code, 0);
    assert.ok(stdout.includes(base64(CANARY)));
  });

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const sec1 = ec.export({ type: 'sec1', format: 'pem' }).toString();
  const ecPkcs8 = ec.export({ type: 'pkcs8', format: 'pem' }).toString();
  const legacy = createPrivateKey(PEM)
    .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: CANARY })
    .toString();

  const others: [string, string, string][] = [
    ['EC key', sec1, 'holds a key of type ec, not RSA'],
    ['EC key of PKCS#8', ecPkcs8, 'holds a key of type ec, not RSA'],
    ['encrypted key', legacy, 'holds an encrypted private key: decrypt it first (openssl pkey -in FILE)'],
  ];
  for (const [what, text, why] of others) {
    test(`skips an ${what} in another file, with a warning`, async () => {
      const file = folder.write('other-key', text);
      const good = folder.write('good-key', PEM);
      for (const args of [
        ['--recovery-private-key', file, '--recovery-private-key', good],
        ['--recovery-private-key', `${good},${file}`],
      ]) {
        const { code, stdout, stderr } = await kubeseal(['--recovery-unseal', ...args], { stdin: sealed });
        assert.deepEqual([code, stderr], [0, `(skipped: ${file} ${why})\n`]);
        assert.ok(stdout.includes(base64(CANARY)));
      }
      const alone = await kubeseal(['--recovery-unseal', '--recovery-private-key', file], { stdin: sealed });
      assert.deepEqual([alone.code, alone.stdout, alone.stderr], [1, '', `error: ${file} ${why}\n`]);
    });
  }

  test('skips an EC key in the same file', async () => {
    const file = folder.write('key', sec1 + PEM);
    const { code, stderr } = await kubeseal(['--recovery-unseal', '--recovery-private-key', file], {
      stdin: sealed,
    });
    assert.deepEqual([code, stderr], [0, `(skipped: ${file} holds a key of type ec, not RSA)\n`]);
  });

  test('fails for a missing file and for UTF-16', async () => {
    const good = folder.write('good-key', PEM);
    const wide = folder.write('wide', Buffer.from(`\uFEFF${PEM}`, 'utf16le'));
    for (const [file, words] of [
      ['/nosuch', 'open /nosuch: no such file or directory'],
      [wide, `${wide} is not UTF-8 text but UTF-16: save it as UTF-8`],
    ] as const) {
      const args = ['--recovery-unseal', '--recovery-private-key', `${good},${file}`];
      const { code, stdout, stderr } = await kubeseal(args, { stdin: sealed });
      assert.deepEqual([code, stdout, stderr], [1, '', `error: ${words}\n`]);
    }
  });

  const locked = createPrivateKey(PEM).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: CANARY,
  });
  const refused: [string, string, RegExp][] = [
    ['an encrypted key', locked.toString(), /holds an encrypted private key: decrypt it first/],
    ['an encrypted key of PKCS#1', legacy, /holds an encrypted private key: decrypt it first/],
    ['a Secret with an encrypted key', JSON.stringify(keySecret(legacy)), /holds an encrypted private key/],
    ['a public key', PEM.replaceAll('PRIVATE', 'PUBLIC'), /holds no private key/],
    ['a key cut short', PEM.slice(0, 900), /holds no private key/],
    [
      'a Secret with broken base64',
      JSON.stringify({ ...keySecret(PEM), data: { 'tls.key': `${CANARY}!` } }),
      /data\["tls\.key"\]: illegal base64 data at input byte 7/,
    ],
    [
      'a Secret with no key',
      JSON.stringify({ ...keySecret(PEM), data: { password: base64(CANARY) } }),
      /holds no private key/,
    ],
    [
      'a Secret with a broken key',
      JSON.stringify(keySecret(PEM.replace(/\n.{40}/, `\n${CANARY}`))),
      /holds no private key/,
    ],
    ['a List of broken keys', list(keySecret(CANARY), keySecret('')), /items\[0\] holds no private key/],
    ['an empty List', list(), /holds no private key/],
    ['broken JSON', `{"data": {"tls.key": "${CANARY}"`, /neither JSON nor YAML: .* at line 1, column \d+$/],
    ['a SealedSecret', sealed, /is a SealedSecret, not a Secret$/],
  ];
  for (const [what, text, words] of refused) {
    test(`refuses ${what}`, async () => {
      const file = folder.write('key', text);
      const { code, stdout, stderr } = await kubeseal(['--recovery-unseal', '--recovery-private-key', file], {
        stdin: sealed,
      });
      const [, line] = /^error: ([^\n]*)\n$/.exec(stderr) ?? [];
      assert.equal(line?.slice(0, file.length), file);
      assert.match(line, words);
      assert.doesNotMatch(stderr, /canary|aHVudGVy|MII/);
      assert.deepEqual([code, stdout], [1, '']);
    });
  }
});

suite('kubeseal --recovery-unseal', () => {
  const file = folder.write('good.pem', PEM);
  const recovery = ['--recovery-unseal', '--recovery-private-key', file];

  test('takes several documents, a List, and YAML with Windows lines', async () => {
    const yaml = (
      await kubeseal(['--cert', cert, '-o', 'yaml'], {
        stdin: 'metadata: {name: b, namespace: c}\ndata: {k: ""}\n',
      })
    ).stdout;
    const several = await kubeseal(recovery, {
      stdin: `\uFEFF${yaml.replaceAll('\n', '\r\n')}---\r\n${sealed}`,
    });
    assert.equal(several.stderr, '');
    assert.equal(several.stdout.match(/"kind": "Secret"/g)?.length, 2);
    const listed = await kubeseal(recovery, { stdin: `{"kind": "List", "items": [${sealed}, ${sealed}]}` });
    assert.equal(listed.stderr, '');
    assert.equal(listed.stdout.match(/"kind": "Secret"/g)?.length, 2);
  });

  test('escapes characters in names that would move a cursor', async () => {
    const stdin = sealed
      .replace('"password"', '"pass\\u001b[2J\\nword"')
      .replace('"Ag', '"!Ag')
      .replace('"AQ', '"!AQ');
    const { code, stdout, stderr } = await kubeseal(recovery, { stdin });
    assert.equal(stderr, 'error: illegal base64 data at input byte 0 (pass\\u{1b}[2J\\u{a}word) [<stdin>]\n');
    assert.deepEqual([code, stdout], [1, '']);
    const missing = await kubeseal([...recovery, '-f', '/no\u001b[31m\u202esuch']);
    assert.equal(missing.stderr, 'error: open /no\\u{1b}[31m\\u{202e}such: no such file or directory\n');
  });
});
