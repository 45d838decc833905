import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MAX_PASTED } from '../../../web/model/pasted-limit.ts';
import { recognize } from '../../../web/model/recognize.ts';
import type { Recognized } from '../../../web/model/types.ts';
import { certificateOf, pkcs8, rsa } from '../../support/keys.ts';
import { pasted } from './model-bed.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const SEALED =
  'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: shop\n' +
  '  annotations: {sealedsecrets.bitnami.com/namespace-wide: "true"}\nspec:\n  encryptedData: {user: AgA=, password: AgA=}\n';
const key = pkcs8(rsa());
const certificate = await certificateOf(rsa());

/** Returns the kind of what was recognized, and of a refusal its words. */
function kindOf(content: string | Uint8Array, fileName?: string): string {
  return described(recognize(pasted(content, fileName)));
}

function described(found: Recognized): string {
  if (found.kind === 'refused') return `refused: ${found.message.text}`;
  if (found.kind !== 'items') return found.kind;
  return `items: ${found.items.map(({ name, value }) => `${name} ${value.length}`).join(', ')}`;
}

suite('a pasted text', () => {
  test('with Secrets is summed up without values', () => {
    const list = `{"apiVersion":"v1","kind":"List","items":[{"kind":"Secret","metadata":{"name":"a"},"data":{"x":"aHVudGVyMg=="}}]}`;
    const found = recognize(pasted(`${SECRET}---\n${list}`));
    assert.deepEqual(found, {
      kind: 'secrets',
      objects: [
        { name: 'db', namespace: 'shop', scope: 'strict', items: ['password'] },
        { name: 'a', namespace: '', scope: 'strict', items: ['x'] },
      ],
    });
  });

  test('without a kind is a Secret if it has metadata and data', () => {
    assert.equal(kindOf('metadata: {name: a}\ndata: {x: aHVudGVyMg==}\n'), 'secrets');
  });

  test('with SealedSecrets is summed up with their scopes', () => {
    assert.deepEqual(recognize(pasted(`# ours\n${SEALED}`)), {
      kind: 'sealed',
      objects: [{ name: 'db', namespace: 'shop', scope: 'namespace-wide', items: ['user', 'password'] }],
    });
  });

  test('with a Secret beside SealedSecrets is refused: its values would stay readable', () => {
    assert.equal(
      kindOf(`${SEALED}---\n${SECRET}`),
      'refused: the pasted text: document 2 is a Secret, not a SealedSecret',
    );
  });

  test('with a broken Secret in JSON on one line is refused, and no item', () => {
    assert.match(
      kindOf('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}}'),
      /^refused: the pasted text: neither JSON nor YAML: /,
    );
  });

  test('with a list in JSON is refused, as kubeseal refuses it', () => {
    assert.equal(kindOf('[{"kind": "Secret"}]'), 'refused: the pasted text is a list, not an object');
  });

  test('with another kind, a broken field or a number without quotes is refused with its place', () => {
    assert.equal(
      kindOf('apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n'),
      'refused: the pasted text is a Deployment, not a Secret',
    );
    assert.equal(
      kindOf(SECRET.replace('stringData', 'data')),
      'refused: the pasted text: data.password: illegal base64 data at input byte 4 (plain text belongs in stringData)',
    );
    assert.equal(
      kindOf(SECRET.replace('hunter2', '12345')),
      'refused: the pasted text: stringData.password is a number, not a string: put it in quotes',
    );
  });

  test('that is neither YAML nor JSON is refused with line and column, and without the line', () => {
    const refusal = kindOf('kind: Secret\nstringData:\n  password: "hunter2\n');
    assert.match(refusal, /^refused: the pasted text: neither JSON nor YAML: .* at line \d+, column \d+$/);
    assert.doesNotMatch(refusal, /hunter2/);
  });

  test('with NAME=VALUE lines is a .env file', () => {
    assert.equal(
      kindOf('# local\nUSER=ada\n\nPASSWORD="x y"\r\nexport.me=\n'),
      'items: USER 3, PASSWORD 5, export.me 0',
    );
  });

  test('with a certificate is one, whatever surrounds it', () => {
    assert.equal(kindOf(`subject=x\n${certificate}trailing`), 'certificate');
  });

  test('with a private key is refused, also beside a certificate', () => {
    for (const text of [key, `${certificate}${key}`, key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')]) {
      const refusal = kindOf(text);
      assert.match(
        refusal,
        /^refused: the pasted text holds a private key: if an application needs it, choose "Fill in"/,
      );
    }
  });

  test('with the Secret of a sealing key is refused', () => {
    const secret = `kind: Secret\nmetadata: {name: k, labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}}\ndata: {tls.key: aHVudGVyMg==}\n`;
    assert.match(kindOf(secret), /^refused: the pasted text holds the private key of a cluster/);
    assert.match(kindOf(secret, 'backup.yaml'), /^refused: backup\.yaml holds the private key of a cluster/);
  });

  test('without content is refused, and any other text is an item without a name', () => {
    assert.equal(kindOf(' \n\n'), 'refused: the pasted text holds no document: expected a Secret');
    assert.equal(kindOf('correct horse battery staple'), 'items:  28');
    assert.equal(kindOf('aHVudGVyMg==\n'), 'items:  13');
  });
});

suite('a file', () => {
  test('is one item with its name, byte for byte, whatever it holds', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const found = recognize(pasted(bytes, 'key.bin'));
    assert.deepEqual(found.kind === 'items' && found.items, [{ name: 'key.bin', value: bytes }]);
    assert.equal(kindOf('', 'empty'), 'items: empty 0');
    assert.equal(kindOf(Buffer.from('\ufeffx'), 'bom.txt'), 'items: bom.txt 4');
    assert.equal(kindOf('port: 80\n', 'app.yaml'), 'items: app.yaml 9');
    assert.equal(kindOf('{"port": 80', 'broken.json'), 'items: broken.json 11');
  });

  test('is read if its name or its content says what it is', () => {
    assert.equal(kindOf(SECRET, 'db.yaml'), 'secrets');
    assert.equal(kindOf(SECRET, 'db'), 'secrets');
    assert.equal(kindOf(SEALED, 'db.json'), 'sealed');
    for (const name of ['.env', 'prod.env', '.env.local']) assert.equal(kindOf('A=1\n', name), 'items: A 1');
    assert.equal(kindOf('A=1\n', 'environment'), 'items: environment 4');
    assert.equal(
      kindOf('no variable\n', '.env'),
      'refused: .env: line 1 is not NAME=VALUE: a name has letters, digits, "-", "_" and ".", and begins with no digit',
    );
  });

  test('with a certificate is one, and no item', () => {
    assert.equal(kindOf(certificate, 'prod.pem'), 'certificate');
  });

  test('with a private key is an item, with a warning', () => {
    const found = recognize(pasted(key, 'id_rsa'));
    assert.equal(described(found), `items: id_rsa ${key.length}`);
    assert.match((found.kind === 'items' && found.messages[0]?.text) || '', /^id_rsa holds a private key/);
  });

  test('in UTF-16 is refused if it is to be read, and an item otherwise', () => {
    for (const bytes of [
      Buffer.from(`\ufeff${SECRET}`, 'utf16le'),
      Buffer.from(SECRET, 'utf16le').swap16(),
    ]) {
      assert.equal(
        kindOf(bytes, 'db.yaml'),
        'refused: db.yaml is not UTF-8 text but UTF-16: save it as UTF-8',
      );
      assert.equal(kindOf(bytes, 'db.txt'), `items: db.txt ${bytes.length}`);
    }
  });
});

