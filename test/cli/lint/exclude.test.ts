import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { kubeseal } from '../../support/run.ts';
import { treeOf } from '../tree.ts';

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: example}\n';
const EXCLUDES = 'lint:\n  exclude: [vendor/, old.yaml]\n';

/** Runs `kubeseal lint ARGS` in a folder with files. Returns the exit code and the files with findings. */
async function lint(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<unknown[]> {
  const { code, stdout, stderr } = await kubeseal(['lint', ...args], { cwd: treeOf(files) });
  assert.doesNotMatch(stderr, /could not/, stderr);
  return [code, ...[...stdout.matchAll(/^(\S+):\d+:\d+: error S001/gm)].map(([, file]) => file).sort()];
}

suite('lint.exclude', () => {
  const repository = { '.git/HEAD': '', '.kubeseal.yaml': EXCLUDES };

  test('leaves out folders and files, also if they are named', async () => {
    const files = { ...repository, 'vendor/a.yaml': SECRET, 'old.yaml': SECRET, 'new.yaml': SECRET };
    assert.deepEqual(await lint(files), [1, 'new.yaml']);
    assert.deepEqual(await lint(files, 'vendor/a.yaml', 'vendor', 'old.yaml'), [0]);
  });

  test('counts below another .kubeseal.yaml, even one with a mistake', async () => {
    const files = {
      ...repository,
      'vendor/chart/a.yaml': SECRET,
      'own/old.yaml': SECRET,
      'own/a.yaml': SECRET,
    };
    const nested = {
      'vendor/chart/.kubeseal.yaml': 'mistake: true\n',
      'own/.kubeseal.yaml': 'scope: strict\n',
    };
    assert.deepEqual(await lint({ ...files, ...nested }), [1, 'own/a.yaml']);
  });

  test('ends at the root of a repository, and counts alone with --config', async () => {
    const inner = { 'vendor/inner/.git/HEAD': '', 'vendor/inner/a.yaml': SECRET };
    assert.deepEqual(await lint({ ...repository, ...inner }, 'vendor/inner'), [1, 'vendor/inner/a.yaml']);
    const files = { ...repository, 'other.yaml': 'lint: {exclude: [a.yaml]}\n', 'a.yaml': SECRET };
    assert.deepEqual(await lint({ ...files, 'old.yaml': SECRET }, '--config', 'other.yaml'), [1, 'old.yaml']);
  });

  test('of a folder above does not count outside of a repository', async () => {
    const files = {
      '.kubeseal.yaml': EXCLUDES,
      'own/.kubeseal.yaml': 'scope: strict\n',
      'own/old.yaml': SECRET,
    };
    assert.deepEqual(await lint(files), [1, 'own/old.yaml']);
  });
});

test('--exclude counts for named files as well, from the working folder', async () => {
  const files = { 'vendor/a.yaml': SECRET, 'old.yaml': SECRET, 'new.yaml': SECRET };
  const named = ['vendor/a.yaml', './old.yaml', 'new.yaml'];
  assert.deepEqual(await lint(files, '--exclude', 'vendor/', '--exclude', '/old.yaml', ...named), [
    1,
    'new.yaml',
  ]);
});
