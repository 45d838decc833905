import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { clusterNamed, clusterOf } from '../../../cli/config/cluster-of.ts';
import type { RepositoryConfig } from '../../../cli/config/config.ts';
import { parseConfig } from '../../../cli/config/parse-config.ts';
import { failureOf } from '../../../shared/errors.ts';
import { treeOf } from '../tree.ts';

const root = realpathSync(treeOf({ 'overlays/prod/db.yaml': '' }));

function configOf(clusters: object): RepositoryConfig {
  const text = JSON.stringify({ clusters });
  return parseConfig(Buffer.from(text), { file: '.kubeseal.yaml', folder: root });
}

function withPaths(...paths: string[]): RepositoryConfig {
  return configOf({ prod: { context: 'prod', paths } });
}

suite('the cluster of a path', () => {
  const cases: readonly (readonly [paths: string[], fitting: string[], others: string[]])[] = [
    [
      ['overlays/prod/'],
      ['overlays/prod/db.yaml', 'overlays/prod/a/b.yaml'],
      ['overlays/prod.yaml', 'prod/a.yaml'],
    ],
    [['prod/'], ['prod/a.yaml', 'overlays/prod/a.yaml'], ['prod', 'production/a.yaml']],
    [['/prod/'], ['prod/a.yaml'], ['overlays/prod/a.yaml']],
    [['clusters/prod/**'], ['clusters/prod/a.yaml', 'clusters/prod/a/b.yaml'], ['clusters/a.yaml']],
    [['**/prod/*.yaml'], ['prod/a.yaml', 'a/b/prod/a.yaml'], ['prod/a.json', 'prod/a/b.yaml']],
    [['*-prod.yaml'], ['db-prod.yaml', 'a/db-prod.yaml'], ['db-prod.json']],
    [
      ['a/', '!a/b/'],
      ['a/x.yaml', 'a/c/x.yaml'],
      ['a/b/x.yaml', 'a/b/c/x.yaml'],
    ],
    [['a/', '!a/b/', 'a/b/c/'], ['a/b/c/x.yaml'], ['a/b/x.yaml']],
  ];
  for (const [paths, fitting, others] of cases) {
    test(`is found by ${paths.join(' ')}`, () => {
      const config = withPaths(...paths);
      for (const path of fitting) assert.equal(clusterOf(config, join(root, path))?.name, 'prod', path);
      for (const path of others) assert.equal(clusterOf(config, join(root, path)), undefined, path);
    });
  }

  test('is the first one with a pattern that fits, else the one without patterns', () => {
    const config = configOf({
      rest: { context: 'r' },
      prod: { context: 'p', paths: ['a/'] },
      other: { context: 'o', paths: ['a/', 'b/'] },
    });
    const names = ['a/x', 'b/x', 'c/x', '../x'].map((path) => clusterOf(config, join(root, path))?.name);
    assert.deepEqual(names, ['prod', 'other', 'rest', 'rest']);
  });

  test('is unknown if several clusters have no patterns', () => {
    const config = configOf({
      prod: { context: 'p' },
      staging: { context: 's' },
      dev: { context: 'd', paths: ['dev/'] },
    });
    const names = ['a/x', 'dev/x'].map((path) => clusterOf(config, join(root, path))?.name);
    assert.deepEqual(names, [undefined, 'dev']);
  });

  test('is no cluster with patterns for a path outside of the folder of the file', () => {
    assert.equal(clusterOf(withPaths('*'), join(root, '../x.yaml')), undefined);
  });

  test('is that of the working folder for stdin', () => {
    const before = process.cwd();
    try {
      process.chdir(join(root, 'overlays/prod'));
      assert.equal(clusterOf(withPaths('overlays/prod/'), undefined)?.name, 'prod');
      assert.equal(clusterOf(withPaths('overlays/*.yaml'), undefined), undefined);
      process.chdir(root);
      assert.equal(clusterOf(withPaths('overlays/prod/'), undefined), undefined);
      assert.equal(clusterOf(withPaths('*'), undefined)?.name, 'prod');
    } finally {
      process.chdir(before);
    }
  });
});

test('a cluster that does not exist is refused with the nearest name', () => {
  const config = configOf({ prod: { context: 'p' }, staging: { context: 's' } });
  assert.equal(clusterNamed(config, 'staging').context, 's');
  const problem = (name: string): string => {
    try {
      return clusterNamed(config, name).name;
    } catch (error) {
      return failureOf(error, 'the test').describe();
    }
  };
  assert.equal(problem('prd'), '.kubeseal.yaml has no cluster "prd"; did you mean "prod"?');
  assert.equal(problem('testing1'), '.kubeseal.yaml has no cluster "testing1": it has prod, staging');
});