suite('hostile input', () => {
  test('above the limit is refused before it is read', () => {
    assert.equal(kindOf(new Uint8Array(MAX_PASTED + 1), 'big'), 'refused: big is larger than 16 MiB');
    assert.equal(kindOf(new Uint8Array(MAX_PASTED), 'big'), `items: big ${MAX_PASTED}`);
  });

  test('of 10 MB is read', () => {
    const value = 'x'.repeat(10_000_000);
    assert.equal(kindOf(SECRET.replace('hunter2', value)), 'secrets');
    assert.equal(kindOf(`A=${value}\n`), 'items: A 10000000');
    assert.equal(kindOf('-'.repeat(10_000_000)), 'items:  10000000');
  });

  test('of more objects or items than a page can show is refused', () => {
    const secret = (index: number): string =>
      `kind: Secret\nmetadata: {name: s${index}}\nstringData: {a: x}\n`;
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => secret(index)).join('---\n');
    assert.equal(kindOf(many(1000)), 'secrets');
    assert.match(kindOf(many(1001)), /^refused: 1001 objects with 1001 items are too many for a page/);
    const items = Array.from({ length: 10_001 }, (_, index) => `  i${index}: x\n`).join('');
    assert.match(
      kindOf(`kind: Secret\nstringData:\n${items}`),
      /^refused: 1 object with 10001 items are too many/,
    );
  });

  test('in the name of a file is escaped', () => {
    assert.match(kindOf('kind: Secret\nkind: x\n', 'a\u202egpj.yaml'), /^refused: a\\u\{202e\}gpj\.yaml: /);
  });

  test('that expands, nests deeply or contains itself is refused', () => {
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    for (const text of [
      `kind: Secret\n${bomb.join('\n')}\n`,
      `kind: Secret\nmetadata: ${'['.repeat(100_000)}\n`,
      `{"kind": "Secret", "metadata": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `kind: Secret\nmetadata: &m {labels: *m}\n`,
    ])
      assert.match(kindOf(text), /^refused: the pasted text: (?:neither JSON nor YAML|nesting deeper)/);
  });

  test('with a field or an item twice is refused', () => {
    assert.match(
      kindOf(`${SECRET}stringdata: {password: hunter3}\n`),
      /^refused: .*stringData is specified twice$/,
    );
    assert.match(kindOf('kind: Secret\ndata: {a: "", a: ""}\n'), /^refused: .*at line 2/);
  });

  test('with names of prototypes or with markup stays as it is', () => {
    const found = recognize(
      pasted(
        'kind: Secret\nmetadata: {name: "<img src=x onerror=alert(1)>"}\nstringData: {__proto__: x, constructor: z}\n',
      ),
    );
    assert.deepEqual(found.kind === 'secrets' && found.objects, [
      {
        name: '<img src=x onerror=alert(1)>',
        namespace: '',
        scope: 'strict',
        items: ['__proto__', 'constructor'],
      },
    ]);
  });

  test('whose value got into a name is refused without it', () => {
    const refusal = kindOf('kind: Secret\nmetadata: {name: a}\nstringData: {password:hunter2}\n');
    assert.match(refusal, /^refused: /);
    assert.doesNotMatch(refusal, /hunter2/);
  });
});
