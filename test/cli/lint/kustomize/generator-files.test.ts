import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificateOf, rsa } from '../../../support/keys.ts';
import { kubeseal } from '../../../support/run.ts';
import { treeOf } from '../../tree.ts';

const SOPS = 'PASSWORD=ENC[AES256_GCM,data:Z2Fh,iv:AAAA,tag:BBBB,type:str]\nsops_version=3.9.0\n';
const CERTIFICATE = await certificateOf(rsa());

/** Returns the entries of a kustomization that lint warns of, and the exit code. */
async function lint(generator: string, files: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const cwd = treeOf({
    '.git/HEAD': '',
    'prod/kustomization.yaml': `secretGenerator: [{name: db, ${generator}}]\n`,
    ...files,
  });
  const { code, stdout, stderr } = await kubeseal(['lint'], { cwd });
  const found = [
    ...stdout.matchAll(/ warning S001 .*: a generator of Secrets reads a file in plain text: (\S+)$/gm),
  ];
  assert.equal(stdout.match(/ S\d+ /g)?.length ?? 0, found.length, stdout + stderr);
  return [code, ...found.map(([, entry]) => entry)];
}

suite('S001 warns of a file of a secretGenerator', () => {
  const entry = (name: string): string => `secretGenerator[0].${name}`;

  test('with values in plain text', async () => {
    const files = { 'prod/db.env': '# settings\n\nPASSWORD=hunter2\n' };
    assert.deepEqual(await lint('envs: [db.env]', files), [1, entry('envs[0]')]);
    assert.deepEqual(await lint('env: db.env', files), [1, entry('env')]);
    assert.deepEqual(await lint('envs: [../shared/db.env]', { 'shared/db.env': 'A=b\n' }), [
      1,
      entry('envs[0]'),
    ]);
  });

  test('that is one value', async () => {
    const files = { 'prod/password': 'hunter2', 'prod/empty': '\n' };
    assert.deepEqual(await lint('files: [empty, key=password, password]', files), [
      1,
      entry('files[1]'),
      entry('files[2]'),
    ]);
  });
});

suite('S001 accepts a file of a secretGenerator', () => {
  const accepted: readonly (readonly [what: string, generator: string, files: Record<string, string>])[] = [
    ['that Git ignores', 'envs: [db.env]', { 'prod/db.env': 'A=b\n', '.gitignore': '*.env\n' }],
    [
      'in a folder that Git ignores',
      'envs: [x/db.env]',
      { 'prod/x/db.env': 'A=b\n', '.gitignore': 'prod/x/\n' },
    ],
    ['that does not exist', 'envs: [db.env], files: [gone]', {}],
    ['without values', 'envs: [db.env]', { 'prod/db.env': '# A=b\nHOME\nEMPTY=\n' }],
    ['with placeholders', 'envs: [db.env], files: [a]', { 'prod/db.env': 'A=${A}\n', 'prod/a': '${A}' }],
    ['that SOPS encrypted', 'envs: [db.env], files: [db.env]', { 'prod/db.env': SOPS }],
    ['of a certificate', 'files: [tls.crt]', { 'prod/tls.crt': CERTIFICATE }],
    ['outside of the repository', 'files: [../../../../../../etc/hostname]', {}],
  ];
  for (const [what, generator, files] of accepted)
    test(what, async () => assert.deepEqual(await lint(generator, files), [0]));
});
