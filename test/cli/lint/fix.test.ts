import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { kubeseal } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = temporaryFolder();
const cwd = folder.path;

const WRONG = `# A comment stays.
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
  creationTimestamp: null
  annotations:
    sealedsecrets.bitnami.com/cluster-wide: "true" # and this one
    sealedsecrets.bitnami.com/namespace-wide: "true"
spec:
  encryptedData:
    password: AAEBAAAAAAAAAAAAAAAAAAAAAAAA
`;
const RIGHT = WRONG.replace('  creationTimestamp: null\n', '').replace(
  '    sealedsecrets.bitnami.com/namespace-wide: "true"\n',
  '',
);

function lint(...args: readonly string[]): ReturnType<typeof kubeseal> {
  return kubeseal(['lint', ...args], { cwd });
}

suite('kubeseal lint --fix', () => {
  test('mends what is safe to mend, keeps every other byte, and changes nothing the second time', async () => {
    const file = folder.write('wrong.yaml', WRONG);
    const first = await lint('--fix', 'wrong.yaml');
    assert.deepEqual([first.code, first.stdout], [0, '']);
    assert.match(
      first.stderr,
      /^mended wrong\.yaml:7: S005 schema: SealedSecret shop\/db: .*\nmended .*S006/,
    );
    assert.match(first.stderr, /\nno problems in 1 file\n$/);
    assert.equal(readFileSync(file, 'utf8'), RIGHT);
    const second = await lint('--fix', 'wrong.yaml');
    assert.deepEqual([second.code, second.stderr], [0, 'no problems in 1 file\n']);
    assert.equal(readFileSync(file, 'utf8'), RIGHT);
  });

  test('says what is left to do for a copy of a Secret that it removed', async () => {
    const copy = JSON.stringify({ kind: 'Secret', stringData: { password: 'example' } });
    const annotation = `    kubectl.kubernetes.io/last-applied-configuration: '${copy}'\n`;
    folder.write('copy.yaml', RIGHT.replace('annotations:\n', `annotations:\n${annotation}`));
    const { code, stderr } = await lint('--fix', 'copy.yaml');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^mended copy\.yaml:\d+: S010 .*; change the values, which stay in the history$/m);
  });

  test('changes no file with --dry-run, and still reports the findings', async () => {
    const file = folder.write('dry.yaml', WRONG);
    const ran = await lint('--fix', '--dry-run', 'dry.yaml');
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /^dry\.yaml:7:3: note S005 .*\n.*\ndry\.yaml:10:5: warning S006 /);
    assert.match(ran.stderr, /^would mend dry\.yaml:7: S005/);
    assert.equal(readFileSync(file, 'utf8'), WRONG);
  });

  test('leaves a template as it is, since it cannot know what its actions make', async () => {
    const copy = `    kubectl.kubernetes.io/last-applied-configuration: '{"kind":"Secret","data":{"a":"eA=="}}'\n`;
    const named = WRONG.replace('name: db', 'name: {{ .Release.Name }}');
    const text = named.replace('annotations:\n', `annotations:\n${copy}`);
    const file = folder.write('template.yaml', text);
    const ran = await lint('--fix', 'template.yaml');
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /S010/);
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  test('leaves a finding that a comment ignores', async () => {
    const text = WRONG.replace(
      '# A comment stays.',
      '# kubeseal-lint: ignore S005, S006 both are on purpose',
    );
    const file = folder.write('ignored.yaml', text);
    assert.equal((await lint('--fix', 'ignored.yaml')).code, 0);
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  test('refuses stdin, which it cannot mend', async () => {
    const ran = await kubeseal(['lint', '--fix', '-'], { cwd, stdin: WRONG });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^error: lint: --fix mends files, and not stdin\n/);
  });

  test('mends JSON, and a file with a byte order mark', async () => {
    const object = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', creationTimestamp: null },
      spec: { encryptedData: { password: 'AAEBAAAAAAAAAAAAAAAAAAAAAAAA' } },
    };
    folder.write('wrong.json', JSON.stringify(object, null, 2));
    writeFileSync(join(cwd, 'bom.yaml'), `\ufeff${WRONG}`);
    assert.equal((await lint('--fix', 'wrong.json', 'bom.yaml')).code, 0);
    assert.ok(!readFileSync(join(cwd, 'wrong.json'), 'utf8').includes('creationTimestamp'));
    assert.equal(readFileSync(join(cwd, 'bom.yaml'), 'utf8'), `\ufeff${RIGHT}`);
  });
});
