import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { inProcess } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(pem, 'c2048');
const DB = { name: 'db', namespace: 'prod' };
const OLD = sealedItem(certificate, DB, 'old');
const INPUT = `metadata: {name: db, namespace: prod}\nstringData: {user: bob}\n`;
const input = folder.write('input.yaml', INPUT);

const YAML = `# who rotates this: ops
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  namespace: "prod"   # before the name, on purpose
  name: db
spec:
  encryptedData:
    # the first
    password: '${OLD}' # rotated in May
  template:
    type: Opaque
`;

const CONFIRMED = ['--name', 'db', '-n', 'prod', '--scope', 'strict'];

/** Merges the input into a file with this text, and returns its new text. */
async function merged(text: string, args: readonly string[] = [], name = 'sealed.yaml'): Promise<string> {
  const file = folder.write(name, text);
  assert.deepEqual(await inProcess(['--cert', cert, '-f', input, '--merge-into', file, ...args]), {
    warnings: [],
    errors: [],
  });
  return readFileSync(file, 'utf8');
}

/** The input with the annotation of a scope. */
function withScope(scope: Scope): string {
  const annotation = `, annotations: {sealedsecrets.bitnami.com/${scope}: "true"}`;
  return INPUT.replace('prod', `prod${scope === 'strict' ? '' : annotation}`);
}

function wideNote(at: string): string {
  return `(${at}: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there)`;
}

/** Matches the line of the new item, whose ciphertext is random. */
function newLine(text: string, item = 'user'): string {
  return text.split(/\r?\n/).find((line) => new RegExp(`^ *"?${item}"?: `).test(line)) ?? '';
}

