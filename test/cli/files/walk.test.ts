import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { WalkOptions } from '../../../cli/files/folder-walk.ts';
import { walk } from '../../../cli/files/walk.ts';
import { Failure } from '../../../shared/errors.ts';
import { randomFrom } from '../../support/random.ts';
import { treeOf } from '../tree.ts';

const NO_OPTIONS: WalkOptions = { include: [], exclude: [] };
const SEED = Number(process.env['WALK_SEED'] ?? 1);

/** Returns the files that are found in a folder, or failures in words, relative to the folder. */
async function found(
  root: string,
  options = NO_OPTIONS,
  words: readonly string[] = [root],
): Promise<string[]> {
  const all: string[] = [];
  for await (const each of walk(words, options)) {
    all.push((each instanceof Failure ? each.describe() : each.shown).replaceAll(`${root}/`, ''));
  }
  return all;
}

suite('a walk through a folder', () => {
  test('finds YAML and JSON files in the order of their names, also hidden ones, and not those of Git', async () => {
    const root = treeOf({
      'b.yaml': '',
      'a/z.yml': '',
      'a/a.JSON': '',
      'a.txt': '',
      '.hidden/c.yaml': '',
      '.git/config.yaml': '',
      'sub/.git/config.yaml': '',
      'sub/d.json': '',
      yaml: '',
    });
    assert.deepEqual(await found(root), ['.hidden/c.yaml', 'a/a.JSON', 'a/z.yml', 'b.yaml', 'sub/d.json']);
  });

  test('takes files that are named as they are, and each file once', async () => {
    const root = treeOf({ 'a.txt': '', 'b.yaml': '', '.gitignore': '*' });
    const words = [`${root}/a.txt`, root, `${root}/b.yaml`, `${root}/./b.yaml`, `${root}/nosuch.yaml`];
    assert.deepEqual(await found(root, NO_OPTIONS, words), [
      'a.txt',
      'b.yaml',
      'open nosuch.yaml: no such file or directory',
    ]);
  });

  test('follows a link that is named, and no link in the folder', async () => {
    const outside = treeOf({ 'secret.yaml': '', 'sub/deep.yaml': '' });
    const root = treeOf({ 'in.yaml': '' });
    symlinkSync(`${outside}/secret.yaml`, `${root}/file.yaml`);
    symlinkSync(`${outside}/sub`, `${root}/sub`);
    symlinkSync('in.yaml', `${root}/again.yaml`);
    symlinkSync('.', `${root}/loop`);
    symlinkSync(root, `${outside}/link`);
    assert.deepEqual(await found(root), ['in.yaml']);
    assert.deepEqual(await found(outside, NO_OPTIONS, [`${outside}/link`, root]), ['link/in.yaml']);
    assert.deepEqual(await found(root, NO_OPTIONS, [`${root}/again.yaml`, root]), ['again.yaml']);
  });

  test('reports what is neither a file nor a folder, if it is named', async () => {
    const root = treeOf({});
    execFileSync('mkfifo', [`${root}/pipe.yaml`]);
    assert.deepEqual(await found(root), []);
    assert.deepEqual(await found(root, NO_OPTIONS, [`${root}/pipe.yaml`]), [
      'cannot read pipe.yaml: not a file or folder',
    ]);
  });

  const files = { 'a.yaml': '', 'prod/a.yaml': '', 'prod/db/b.yaml': '', 'dev/b.yaml': '' };
  const globs: [string, { include?: string[]; exclude?: string[] }, string[]][] = [
    ['--include of a name', { include: ['a.yaml'] }, ['a.yaml', 'prod/a.yaml']],
    ['--include of a folder', { include: ['prod'] }, ['prod/a.yaml', 'prod/db/b.yaml']],
    ['--include from the top', { include: ['/*.yaml'] }, ['a.yaml']],
    ['several --include', { include: ['/a.yaml', 'dev/'] }, ['a.yaml', 'dev/b.yaml']],
    ['--exclude of a folder', { exclude: ['prod/'] }, ['a.yaml', 'dev/b.yaml']],
    ['--exclude with an exception', { exclude: ['*.yaml', '!b.yaml'] }, ['dev/b.yaml', 'prod/db/b.yaml']],
    ['both', { include: ['prod'], exclude: ['**/db/*'] }, ['prod/a.yaml']],
    ['a malformed pattern', { exclude: ['[a'] }, ['a.yaml', 'dev/b.yaml', 'prod/a.yaml', 'prod/db/b.yaml']],
  ];
  for (const [what, options, wanted] of globs) {
    test(`takes the files that fit ${what}`, async () => {
      assert.deepEqual(await found(treeOf(files), { ...NO_OPTIONS, ...options }), wanted);
    });
  }

  test('takes time that a hostile pattern does not make explode', async () => {
    const root = treeOf({ '.gitignore': `${'*a'.repeat(60)}b\n`, [`${'a'.repeat(200)}.yaml`]: '' });
    assert.equal((await found(root)).length, 1);
  });
});

