import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { suite, test } from 'node:test';
import { utf8Bytes } from '../../shared/bytes.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { openEnvelope } from '../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../shared/crypto/envelope.ts';
import { SCOPES } from '../../shared/seal/scope.ts';
import { certificateOf, pkcs8, rsa } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, vectorKey } from '../support/vectors.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const oldKey = rsa();
const old = parseCertificate(await certificateOf(oldKey), 'old');
const oldFile = folder.write('old.pem', pkcs8(oldKey));
const fresh = parseCertificate(certificatePem('c2048'), 'c2048');
const cert = folder.write('cert.pem', fresh.pem);
const offline = ['--re-encrypt', '--recovery-private-key', oldFile, '--cert', cert];
const DB = { name: 'db', namespace: 'prod' };
const ITEM = sealedItem(old, DB, 'hunter2');

const YAML = `# by ops
kind: SealedSecret
apiVersion: bitnami.com/v1alpha1
metadata:
  name: db # the database
  namespace: "prod"
spec:
  encryptedData:
    password: '${ITEM}' # May
  template:
    metadata:
      annotations: {sealedsecrets.bitnami.com/cluster-wide: "true", a: b}
      labels: {app: db}
    data:
      url: "{{ .password }}"
`;

function reEncrypt(file: string, ...args: string[]): Promise<CommandOutput> {
  return inProcess([...offline, '-f', file, ...args]);
}

/** Returns the text of a file after it was re-encrypted in place. */
async function inPlace(text: string, name = 'sealed.yaml'): Promise<string> {
  const file = folder.write(name, text);
  assert.deepEqual(await reEncrypt(file), { warnings: [], errors: [] });
  return readFileSync(file, 'utf8');
}

/** Returns the text with a placeholder for each ciphertext. */
function frame(text: string): string {
  return text.replace(/A[A-Za-z0-9+/]{300,}=*/g, 'CIPHERTEXT');
}

