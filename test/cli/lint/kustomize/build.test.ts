import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { originOf, withoutOrigins } from '../../../../cli/lint/kustomize/origins.ts';
import { findBinaries } from '../../../control-plane/binaries.ts';
import { kubeseal, run, type Ran } from '../../../support/run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const CIPHERTEXT = 'AAEBAAAAAAAAAAAAAAAAAAAAAAAA';
const PASSWORD = 'plain-password-canary';

/** Returns a SealedSecret with the same ciphertext under any name. */
function sealed(name: string): string {
  return `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: { name: ${name}, namespace: shop }
spec: { encryptedData: { password: ${CIPHERTEXT} } }
`;
}

const FILES = {
  'base/db.yaml': `# Two of them.
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
spec:
  encryptedData:
    password: ${CIPHERTEXT}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: wide
  namespace: shop
  annotations:
    sealedsecrets.bitnami.com/cluster-wide: "true"
spec:
  encryptedData:
    user: ${CIPHERTEXT}
`,
  'base/kustomization.yaml': 'resources: [db.yaml]\n',
  'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
  'generated/kustomization.yaml': `resources: [../base]
secretGenerator: [{ name: generated, literals: [password=${PASSWORD}] }]
`,
  'elsewhere/kustomization.yaml': 'resources: [../base]\nnamespace: elsewhere\n',
  'several/kustomization.yaml': 'resources: [../elsewhere, ../base]\n',
  'twins/kustomization.yaml': 'resources: [db.yaml]\n',
  'twins/db.yaml': ['one', 'two'].map((name) => sealed(name)).join('---\n'),
  'broken/kustomization.yaml': 'resources: [missing.yaml]\n',
  'leaking/kustomization.yaml': `secretGenerator: [{ name: leaking, literals: [${PASSWORD}] }]\n`,
};

const folder = temporaryFolder();
let programs: ReadonlyMap<string, string>;

