import assert from 'node:assert/strict';
import { chownSync, lchownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ConfigSearch, findConfig } from '../../../cli/config/find-config.ts';
import { failureOf } from '../../../shared/errors.ts';
import { treeOf } from '../tree.ts';

const CONTEXT = { environment: {} };
/** The user nobody. */
const OTHER = 65_534;
const AS_ROOT = { skip: process.getuid?.() === 0 ? false : 'needs root' };

/** Returns the folder of the configuration that is found, relative to the root; undefined if there is none. */
async function folderFor(root: string, path: string, config?: string): Promise<string | undefined> {
  const found = await findConfig(join(root, path), { config }, CONTEXT);
  return found?.folder.replace(realpathSync(root), '.');
}

async function problemOf(path: string, config?: string): Promise<string> {
  try {
    await findConfig(path, { config }, CONTEXT);
  } catch (error) {
    return failureOf(error, 'the test').describe();
  }
  return '';
}

suite('the search for .kubeseal.yaml', () => {
  test('finds the nearest file from the folder of a path upwards', async () => {
    const root = treeOf({
      '.kubeseal.yaml': 'scope: strict\n',
      '.git/HEAD': '',
      'a/.kubeseal.yaml': '',
      'a/b/c.yaml': '',
      'd/e.yaml': '',
    });
    assert.equal(await folderFor(root, 'a/b/c.yaml'), './a');
    assert.equal(await folderFor(root, 'a/b'), './a');
    assert.equal(await folderFor(root, 'a'), './a');
    assert.equal(await folderFor(root, 'd/e.yaml'), '.');
    assert.equal(await folderFor(root, 'new.yaml'), '.');
    assert.equal(await folderFor(root, 'a/new/folder/new.yaml'), './a');
  });

  test('starts in the working folder without a path', async () => {
    const before = process.cwd();
    process.chdir(treeOf({ '.kubeseal.yaml': 'record: true\n', 'a/b': '' }));
    try {
      process.chdir('a');
      const found = await findConfig(undefined, { config: undefined }, CONTEXT);
      assert.deepEqual([found?.record, found?.file], [true, '../.kubeseal.yaml']);
    } finally {
      process.chdir(before);
    }
  });

  test('starts in the working folder for a device', async () => {
    const before = process.cwd();
    process.chdir(treeOf({ '.kubeseal.yaml': 'record: true\n' }));
    try {
      assert.equal((await findConfig('/dev/null', { config: undefined }, CONTEXT))?.record, true);
    } finally {
      process.chdir(before);
    }
  });

  test('ends at the root of a repository and of a worktree', async () => {
    const root = treeOf({
      '.kubeseal.yaml': '',
      'one/.git/HEAD': '',
      'two/.git': 'gitdir: x\n',
      'none/a': '',
    });
    assert.equal(await folderFor(root, 'one/a.yaml'), undefined);
    assert.equal(await folderFor(root, 'two/a.yaml'), undefined);
    assert.equal(await folderFor(root, 'none/a.yaml'), '.');
  });

  test('ends at the home folder', async () => {
    const root = realpathSync(treeOf({ '.kubeseal.yaml': '', 'home/a/b.yaml': '' }));
    const environment = { HOME: join(root, 'home') };
    const search = (path: string): Promise<unknown> =>
      findConfig(join(root, path), { config: undefined }, { environment });
    assert.equal(await search('home/a/b.yaml'), undefined);
    symlinkSync('home', join(root, 'link'));
    environment.HOME = join(root, 'link/');
    assert.equal(await search('home/a/b.yaml'), undefined);
    assert.notEqual(await search('other.yaml'), undefined);
    writeFileSync(join(root, 'home/.kubeseal.yaml'), '');
    assert.notEqual(await search('home/a/b.yaml'), undefined);
  });

  test('follows symbolic links of the path first', async () => {
    const root = treeOf({ 'a/.kubeseal.yaml': '', 'a/file.yaml': '', 'b/.kubeseal.yaml': '' });
    symlinkSync('../a/file.yaml', join(root, 'b/link.yaml'));
    symlinkSync('../a', join(root, 'b/folder'));
    symlinkSync('../a/missing.yaml', join(root, 'b/dangling.yaml'));
    assert.equal(await folderFor(root, 'b/link.yaml'), './a');
    assert.equal(await folderFor(root, 'b/folder/new.yaml'), './a');
    assert.equal(await folderFor(root, 'b/dangling.yaml'), './a');
    symlinkSync('loop.yaml', join(root, 'b/loop.yaml'));
    assert.equal(await folderFor(root, 'b/loop.yaml'), './b');
    assert.equal(await folderFor(root, 'b/nul\0.yaml'), './b');
    assert.equal(await folderFor(root, 'a/file.yaml/below.yaml'), './a');
  });

  test('takes the file of --config, or none', async () => {
    const root = treeOf({ '.kubeseal.yaml': '', 'other/own.yaml': '', 'a.yaml': '' });
    assert.equal(await folderFor(root, 'a.yaml', join(root, 'other/own.yaml')), './other');
    assert.equal(await folderFor(root, 'a.yaml', 'none'), undefined);
    const missing = join(root, 'missing.yaml');
    assert.equal(await problemOf(root, missing), `open ${missing}: no such file or directory`);
    assert.match(await problemOf(root, join(root, 'other')), /^cannot read .*other: not a file$/);
  });

  test('refuses a folder of this name, and a file of more than 1 MiB', async () => {
    const root = treeOf({ 'a/.kubeseal.yaml/x': '', 'b/.kubeseal.yaml': '#'.repeat(1024 * 1024 + 1) });
    assert.match(await problemOf(join(root, 'a')), /^cannot read .*a\/\.kubeseal\.yaml: not a file$/);
    assert.match(await problemOf(join(root, 'b')), /b\/\.kubeseal\.yaml is larger than 1 MiB$/);
  });

  test('reads a file once for many paths', async () => {
    const root = treeOf({ '.kubeseal.yaml': '', 'a/b.yaml': '' });
    const search = new ConfigSearch({ config: undefined }, CONTEXT);
    const first = await search.find(join(root, 'a/b.yaml'));
    assert.equal(await search.find(join(root, 'c.yaml')), first);
    assert.notEqual(first, undefined);
  });
});