suite('kubeseal --merge-into', () => {
  test('adds an item, and keeps every other byte', async () => {
    const text = await merged(YAML);
    assert.equal(text.replace(`${newLine(text)}\n`, ''), YAML);
    assert.deepEqual(await itemsOf(text), [{ password: 'old', user: 'bob' }]);
  });

  test('replaces an item where it stands, in its quotes and with its comment', async () => {
    const file = folder.write('replaced.yaml', YAML);
    const stdin = 'metadata: {name: db}\nstringData: {password: new}\n';
    const ran = await kubeseal(['--cert', cert, '--merge-into', file], { stdin });
    const stderr = `(${file}: sealing for the namespace "prod" of the file, since the input has none)\n`;
    assert.deepEqual(ran, { code: 0, stdout: '', stderr });
    const text = readFileSync(file, 'utf8');
    const [, ciphertext = ''] = /password: '(.*)' # rotated in May\n/.exec(text) ?? [];
    assert.equal(text.replace(ciphertext, OLD), YAML);
    assert.deepEqual(await itemsOf(text), [{ password: 'new' }]);
  });

  const layouts: [string, string, string][] = [
    [
      'JSON of its own indentation',
      `${JSON.stringify(sealedSecret(certificate, DB, { a: 'b' }), null, 4)}\n`,
      '',
    ],
    ['JSON on one line', JSON.stringify(sealedSecret(certificate, DB, { a: 'b' })), ''],
    ['Windows lines', YAML.replaceAll('\n', '\r\n'), ''],
    ['a byte order mark', `\ufeff${YAML}`, ''],
    ['no line break at the end', YAML.trimEnd(), ''],
    ['no template', YAML.replace(/ {2}template:[^]*/, ''), ''],
    [
      'encryptedData that is empty',
      YAML.replace(/encryptedData:[^]*?\n(?= {2}t)/, 'encryptedData: {}\n'),
      '',
    ],
    ['encryptedData that is null', YAML.replace(/encryptedData:[^]*?\n(?= {2}t)/, 'encryptedData:\n'), ''],
    ['no encryptedData', YAML.replace(/ {2}encryptedData:[^]*?\n(?= {2}t)/, ''), ''],
    ['no spec', YAML.replace(/spec:[^]*/, ''), ''],
    ['other documents', `# first\n---\nkind: ConfigMap\ndata: {a: "1"}\n---\n${YAML}---\n# nothing\n`, ''],
    ['a field in another letter case', YAML.replace('encryptedData', 'EncryptedData'), ''],
    ['a flow map', YAML.replace(/encryptedData:[^]*?\n(?= {2}t)/, `encryptedData: {a: '${OLD}'}\n`), ''],
  ];
  for (const [what, before] of layouts) {
    test(`keeps the form of a file with ${what}`, async () => {
      const text = await merged(before);
      const left = text.split(/(?<=\n)/).filter((line) => !before.includes(line.replace(/[,\s]+$/, '')));
      assert.ok(left.length <= 4, left.join(''));
      assert.equal(text.startsWith('\ufeff'), before.startsWith('\ufeff'));
      assert.equal(/[^\r]\n/.test(text), /[^\r]\n/.test(before));
      assert.equal(text.endsWith('\n'), before.endsWith('\n'));
      const [items] = await itemsOf(text);
      assert.deepEqual({ user: 'bob', ...items }, items);
    });
  }

  test('adds a template for labels and annotations, without scope and last-applied', async () => {
    const file = folder.write('labels.yaml', YAML);
    const annotations = {
      'sealedsecrets.bitnami.com/cluster-wide': 'true',
      'sealedsecrets.bitnami.com/namespace-wide': 'true',
      'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"user":"hunter2-canary"}}',
      team: 'red',
    };
    const secret = { metadata: { labels: { app: 'db', on: 'yes' }, annotations }, stringData: { a: 'b' } };
    const stdin = JSON.stringify(secret);
    const ran = await kubeseal(['--cert', cert, '--merge-into', file, ...CONFIRMED], { stdin });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    const text = readFileSync(file, 'utf8');
    const template =
      '  template:\n    metadata:\n      annotations:\n        team: red\n      labels:\n        app: db\n        "on": "yes"\n    type: Opaque\n';
    assert.ok(text.endsWith(template), text);
    assert.match(text, /\n {2}name: db\n/);
    assert.deepEqual(await itemsOf(text), [{ a: 'b', password: 'old' }]);
  });

  for (const scope of SCOPES) {
    test(`seals at the scope of the file, which is ${scope}`, async () => {
      const before = JSON.stringify(sealedSecret(certificate, DB, { password: 'old' }, { scope }));
      for (const other of SCOPES) {
        const args = other === scope ? [] : ['--scope', scope];
        const secret = folder.write('scoped.yaml', withScope(other));
        const file = folder.write('scope.json', before);
        const output = await inProcess(['--cert', cert, '-f', secret, '--merge-into', file, ...args]);
        assert.deepEqual(output.errors, []);
        assert.deepEqual(output.warnings, scope === 'cluster-wide' ? [wideNote(file)] : []);
        // Both open under the one label that the file's own metadata gives.
        assert.deepEqual(await itemsOf(readFileSync(file)), [{ password: 'old', user: 'bob' }]);
      }
    });
  }

  test('accepts several inputs, and the last one takes precedence', async () => {
    const secret = folder.write(
      'several.yaml',
      `${INPUT}---\n${INPUT.replace('bob', 'eve')}---\n${INPUT.replace('user', 'a')}`,
    );
    const file = folder.write('target.yaml', YAML);
    assert.deepEqual((await inProcess(['--cert', cert, '-f', secret, '--merge-into', file])).errors, []);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ a: 'bob', password: 'old', user: 'eve' }]);
  });

  test('selects the SealedSecret with the name of the input from several', async () => {
    const two = `${YAML}---\n${YAML.replace('name: db', 'name: other')}`;
    const file = folder.write('two.yaml', two);
    const secret = folder.write('unbound.yaml', 'metadata: {name: other}\nstringData: {user: bob}\n');
    assert.deepEqual((await inProcess(['--cert', cert, '-f', secret, '--merge-into', file])).errors, []);
    const text = readFileSync(file, 'utf8');
    const [first, second] = text.split('---\n');
    assert.equal(first, YAML);
    assert.ok(second && newLine(second));
  });

  test('records the key with --key-hint, and updates an existing hint', async () => {
    const hint = /annotations:\n {4}sealedsecrets\.bitnami\.com\/sealing-key: (\S+)\n/;
    const hinted = await merged(YAML, ['--key-hint']);
    assert.equal(hint.exec(hinted)?.[1], certificate.fingerprint);
    const old = hinted.replace(certificate.fingerprint, `SHA256:${'a'.repeat(43)}`);
    assert.equal(hint.exec(await merged(old))?.[1], `SHA256:${'a'.repeat(43)},${certificate.fingerprint}`);
    assert.equal(hint.exec(await merged(hinted))?.[1], certificate.fingerprint);
  });
});