suite('.gitignore', () => {
  test('of the folders above counts up to the root of the repository', async () => {
    const root = treeOf({
      '.gitignore': 'x.yaml',
      'repo/.git/info/exclude': 'local.yaml',
      'repo/.gitignore': '/apps/*/gen\n*.tmp.yaml\n',
      'repo/apps/one/.gitignore': '!keep.tmp.yaml\n',
      'repo/apps/one/gen/a.yaml': '',
      'repo/apps/one/x.yaml': '',
      'repo/apps/one/local.yaml': '',
      'repo/apps/one/a.tmp.yaml': '',
      'repo/apps/one/keep.tmp.yaml': '',
    });
    const apps = `${root}/repo/apps`;
    assert.deepEqual(await found(apps), ['one/keep.tmp.yaml', 'one/x.yaml']);
    assert.deepEqual(await found(`${apps}/one`), ['keep.tmp.yaml', 'x.yaml']);
  });

  test('that is a link is not followed, as in Git', async () => {
    const root = treeOf({ 'a.yaml': '', rules: '*' });
    symlinkSync('rules', `${root}/.gitignore`);
    assert.deepEqual(await found(root), ['a.yaml']);
  });

  const hasGit = spawnSync('git', ['--version']).status === 0;

  test(`ignores what Git ignores, at random (WALK_SEED=${SEED})`, { skip: !hasGit && 'no git' }, async () => {
    const next = randomFrom(SEED);
    const oneOf = (all: readonly string[]): string => all[Math.floor(next() * all.length)] ?? '';
    const times = (max: number): number => Math.floor(next() * (max + 1));
    const NAMES = ['a', 'b', 'ab', 'a-b', 'A', ' a', '#a', '!b', 'é'];
    const PIECES = [
      'a',
      'b',
      '*',
      '**',
      '?',
      '[ab]',
      '[!a]',
      '[^b-z]',
      '[[:upper:]]',
      '\\a',
      '\\*',
      '-',
      ' ',
      'é',
      '[]a]',
      '[a',
    ];
    const segment = (): string => Array.from({ length: 1 + times(2) }, () => oneOf(PIECES)).join('');
    const pattern = (): string => {
      const body = Array.from({ length: 1 + times(2) }, () => (next() < 0.2 ? '**' : segment())).join('/');
      const file = next() < 0.4 ? '.yaml' : '';
      return `${oneOf(['', '', '!', '\\', '#'])}${oneOf(['', '', '/'])}${body}${file}${oneOf(['', '', '/', ' ', '\\ '])}`;
    };
    for (let run = 0; run < 60; run++) {
      const files: Record<string, string> = {};
      for (let file = 0; file < 12; file++) {
        const path = Array.from({ length: times(3) }, () => oneOf(NAMES));
        files[[...path, `${oneOf(NAMES)}.yaml`].join('/')] = '';
        if (next() < 0.4)
          files[[...path, '.gitignore'].join('/')] = Array.from({ length: 1 + times(4) }, pattern).join(
            oneOf(['\n', '\r\n']),
          );
      }
      const root = treeOf(files);
      const git = (...args: string[]): string =>
        execFileSync('git', ['-C', root, ...args], {
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
        });
      git('init', '-q');
      const listed = git('ls-files', '-z', '--others', '--exclude-standard').split('\0');
      const wanted = listed.filter((name) => name.endsWith('.yaml'));
      assert.deepEqual((await found(root)).toSorted(), wanted.toSorted(), JSON.stringify(files, null, 1));
    }
  });
});

/** The environment of git, without the user's configuration. */
const GIT_ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

suite('a worktree of Git', () => {
  test('is searched as its repository is, with what .git/info/exclude ignores', async () => {
    const root = treeOf({ 'main/a.yaml': '' });
    const git = (...args: readonly string[]): void => {
      execFileSync('git', args, { cwd: `${root}/main`, env: GIT_ENVIRONMENT, stdio: 'ignore' });
    };
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
    git('worktree', 'add', '-q', '../other');
    writeFileSync(`${root}/main/.git/info/exclude`, 'local.yaml\n');
    writeFileSync(`${root}/other/local.yaml`, '');
    assert.deepEqual(await found(`${root}/other`), ['a.yaml']);
  });
});