suite('a .kubeseal.yaml of another user', AS_ROOT, () => {
  const foreign = /belongs to another user \(uid 65534\), who could choose the certificate/;

  test('is refused in a folder above', async () => {
    const root = treeOf({ '.kubeseal.yaml': '', 'own/a.yaml': '' });
    chownSync(join(root, '.kubeseal.yaml'), OTHER, OTHER);
    assert.match(await problemOf(join(root, 'own/a.yaml')), foreign);
    assert.match(await problemOf(join(root, 'b.yaml')), foreign);
    assert.equal(await problemOf(join(root, 'b.yaml'), join(root, '.kubeseal.yaml')), '');
  });

  test('is refused as a symbolic link to a file of this user', async () => {
    const root = treeOf({ 'own/.kubeseal.yaml': '', 'a/b.yaml': '' });
    symlinkSync('own/.kubeseal.yaml', join(root, '.kubeseal.yaml'));
    lchownSync(join(root, '.kubeseal.yaml'), OTHER, OTHER);
    assert.match(await problemOf(join(root, 'a/b.yaml')), foreign);
  });

  test('is refused in a repository of that user', async () => {
    const root = treeOf({ '.kubeseal.yaml': '', '.git/HEAD': '', 'own/a.yaml': '' });
    for (const name of ['.kubeseal.yaml', '.git']) chownSync(join(root, name), OTHER, OTHER);
    assert.match(await problemOf(join(root, 'own/a.yaml')), foreign);
  });

  test('counts as content of a repository of this user', async () => {
    const root = treeOf({ '.kubeseal.yaml': '', '.git/HEAD': '', 'own/a.yaml': '' });
    chownSync(join(root, '.kubeseal.yaml'), OTHER, OTHER);
    assert.equal(await problemOf(join(root, 'own/a.yaml')), '');
  });

  test('is used in a folder of that user, who decides there anyway', async () => {
    const root = treeOf({ '.kubeseal.yaml': '' });
    mkdirSync(join(root, 'theirs'));
    for (const name of ['.kubeseal.yaml', 'theirs']) chownSync(join(root, name), OTHER, OTHER);
    assert.equal(await problemOf(join(root, 'theirs/new.yaml')), '');
  });
});
