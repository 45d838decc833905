import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { configWith } from './hook-environment.ts';
import { HookedRepository } from './hooked-repository.ts';
import { noPythonTools, PYTHON_TOOLS } from './python-tools.ts';
import { CONFIG_MAP, PASSWORD, PLAIN } from './workspace.ts';

const COMMIT = 'git commit -q -m Change';
const KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '-----END PRIVATE KEY-----\n',
].join('\n');

const folder = temporaryFolder();

function refused(ran: Ran, pattern: RegExp): void {
  assert.notEqual(ran.code, 0);
  assert.match(ran.stdout + ran.stderr, pattern);
  assert.doesNotMatch(ran.stdout + ran.stderr, new RegExp(PASSWORD));
}

suite('the hooks for pre-commit', { skip: noPythonTools }, () => {
  test('are valid for pre-commit', async () => {
    const args = ['validate-manifest', join(PACKAGE, '.pre-commit-hooks.yaml')];
    const ran = await run(join(PYTHON_TOOLS, 'pre-commit'), args);
    assert.equal(ran.code, 0, ran.stdout);
  });

  test('let a commit pass that is in order', async () => {
    const repository = await HookedRepository.create(folder.path);
    const readme = `A Secret has a \`password\`:\n\n\`\`\`yaml\n${PLAIN}\`\`\`\n`;
    repository.write({ 'web.yaml': CONFIG_MAP, 'README.md': readme });
    await repository.follow(`git add . && ${COMMIT}`);
  });

  test('refuse a commit with a Secret in plain text, and do not print its value', async () => {
    const repository = await HookedRepository.create(folder.path);
    repository.write({ 'shop/db.yaml': PLAIN });
    refused(await repository.run(`git add . && ${COMMIT}`), /shop\/db\.yaml:\d+:\d+: error S001/);
    assert.equal(await repository.follow('git log --format=%s'), 'Start\n');
  });

  test('refuse a commit with a private key, whatever the file is called', async () => {
    const repository = await HookedRepository.create(folder.path);
    repository.write({ id_ed25519: KEY });
    refused(await repository.run(`git add . && ${COMMIT}`), /id_ed25519:1:1: error S013/);
  });

  test('check what is staged, and not what the working tree has', async () => {
    const repository = await HookedRepository.create(folder.path);
    repository.write({ 'db.yaml': PLAIN });
    await repository.follow('git add .');
    repository.write({ 'db.yaml': CONFIG_MAP });
    refused(await repository.run(COMMIT), /db\.yaml:\d+:\d+: error S001/);
    await repository.follow('git add .');
    repository.write({ 'db.yaml': PLAIN });
    await repository.follow(COMMIT);
    assert.equal(await repository.follow('git show HEAD:db.yaml'), CONFIG_MAP);
    assert.equal(await repository.follow('cat db.yaml'), PLAIN);
  });

  test('check the staged part of a file whose other part is not staged', async () => {
    const repository = await HookedRepository.create(folder.path, { 'all.yaml': CONFIG_MAP });
    repository.write({ 'all.yaml': `${CONFIG_MAP}---\n${CONFIG_MAP}` });
    await repository.follow('git add .');
    repository.write({ 'all.yaml': `${CONFIG_MAP}---\n${CONFIG_MAP}---\n${PLAIN}` });
    await repository.follow(COMMIT);
    refused(await repository.run(`git add . && ${COMMIT}`), /all\.yaml:\d+:\d+: error S001/);
  });

  test('let the removal of a Secret pass, and refuse its renaming', async () => {
    const repository = await HookedRepository.create(folder.path, { 'db.yaml': PLAIN, 'old.yaml': PLAIN });
    await repository.follow(`git rm -q old.yaml && ${COMMIT}`);
    refused(await repository.run(`git mv db.yaml web.yaml && ${COMMIT}`), /web\.yaml:\d+:\d+: error S001/);
  });

  test('find with "--all-files" what was committed before', async () => {
    const repository = await HookedRepository.create(folder.path, {
      'a/db.yaml': PLAIN,
      'b.yaml': CONFIG_MAP,
    });
    refused(await repository.run('pre-commit run --all-files'), /a\/db\.yaml:\d+:\d+: error S001/);
  });

  test('respect a comment that ignores a rule for a reason', async () => {
    const repository = await HookedRepository.create(folder.path);
    repository.write({ 'db.yaml': `# kubeseal-lint: ignore S001 the password of a test\n${PLAIN}` });
    await repository.follow(`git add . && ${COMMIT}`);
  });

  test('pass names of any characters on', async () => {
    const repository = await HookedRepository.create(folder.path);
    repository.write({ '-w': CONFIG_MAP, "a 'b' $(id)\n.yaml": PLAIN });
    refused(await repository.run(`git add . && ${COMMIT}`), /\.yaml:\d+:\d+: error S001/);
  });

  test('can be restricted to plain Secrets and private keys', async () => {
    const config = configWith('kubeseal-no-plaintext');
    const repository = await HookedRepository.create(folder.path, {}, config);
    const sealed =
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  generateName: x\nspec: {}\n';
    repository.write({ 'sealed.yaml': sealed });
    await repository.follow(`git add . && ${COMMIT}`);
    repository.write({ 'db.yaml': PLAIN });
    refused(await repository.run(`git add . && ${COMMIT}`), /db\.yaml:\d+:\d+: error S001/);
  });
});
