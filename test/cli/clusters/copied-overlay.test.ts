import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificatePem } from '../../support/vectors.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { itemsOf } from '../opened.ts';
import { KEYS, Repository, SECRET } from './repository.ts';

const folder = temporaryFolder();
const PROD = 'overlays/prod/db.yaml';
const STAGING = 'overlays/staging/db.yaml';
const ITEMS = [{ password: 'hunter2', user: 'bob' }];
const VALUES = ['password=hunter2', 'user=bob'];

/** A repository whose overlay of staging is a copy of that of prod, which the cache knows. */
async function copied(...annotations: readonly string[]): Promise<{
  readonly repository: Repository;
  readonly run: (args: readonly string[]) => Promise<string>;
}> {
  const repository = new Repository(folder);
  repository.write('secret.yaml', SECRET);
  repository.write('cache/.keep', '');
  const run = async (args: readonly string[]): Promise<string> => {
    const { code, stderr } = await repository.run(args, '', { XDG_CACHE_HOME: `${repository.path}/cache` });
    assert.equal(code, 0, stderr);
    return stderr;
  };
  await run(['seal', '-f', 'secret.yaml', '-w', PROD, '--keep-unchanged', ...annotations]);
  repository.write(STAGING, repository.read(PROD));
  return { repository, run };
}

suite('a copy from the overlay of another cluster', () => {
  for (const annotations of [['--key-hint'], ['--record']]) {
    const name = annotations.join(' ');

    test(`is sealed again by set ${name}`, async () => {
      const { repository, run } = await copied(...annotations);
      await run(['set', STAGING, ...VALUES]);
      assert.deepEqual(await itemsOf(repository.read(STAGING), KEYS.staging), ITEMS);
    });

    test(`is sealed again by seal --to with --keep-unchanged ${name}`, async () => {
      const { repository, run } = await copied(...annotations);
      const before = repository.read(PROD);
      const split = ['--to', 'prod,staging', '--split', 'overlays/{cluster}/db.yaml'];
      await run(['seal', '-f', 'secret.yaml', ...split, '--keep-unchanged', ...annotations]);
      assert.deepEqual(await itemsOf(repository.read(STAGING), KEYS.staging), ITEMS);
      assert.equal(repository.read(PROD), before);
    });

    test(`is sealed again by --merge-into with --keep-unchanged ${name}`, async () => {
      const { repository, run } = await copied(...annotations);
      await run(['-f', 'secret.yaml', '--merge-into', STAGING, '--keep-unchanged']);
      assert.deepEqual(await itemsOf(repository.read(STAGING), KEYS.staging), ITEMS);
    });
  }

  test('stays if an older certificate of the file has the key', async () => {
    const { repository, run } = await copied('--key-hint');
    repository.write('certs/staging.pem', certificatePem(KEYS.staging) + certificatePem(KEYS.prod));
    assert.match(await run(['set', STAGING, ...VALUES]), /already have these values; nothing changed/);
  });
});