/** Returns a PATH with these programs alone. */
function pathWith(...names: readonly string[]): string {
  const bin = mkdtempSync(join(folder.path, 'bin-'));
  for (const name of names) symlinkSync(programs.get(name) ?? '', join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}

async function lint(path: string, ...args: readonly string[]): Promise<Ran> {
  return kubeseal(['lint', ...args], {
    cwd: folder.path,
    env: { PATH: path, TMPDIR: join(folder.path, 'tmp') },
  });
}

suite('lint --kustomize', () => {
  before(async () => {
    programs = await findBinaries(['kubectl', 'kustomize'], () => undefined);
    for (const [name, text] of Object.entries({ ...FILES, 'tmp/.keep': '' })) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true });
      writeFileSync(join(folder.path, name), text);
    }
  });

  for (const program of ['kubectl', 'kustomize']) {
    suite(`with ${program}`, () => {
      let path: string;
      before(() => {
        path = pathWith(program);
      });

      test('finds in its file a SealedSecret that the build renames', async () => {
        const { code, stdout } = await lint(path, '--kustomize', 'prod', '--only', 'S002');
        assert.equal(code, 1);
        assert.match(
          stdout,
          /^base\/db\.yaml:5:\d+: error S002 wrong-place: .* prod moves it to shop\/prod-db/m,
        );
        assert.doesNotMatch(stdout, /wide|kustomize build/);
      });

      test('finds nothing wrong with names that stay', async () => {
        const { code, stdout } = await lint(path, '--kustomize', 'base', '--only', 'S002');
        assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
      });

      test('finds each place that a build gives a SealedSecret', async () => {
        const { code, stdout } = await lint(path, '--kustomize', 'several', '--only', 'S002');
        assert.equal(code, 1);
        assert.match(stdout, /^base\/db\.yaml:6:\d+: error S002 .* several moves it to elsewhere\/db/m);
      });

      test('does not take one SealedSecret for another with the same ciphertexts', async () => {
        const { code, stdout } = await lint(path, '--kustomize', 'twins', '--only', 'S002');
        assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
      });

      test('finds what is generated, at the line of a plain build', async () => {
        const { code, stdout } = await lint(path, '--kustomize', 'generated', '--only', 'S001');
        assert.equal(code, 1);
        const line = Number(/^generated \(kustomize build\):(\d+):\d+: error S001/m.exec(stdout)?.[1]);
        const verb = program === 'kubectl' ? 'kustomize' : 'build';
        const plain = await run(programs.get(program) ?? '', [verb, join(folder.path, 'generated')]);
        assert.match(plain.stdout.split('\n')[line - 1] ?? '', /^ {2}password: /);
        assert.ok(!stdout.includes(PASSWORD) && !stdout.includes(Buffer.from(PASSWORD).toString('base64')));
      });

      test('shows why a build fails, and exits with 2', async () => {
        const { code, stderr } = await lint(path, '--kustomize', 'broken');
        assert.equal(code, 2);
        assert.match(
          stderr,
          /broken: (kubectl kustomize|kustomize build) failed \(.*missing\.yaml: no such file/,
        );
      });

      test('does not show a reason that quotes a value', async () => {
        const { code, stderr } = await lint(path, '--kustomize', 'leaking');
        assert.equal(code, 2);
        assert.match(
          stderr,
          /leaking: (kubectl kustomize|kustomize build) failed \(its message may quote a value\); run it/,
        );
        assert.ok(!stderr.includes(PASSWORD));
      });

      test('leaves no file behind', () => {
        assert.deepEqual(readdirSync(join(folder.path, 'tmp')), ['.keep']);
        assert.deepEqual(readdirSync(join(folder.path, 'prod')), ['kustomization.yaml']);
      });
    });
  }

  test('says so if neither program is installed', async () => {
    const { code, stderr } = await lint(pathWith(), '--kustomize', 'prod');
    assert.equal(code, 2);
    assert.match(stderr, /neither kustomize nor kubectl is on PATH/);
  });

  test('refuses what is not a folder', async () => {
    const { code, stderr } = await lint(pathWith(), '--kustomize', 'https://example.com/x');
    assert.equal(code, 2);
    assert.match(stderr, /cannot read https:\/\/example\.com\/x: no such file or directory/);
  });

  test('stops a build that prints without end', async () => {
    const bin = pathWith();
    writeFileSync(join(bin, 'kustomize'), '#!/bin/sh\nexec /bin/cat /dev/zero\n');
    chmodSync(join(bin, 'kustomize'), 0o755);
    const { code, stderr } = await lint(bin, '--kustomize', 'prod');
    assert.equal(code, 2);
    assert.match(stderr, /the output of kustomize is larger than 64 MiB/);
  });
});

suite('the origin of a built object', () => {
  const built = (annotations: string): string =>
    `kind: ConfigMap\nmetadata:\n${annotations}  name: a\ndata:\n  b: |\n    metadata:\n      annotations:\n`;
  const origin = '    config.kubernetes.io/origin: |\n      path: base/db.yaml\n';

  test('is taken out of the metadata alone', () => {
    const text = `${built(`  annotations:\n${origin}`)}---\n${built(`  annotations:\n    a: b\n${origin}    z: "1"\n`)}`;
    assert.equal(withoutOrigins(text), `${built('')}---\n${built('  annotations:\n    a: b\n    z: "1"\n')}`);
  });

  test('stays where it is a value', () => {
    const text = `kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  b: |\n    config.kubernetes.io/origin: |\n      path: c\n`;
    assert.equal(withoutOrigins(text), text);
  });

  test('is a file of this machine', () => {
    folder.write('db.yaml', '');
    assert.equal(originOf('path: db.yaml\n', folder.path), join(folder.path, 'db.yaml'));
    assert.equal(originOf('path: missing.yaml\n', folder.path), undefined);
    assert.equal(originOf('path: db.yaml\nrepo: https://example.com/a\nref: main\n', folder.path), undefined);
  });
});