suite('kubeseal --re-encrypt, with keys and a certificate', () => {
  test('changes the file in place: the ciphertexts, and nothing else', async () => {
    const file = folder.write('process.yaml', YAML);
    assert.deepEqual(await kubeseal([...offline, '-f', file]), { code: 0, stdout: '', stderr: '' });
    const text = readFileSync(file, 'utf8');
    assert.equal(frame(text), frame(YAML));
    assert.ok(!text.includes(ITEM));
    assert.deepEqual(await itemsOf(text), [{ password: 'hunter2', url: 'hunter2' }]);
  });

  test('leaves a SealedSecret without items as it is, sealed with --allow-empty-data', async () => {
    const stdin = JSON.stringify({ kind: 'Secret', metadata: DB, type: 'example.com/marker' });
    const empty = await kubeseal(['--allow-empty-data', '--cert', cert, '-o', 'yaml'], { stdin });
    assert.deepEqual([empty.code, empty.stderr], [0, '']);
    assert.equal(await inPlace(empty.stdout, 'empty.yaml'), empty.stdout);
    const printed = await kubeseal([...offline, '-o', 'yaml'], { stdin: empty.stdout });
    assert.deepEqual(printed, { code: 0, stdout: empty.stdout, stderr: '' });
  });

  test('prints what comes from stdin, and writes elsewhere with -w', async () => {
    const printed = await kubeseal([...offline, '-o', 'yaml'], { stdin: YAML });
    assert.deepEqual([printed.code, printed.stderr, frame(printed.stdout)], [0, '', frame(YAML)]);
    const json = await kubeseal(offline, { stdin: YAML });
    assert.match(json.stdout, /^\{\n {2}"kind": "SealedSecret",\n {2}"apiVersion"/);
    const file = folder.write('source.yaml', YAML);
    const output = `${folder.path}/output.yaml`;
    assert.deepEqual(await kubeseal([...offline, '-f', file, '-w', output]), {
      code: 0,
      stdout: '',
      stderr: '',
    });
    assert.equal(readFileSync(file, 'utf8'), YAML);
    assert.equal(frame(readFileSync(output, 'utf8')), frame(YAML));
  });

  test('warns that --rotate has a new name', async () => {
    const ran = await kubeseal(['--rotate', ...offline.slice(1)], { stdin: YAML });
    assert.deepEqual([ran.code, ran.stderr], [0, '(--rotate is now called --re-encrypt)\n']);
    assert.match(ran.stdout, /^\{\n/);
  });

  const json = JSON.stringify(sealedSecret(old, DB, { password: 'hunter2' }), null, 3);
  const forms: [string, string][] = [
    ['JSON', `${json}\n`],
    ['JSON behind JSON', `${json}${json}`],
    ['Windows lines', YAML.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${YAML}`],
    ['no line break at the end', YAML.trimEnd()],
    ['several documents', `${YAML}---\n# nothing\n---\n${YAML}`],
    [
      'a List',
      `kind: List\nitems:\n- ${YAML.replace('# by ops\n', '').trimEnd().replaceAll('\n', '\n  ')}\n`,
    ],
    [
      'anchors that are used elsewhere',
      YAML.replace('{app: db}', '&l {app: db}').replace('data:\n      url', 'x: *l\n    data:\n      url'),
    ],
  ];
  for (const [what, text] of forms) {
    test(`keeps the form of a file with ${what}`, async () => {
      const after = await inPlace(text);
      assert.equal(frame(after), frame(text));
      assert.ok(!after.includes(ITEM));
    });
  }

  test('skips other kinds in place with a warning, and refuses them elsewhere', async () => {
    const text = `kind: ConfigMap\ndata: {a: "1"}\n---\n${YAML}---\nkind: Secret\n`;
    const file = folder.write('mixed.yaml', text);
    const output = await reEncrypt(file);
    assert.deepEqual(output, {
      warnings: ['(2 documents are not SealedSecrets; left unchanged)'],
      errors: [],
    });
    assert.equal(frame(readFileSync(file, 'utf8')), frame(text));
    const refused = await kubeseal(offline, { stdin: text });
    assert.equal(refused.stderr, 'error: <stdin>: document 1 is a ConfigMap, not a SealedSecret\n');
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
  });

  test('keeps the mode of the file, and the link to it', async () => {
    const inner = temporaryFolder();
    const real = inner.write('real.yaml', YAML);
    chmodSync(real, 0o604);
    symlinkSync('real.yaml', `${inner.path}/link.yaml`);
    assert.deepEqual((await reEncrypt(`${inner.path}/link.yaml`)).errors, []);
    assert.equal(readlinkSync(`${inner.path}/link.yaml`), 'real.yaml');
    assert.equal(statSync(real).mode & 0o777, 0o604);
    assert.deepEqual(readdirSync(inner.path).sort(), ['link.yaml', 'real.yaml']);
  });

  test('names the new key if there is a hint, or with --key-hint', async () => {
    const hint = `annotations:\n    sealedsecrets.bitnami.com/sealing-key: `;
    const hinted = YAML.replace('  name: db', `  ${hint}${old.fingerprint}\n  name: db`);
    assert.ok((await inPlace(hinted)).includes(`sealing-key: ${fresh.fingerprint}\n`));
    const file = folder.write('hint.yaml', YAML);
    assert.deepEqual((await reEncrypt(file, '--key-hint')).errors, []);
    assert.ok(readFileSync(file, 'utf8').includes(hint + fresh.fingerprint));
  });
});

suite('re-encryption never widens the scope (CVE-2026-22728):', async () => {
  const key = await vectorKey('c2048');
  const wide = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
  const own = sealedSecret(old, DB, { password: 'hunter2' });
  const metadata = { ...own.metadata, annotations: { a: 'b' } };
  const templated = (template: object): object => ({ ...own, spec: { ...own.spec, template } });
  const variants: [string, object][] = [
    ['an annotation of the template', templated({ metadata: { annotations: wide } })],
    [
      'a name and namespace of the template',
      templated({ metadata: { name: 'x', namespace: 'y', annotations: wide } }),
    ],
    [
      'another letter case',
      {
        ...own,
        metadata: { ...metadata, annotations: { 'sealedsecrets.bitnami.com/Cluster-Wide': 'true' } },
      },
    ],
    [
      'another value',
      {
        ...own,
        metadata: { ...metadata, annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'True' } },
      },
    ],
    [
      'managed fields',
      {
        ...own,
        metadata: { ...metadata, managedFields: [{ fieldsV1: { 'f:metadata': { 'f:annotations': wide } } }] },
      },
    ],
    ['a label', { ...own, metadata: { ...metadata, labels: wide } }],
    [
      'a field of the spec',
      { ...own, spec: { ...own.spec, metadata: { annotations: wide }, annotations: wide } },
    ],
    [
      'an inherited annotation',
      {
        ...own,
        metadata: {
          ...metadata,
          annotations: JSON.parse(`{"__proto__": ${JSON.stringify(wide)}}`) as unknown,
        },
      },
    ],
  ];
  for (const [what, object] of variants) {
    test(`not by ${what}`, async () => {
      const text = JSON.stringify(object).replace('{"__proto__":{', '{"x":{');
      const file = folder.write('variant.json', text);
      const { errors } = await reEncrypt(file);
      // Either refused, or under the label of its own metadata.
      if (errors.length > 0) {
        assert.equal(readFileSync(file, 'utf8'), text);
        return;
      }
      const after = JSON.parse(readFileSync(file, 'utf8')) as typeof own;
      assert.equal(frame(JSON.stringify(after)), frame(text));
      const envelope = parseEnvelope(Buffer.from(after.spec.encryptedData['password'] ?? '', 'base64'));
      assert.ok(envelope);
      for (const label of ['prod/db', 'prod', '', 'y/x', 'y', 'db']) {
        const opened = await openEnvelope(envelope, key, utf8Bytes(label) as Label);
        assert.equal(opened?.toString(), label === 'prod/db' ? 'hunter2' : undefined, label);
      }
    });
  }

  const refusals: [string, string, RegExp][] = [
    [
      'a boolean',
      YAML.replace('name: db #', 'annotations: {sealedsecrets.bitnami.com/cluster-wide: true}\n  name: db #'),
      /cluster-wide"\] is a boolean, not a string: put it in quotes$/,
    ],
    ['metadata given twice', `${YAML}metadata: {name: db, namespace: prod}\n`, /duplicate key/],
    [
      'metadata in two letter cases',
      `${YAML}Metadata: {name: db, namespace: prod}\n`,
      /metadata is specified twice$/,
    ],
    [
      'metadata twice in JSON',
      JSON.stringify(own).replace('"spec":', '"metadata":{},"spec":'),
      /duplicate key/,
    ],
    [
      'deprecated spec.data',
      `kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nmetadata: {name: db, namespace: prod}\nspec: {data: ${ITEM}}\n`,
      /has deprecated spec\.data, which cannot be changed/,
    ],
    [
      'the scope of its own metadata, which was widened',
      JSON.stringify({ ...own, metadata: { ...metadata, annotations: wide } }),
      /^no key could decrypt secret \(password\): sealed with scope strict, but the SealedSecret has scope cluster-wide: remove the annotation sealedsecrets\.bitnami\.com\/cluster-wide: "true", or seal again \[/,
    ],
  ];
  for (const [what, text, words] of refusals) {
    test(`refused, and the file left as it was: ${what}`, async () => {
      const file = folder.write('refused.yaml', text);
      const before = statSync(file);
      const { errors } = await reEncrypt(file);
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', words);
      assert.equal(readFileSync(file, 'utf8'), text);
      assert.equal(statSync(file).ino, before.ino);
    });
  }

  for (const scope of SCOPES) {
    test(`and keeps the one that is there: ${scope}`, async () => {
      const text = JSON.stringify(sealedSecret(old, DB, { a: 'b', c: '' }, { scope }));
      assert.deepEqual(await itemsOf(await inPlace(text, 'scope.json')), [{ a: 'b', c: '' }]);
    });
  }
});

suite('kubeseal --re-encrypt, if it fails,', () => {
  test('names every document that failed, and leaves the file as it was', async () => {
    const moved = YAML.replace('"prod"', '"shop"');
    const text = `${YAML}---\n${moved}---\n${YAML}---\n${moved}`;
    const file = folder.write('failing.yaml', text);
    const ran = await kubeseal([...offline, '-f', file]);
    const lines = ran.stderr.trimEnd().split('\n');
    assert.deepEqual([ran.code, ran.stdout, lines.length], [1, '', 2]);
    for (const [i, line] of lines.entries()) {
      assert.match(
        line,
        /^error: no key could decrypt secret \(password\): sealed for another name or namespace, or /,
      );
      assert.ok(line.endsWith(`[${file}: document ${i === 0 ? 2 : 4}]`), line);
    }
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  test('tries the name and namespace of --name and -n, and reports a match', async () => {
    const file = folder.write('moved.yaml', YAML.replace('"prod"', '"shop"'));
    const { errors } = await reEncrypt(file, '-n', 'prod');
    assert.match(
      errors[0] ?? '',
      /\(password\): sealed for the name "db" in the namespace "prod"; restore both in metadata \[/,
    );
  });

  const cases: [string, string, readonly string[], RegExp][] = [
    ['without a document', '# nothing\n', [], /holds no document: expected a SealedSecret$/],
    [
      'on a Secret',
      'kind: Secret\n',
      [],
      /holds a Secret, not a SealedSecret: seal it into another file first, with -f and -w$/,
    ],
    [
      'on what is malformed',
      `${YAML}"hunter2-canary`,
      [],
      /neither JSON nor YAML: .* at line \d+, column \d+$/,
    ],
    [
      'with an expired certificate',
      YAML,
      ['--cert', folder.write('expired.pem', certificatePem('expired'))],
      /^failed to encrypt using an expired certificate/,
    ],
    ['with no key in the file', YAML, ['--private-key', cert], /cert\.pem holds no private key/],
    [
      'with another certificate than the pinned one',
      YAML,
      ['--cert-fingerprint', old.fingerprint],
      /do not seal with it$/,
    ],
  ];
  for (const [what, text, args, words] of cases) {
    test(`leaves the file as it was: ${what}`, async () => {
      const file = folder.write('failing.yaml', text);
      const { errors } = await reEncrypt(file, ...args);
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', words);
      assert.doesNotMatch(errors.join(), /canary/);
      assert.equal(readFileSync(file, 'utf8'), text);
    });
  }
});
