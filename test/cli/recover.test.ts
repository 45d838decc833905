import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { base64 } from '../support/objects.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { CASES, certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();

function keySecret(name: string): string {
  return [
    '- apiVersion: v1',
    '  data:',
    `    tls.crt: ${base64(certificatePem(name))}`,
    `    tls.key: ${base64(keyPem(name))}`,
    '  kind: Secret',
    '  metadata:',
    '    creationTimestamp: "2026-01-01T00:00:00Z"',
    '    generateName: sealed-secrets-key',
    '    labels:',
    '      sealedsecrets.bitnami.com/sealed-secrets-key: active',
    `    name: sealed-secrets-key${name}`,
    '    namespace: kube-system',
    '  type: kubernetes.io/tls',
  ].join('\n');
}

const pem = folder.write('a4096.pem', keyPem('a4096'));
const other = folder.write('b4096.pem', keyPem('b4096'));
const one = folder.write('one.yaml', keySecret('a4096').replace('- ', '  ').replace(/^ {2}/gm, ''));
const list = folder.write(
  'list.yaml',
  `apiVersion: v1\nitems:\n${keySecret('b4096')}\n${keySecret('a4096')}\nkind: List\nmetadata:\n  resourceVersion: ""\n`,
);

function sealed(name: string): string {
  return JSON.stringify(CASES.find((vector) => vector.name === name)?.sealedSecret);
}

const STRICT = sealed('strict');

suite('kubeseal --recovery-unseal', () => {
  const keys: [string, string[]][] = [
    ['a PEM file', ['--recovery-private-key', pem]],
    ['the key Secret as kubectl prints it', ['--recovery-private-key', one]],
    ['a List of key Secrets', ['--recovery-private-key', list]],
    ['several files', ['--recovery-private-key', other, '--recovery-private-key', pem]],
    ['several files with commas', ['--recovery-private-key', `${other},${pem}`]],
  ];
  for (const [what, flags] of keys) {
    test(`takes ${what}`, async () => {
      const ran = await kubeseal(['--recovery-unseal', ...flags], { stdin: STRICT });
      assert.equal(ran.stderr, '');
      assert.equal(ran.code, 0);
      assert.deepEqual(JSON.parse(ran.stdout), {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name: 'db', namespace: 'prod' },
        data: { password: 'aHVudGVyMg==', user: 'YWRtaW4=' },
      });
    });
  }

  test('accepts the aliases that guides use', async () => {
    const ran = await kubeseal(['--recovery', '--private-key', pem, '-o', 'yaml'], { stdin: STRICT });
    assert.equal(ran.stderr, '');
    assert.match(ran.stdout, /^---\napiVersion: v1\ndata:\n {2}password: aHVudGVyMg==\n/);
  });

  test('writes a file that only its owner can read, whatever its mode was', async () => {
    const inner = temporaryFolder();
    const files = [`${inner.path}/new.yaml`, inner.write('old.yaml', 'old')];
    for (const file of files) {
      const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', pem, '-w', file], {
        stdin: STRICT,
      });
      assert.equal(ran.stdout + ran.stderr, '');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.match(readFileSync(file, 'utf8'), /password: aHVudGVyMg==/);
    }
    assert.deepEqual(readdirSync(inner.path).sort(), ['new.yaml', 'old.yaml']);
  });

  test('recovers all documents or none', async () => {
    const all = await kubeseal(['--recovery-unseal', '--recovery-private-key', pem], {
      stdin: `${STRICT}\n${sealed('binary')}`,
    });
    assert.equal(all.stdout.match(/"kind": "Secret"/g)?.length, 2);
    const none = await kubeseal(['--recovery-unseal', '--recovery-private-key', pem], {
      stdin: `${STRICT}\n${sealed('wrong-name')}`,
    });
    assert.equal(none.stdout, '');
    assert.match(none.stderr, /\[<stdin>: document 2\]\n$/);
    assert.equal(none.code, 1);
  });

  // One line, however many items fail for however many reasons; the words of the reference come first.
  const reason = (fingerprint: string): string =>
    `sealed for another name or namespace, or with an unknown key, or damaged: tried 1 key (${fingerprint}); ` +
    'if metadata.name or metadata.namespace was edited, restore the original';
  const [A, B] = ['a4096', 'b4096'].map(
    (name) => parseCertificate(certificatePem(name), name).fingerprint,
  ) as [string, string];
  const failures: [string, string, string][] = [
    ['the wrong key', STRICT, `no key could decrypt secret (password, user): ${reason(B)} [<stdin>]`],
    [
      'the wrong name',
      sealed('wrong-name'),
      `no key could decrypt secret (password, user): ${reason(A)} [<stdin>]`,
    ],
    [
      'the wrong namespace',
      sealed('wrong-namespace'),
      `no key could decrypt secret (password, user): ${reason(A)} [<stdin>]`,
    ],
    [
      'a scope that was taken away',
      sealed('scope-annotation-stripped'),
      'no key could decrypt secret (.dockerconfigjson): sealed with scope cluster-wide, but the SealedSecret has scope strict: ' +
        'add the annotation sealedsecrets.bitnami.com/cluster-wide: "true", or seal again [<stdin>]',
    ],
    ['a value cut short', sealed('truncated'), `no key could decrypt secret (user): ${reason(A)} [<stdin>]`],
    [
      'a value of a few bytes',
      sealed('too-short'),
      'no key could decrypt secret (user): the value is truncated or not a sealed value [<stdin>]',
    ],
    ['a changed value', sealed('tampered'), `no key could decrypt secret (user): ${reason(A)} [<stdin>]`],
    ['no base64', sealed('not-base64'), 'illegal base64 data at input byte 0 (user) [<stdin>]'],
    [
      'a value that is no string',
      sealed('encrypted-data-not-a-string'),
      'no key could decrypt secret (n): the value is not a string [<stdin>]',
    ],
    [
      'no items',
      '{"kind":"SealedSecret","metadata":{"name":"a","namespace":"b"},"spec":{"encryptedData":null}}',
      '<stdin> has no spec.encryptedData; nothing to unseal',
    ],
    [
      'a name that is none',
      STRICT.replace('"name":"db"', '"name":"d/b"'),
      '<stdin>: metadata.name: "d/b" is not a valid name: must not be empty or contain "/" or control characters',
    ],
  ];
  for (const [what, stdin, words] of failures) {
    test(`reports the problem of ${what}`, async () => {
      const ran = await kubeseal(
        ['--recovery-unseal', '--recovery-private-key', what === 'the wrong key' ? other : pem],
        { stdin },
      );
      assert.equal(ran.stderr, `error: ${words}\n`);
      assert.equal(ran.stdout, '');
      assert.equal(ran.code, 1);
    });
  }
});