suite('the output of kubeseal --merge-into', () => {
  test('goes elsewhere with -w, and the file stays unchanged', async () => {
    const file = folder.write('stays.yaml', YAML);
    for (const [name, start] of [
      ['elsewhere.yaml', /^# who rotates/],
      ['elsewhere.json', /^\{\n {2}"apiVersion"/],
    ] as const) {
      const output = `${folder.path}/${name}`;
      const ran = await kubeseal(['--cert', cert, '-f', input, '--merge-into', file, '-w', output]);
      assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
      assert.match(readFileSync(output, 'utf8'), start);
      assert.deepEqual(await itemsOf(readFileSync(output)), [{ password: 'old', user: 'bob' }]);
    }
    assert.equal(readFileSync(file, 'utf8'), YAML);
  });

  test('has the format of -o, unless the file name has another', async () => {
    assert.match(await merged(YAML, ['-o', 'json'], 'sealed'), /^\{\n {2}"apiVersion"/);
    assert.match(await merged(YAML, ['-o', 'json'], 'sealed.yml'), /^# who rotates/);
    assert.match(await merged(YAML, ['-o', 'yaml'], 'sealed'), /^# who rotates/);
  });

  test('keeps the mode of the file, and the link to it', async () => {
    const inner = temporaryFolder();
    const real = inner.write('real.yaml', YAML);
    chmodSync(real, 0o604);
    symlinkSync('real.yaml', `${inner.path}/link.yaml`);
    const output = await inProcess(['--cert', cert, '-f', input, '--merge-into', `${inner.path}/link.yaml`]);
    assert.deepEqual(output, { warnings: [], errors: [] });
    assert.equal(readlinkSync(`${inner.path}/link.yaml`), 'real.yaml');
    assert.equal(statSync(real).mode & 0o777, 0o604);
    assert.deepEqual(readdirSync(inner.path).sort(), ['link.yaml', 'real.yaml']);
    assert.deepEqual(await itemsOf(readFileSync(real)), [{ password: 'old', user: 'bob' }]);
  });

  test('can be read by --recovery-unseal', async () => {
    const file = folder.write('whole.yaml', await merged(YAML));
    const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-f', file]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.match(ran.stdout, /"password": "b2xk",\n {4}"user": "Ym9i"\n/);
  });
});

suite('kubeseal --merge-into refuses, and leaves the file as it was,', () => {
  const wide = YAML.replace(
    'name: db',
    'name: db\n  annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}',
  );
  const two = `${YAML}---\n${YAML}`;
  const cases: [string, string, readonly string[], RegExp][] = [
    ['a file that holds nothing', '', [], /holds no document: expected a SealedSecret$/],
    [
      'a file with a Secret',
      'kind: Secret\n',
      [],
      /holds a Secret, not a SealedSecret: seal it into another file first, with -f and -w$/,
    ],
    [
      'a file with other kinds',
      'kind: ConfigMap\n---\nkind: Ingress\n',
      [],
      /holds ConfigMap, Ingress, not a SealedSecret$/,
    ],
    ['a file with plain text', 'hunter2-canary\n', [], / is a string, not an object$/],
    [
      'a malformed file',
      `${YAML}  x: "hunter2-canary\n`,
      [],
      /neither JSON nor YAML: .* at line \d+, column \d+$/,
    ],
    ['a key given twice', YAML.replace('spec:', 'kind: SealedSecret\nspec:'), [], /duplicate key at line 7/],
    ['a name that is none', YAML.replace('name: db', 'name: D/B'), [], /"D\/B" is not a valid name/],
    [
      'a field of another type',
      YAML.replace('type: Opaque', 'metadata: []'),
      [],
      /is a list, not an object$/,
    ],
    [
      'an alias in the way',
      `x: &x {a: b}\n${YAML.replace(/encryptedData:[^]*?\n(?= {2}t)/, 'encryptedData: *x\n')}`,
      [],
      /cannot be edited in place/,
    ],
    [
      'two of the same name',
      two,
      [],
      /holds 2 SealedSecrets; give the Secret the name of one of them \(it is "db"\)/,
    ],
    [
      'another namespace',
      YAML,
      ['-n', 'elsewhere'],
      /^namespace mismatch: .* sealed for the namespace "prod" but "elsewhere" was specified$/,
    ],
    [
      'a wider scope',
      YAML,
      ['--scope', 'cluster-wide'],
      /has the scope strict, which --scope cluster-wide cannot change/,
    ],
    [
      'a narrower scope',
      wide,
      ['--scope', 'namespace-wide'],
      /has the scope cluster-wide, which --scope namespace-wide cannot/,
    ],
    [
      'deprecated spec.data',
      YAML.replace(/ {2}encryptedData:[^]*/, `  data: ${OLD}\n`),
      [],
      /has deprecated spec\.data, which cannot be changed/,
    ],
  ];
  for (const [what, text, args, words] of cases) {
    test(what, async () => {
      const inner = temporaryFolder();
      const file = inner.write('sealed.yaml', text);
      const before = statSync(file);
      const output = await inProcess(['--cert', cert, '-f', input, '--merge-into', file, ...args]);
      assert.equal(output.errors.length, 1);
      assert.match(output.errors[0] ?? '', words);
      assert.doesNotMatch(output.errors.join(), /canary/);
      assert.equal(readFileSync(file, 'utf8'), text);
      assert.deepEqual([statSync(file).ino, statSync(file).mtimeMs], [before.ino, before.mtimeMs]);
      assert.deepEqual(readdirSync(inner.path), ['sealed.yaml']);
    });
  }

  test('as a process too, with an input that is empty, and with a file that is not there', async () => {
    const file = folder.write('sealed.yaml', YAML);
    const stdin = 'metadata: {name: db}\n';
    const empty = await kubeseal(['--cert', cert, '--merge-into', file], { stdin });
    assert.match(empty.stderr, /^error: secret\.data is empty in input Secret \(<stdin>\)[^\n]*\n$/);
    const missing = await kubeseal([
      '--cert',
      cert,
      '--merge-into',
      `${folder.path}/nosuch.yaml`,
      '-f',
      input,
    ]);
    assert.equal(missing.stderr, `error: open ${folder.path}/nosuch.yaml: no such file or directory\n`);
    assert.deepEqual([empty.code, missing.code, empty.stdout + missing.stdout], [1, 1, '']);
    assert.equal(readFileSync(file, 'utf8'), YAML);
    assert.ok(!readdirSync(folder.path).includes('nosuch.yaml'));
  });

  test('but takes any name and namespace, and a scope that agrees, for a cluster-wide file', async () => {
    const file = folder.write('wide.yaml', wide.replace(/ {4}password.*\n/, ''));
    const args = ['-n', 'elsewhere', '--name', 'other', '--scope', 'cluster-wide'];
    const output = await inProcess(['--cert', cert, '-f', input, '--merge-into', file, ...args]);
    assert.deepEqual(output, { warnings: [wideNote(file)], errors: [] });
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ user: 'bob' }]);
  });
});

suite('kubeseal --merge-into refuses a file that contradicts the input, unless a flag confirms it:', () => {
  const annotated = (annotation: string): string =>
    YAML.replace('name: db', `name: db\n  annotations: {${annotation}: "true"}`);
  const cases: [string, string, readonly string[], RegExp][] = [
    [
      'cluster-wide',
      annotated('sealedsecrets.bitnami.com/cluster-wide'),
      ['--scope', 'cluster-wide'],
      /has the scope cluster-wide, but the input has the scope strict: .* confirm with --scope cluster-wide$/,
    ],
    [
      'namespace-wide',
      annotated('sealedsecrets.bitnami.com/namespace-wide'),
      ['--scope', 'namespace-wide'],
      /has the scope namespace-wide, but the input has the scope strict: /,
    ],
    [
      'another namespace',
      YAML.replace('"prod"', 'evil'),
      ['-n', 'evil'],
      /has the namespace "evil", but the input has the namespace "prod": .* confirm with --namespace evil$/,
    ],
    [
      'another name',
      YAML.replace('name: db', 'name: evil'),
      ['--name', 'evil'],
      /has the name "evil", but the input has the name "db": .* confirm with --name evil$/,
    ],
    [
      'all of them, in a List',
      JSON.stringify({
        kind: 'List',
        items: [
          { kind: 'ConfigMap' },
          sealedSecret(certificate, { name: 'a', namespace: 'b' }, {}, { scope: 'namespace-wide' }),
        ],
      }),
      ['--name', 'a', '--namespace=b', '--scope=namespace-wide'],
      /has the scope namespace-wide, the name "a", the namespace "b", but .* --scope namespace-wide --name a --namespace b$/,
    ],
  ];
  for (const [what, text, confirmed, words] of cases) {
    test(what, async () => {
      const file = folder.write('hostile.yaml', text);
      const args = ['--cert', cert, '-f', input, '--merge-into', file];
      const refused = await kubeseal(args);
      assert.deepEqual([refused.code, refused.stdout], [1, '']);
      assert.match(refused.stderr.trimEnd(), words);
      assert.equal(readFileSync(file, 'utf8'), text);
      // One confirmation of several is not enough.
      if (confirmed.length > 2) assert.equal((await kubeseal([...args, '--name', 'a'])).code, 1);
      const done = await kubeseal([...args, ...confirmed]);
      assert.deepEqual([done.code, done.stdout], [0, '']);
      assert.equal(done.stderr, what === 'cluster-wide' ? `${wideNote(file)}\n` : '');
      assert.notEqual(readFileSync(file, 'utf8'), text);
    });
  }

  test('every document that the inputs name is checked before the first is sealed', async () => {
    const text = `${YAML}---\n${annotated('sealedsecrets.bitnami.com/cluster-wide').replace('name: db', 'name: b')}`;
    const file = folder.write('documents.yaml', text);
    const both = folder.write('both.yaml', `${INPUT}---\n${INPUT.replace('name: db', 'name: b')}`);
    const output = await inProcess(['--cert', cert, '-f', both, '--merge-into', file]);
    assert.match(output.errors.join(), /documents\.yaml: document 2 has the scope cluster-wide/);
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  test('a field in two letter cases is refused, and an annotation in another case gives no scope', async () => {
    const twice = folder.write(
      'twice.yaml',
      YAML.replace(
        'spec:',
        'Metadata: {name: db, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}\nspec:',
      ),
    );
    const output = await inProcess(['--cert', cert, '-f', input, '--merge-into', twice]);
    assert.match(output.errors.join(), /metadata is specified twice/);
    const text = await merged(annotated('sealedsecrets.bitnami.com/Cluster-Wide'));
    assert.deepEqual(await itemsOf(text), [{ password: 'old', user: 'bob' }]);
  });

  test('other effects of the file on the items are reported', async () => {
    const wider = 'metadata: {annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}';
    const text = YAML.replace('type: Opaque', `data: {url: "{{ .user }}", "a\\eb": x}\n    ${wider}`);
    const file = folder.write('templates.yaml', text);
    const { code, stderr } = await kubeseal(['--cert', cert, '-f', input, '--merge-into', file]);
    assert.deepEqual(
      [code, stderr],
      [
        0,
        `(${file}: templates in the file can copy the new items into "url", "a\\u001bb")\n` +
          `warning: ${file}: spec.template.metadata has another name, namespace or a wider scope; only metadata is used\n`,
      ],
    );
  });

  test('a hint that names no keys is dropped', async () => {
    const hint = `sealedsecrets.bitnami.com/sealing-key: "x\\e[2J,${'y'.repeat(5000)}"`;
    const text = await merged(YAML.replace('name: db', `name: db\n  annotations:\n    ${hint}`));
    assert.ok(text.includes(`sealing-key: "${certificate.fingerprint}"\n`), text.slice(0, 300));
  });
});