test('the advice on what to put back depends on the scope', async () => {
  const cert = parseCertificate(certificatePem('a4096'), 'a4096');
  for (const [scope, advice] of [
    ['strict', '; if metadata.name or metadata.namespace was edited, restore the original'],
    ['namespace-wide', '; if metadata.namespace was edited, restore the original'],
    ['cluster-wide', ''],
  ] as const) {
    const original = sealedSecret(cert, { name: 'db', namespace: 'prod' }, { a: 'x' }, { scope });
    const moved = { ...original, metadata: { ...original.metadata, namespace: 'shop' } };
    const by = scope === 'cluster-wide' ? other : pem;
    const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', by], {
      stdin: JSON.stringify(moved),
    });
    const [, tail] = /tried 1 key \(SHA256:\S+\)(.*) \[<stdin>\]\n$/.exec(ran.stderr) ?? [];
    assert.equal(tail, advice, scope);
  }
});

test('a Secret without items, sealed with --allow-empty-data, is recovered', async () => {
  const metadata = { name: 'empty', namespace: 'prod' };
  const type = 'example.com/marker';
  const cert = folder.write('empty.crt', certificatePem('a4096'));
  const stdin = JSON.stringify({ kind: 'Secret', apiVersion: 'v1', metadata, type });
  const sealed = await kubeseal(['--allow-empty-data', '--cert', cert], { stdin });
  assert.equal(sealed.stderr, '');
  const keys = ['--recovery-private-key', pem];
  const recovered = await kubeseal(['--recovery-unseal', ...keys], { stdin: sealed.stdout });
  assert.equal(recovered.stderr, '');
  assert.deepEqual(JSON.parse(recovered.stdout), {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata,
    data: {},
    type,
  });
});
