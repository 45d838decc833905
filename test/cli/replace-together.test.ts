import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { describeForUser } from '../../cli/errors.ts';
import { failuresIn } from '../../cli/for-each.ts';
import { replaceTogether, type Replacement } from '../../cli/io/replace-together.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let count = 0;

/** A folder with two files, as those of two clusters. */
function twoFiles(): { readonly path: string; readonly prod: string; readonly staging: string } {
  const name = `pair-${++count}`;
  for (const cluster of ['prod', 'staging']) mkdirSync(join(folder.path, name, cluster), { recursive: true });
  return {
    path: join(folder.path, name),
    prod: folder.write(`${name}/prod/db.yaml`, 'old prod\n'),
    staging: folder.write(`${name}/staging/db.yaml`, 'old staging\n'),
  };
}

/** Returns every file below a folder, with its content. */
function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    files
      .map((each) => join(each.parentPath, each.name))
      .sort()
      .map((file) => [file.slice(path.length + 1), readFileSync(file, 'utf8')]),
  );
}

/** Replaces files and returns the errors. */
async function errorsOf(replacements: readonly Replacement[]): Promise<readonly string[]> {
  try {
    await replaceTogether(replacements);
    return [];
  } catch (error) {
    return failuresIn(error)?.map((failure) => describeForUser(failure)) ?? assert.fail(String(error));
  }
}

const OLD = { 'prod/db.yaml': 'old prod\n', 'staging/db.yaml': 'old staging\n' };

suite('files that are replaced together', () => {
  test('get their new content, keep their modes, and leave nothing beside them', async () => {
    const { path, prod, staging } = twoFiles();
    chmodSync(staging, 0o640);
    await replaceTogether([
      { path: prod, content: 'new prod\n', before: Buffer.from('old prod\n') },
      { path: staging, content: 'new staging\n', before: undefined },
      { path: join(path, 'dev.yaml'), content: 'new dev\n', before: undefined },
    ]);
    assert.deepEqual(contents(path), {
      'dev.yaml': 'new dev\n',
      'prod/db.yaml': 'new prod\n',
      'staging/db.yaml': 'new staging\n',
    });
    assert.equal(statSync(staging).mode & 0o777, 0o640);
  });

  test('are replaced where links lead', async () => {
    const { path, prod, staging } = twoFiles();
    const link = join(path, 'link.yaml');
    symlinkSync('prod/db.yaml', link);
    await replaceTogether([
      { path: link, content: 'new prod\n', before: Buffer.from('old prod\n') },
      { path: staging, content: 'new staging\n', before: undefined },
    ]);
    assert.equal(readlinkSync(link), 'prod/db.yaml');
    assert.equal(readFileSync(prod, 'utf8'), 'new prod\n');
  });

  test('all stay as they are if one of them changed since it was read', async () => {
    const { path, prod, staging } = twoFiles();
    const errors = await errorsOf([
      { path: prod, content: 'new prod\n', before: undefined },
      { path: staging, content: 'new staging\n', before: Buffer.from('older staging\n') },
    ]);
    assert.deepEqual(errors, [
      `${staging} changed after kubeseal had read it: no file was written; run the same command again`,
    ]);
    assert.deepEqual(contents(path), OLD);
  });

  test('all stay as they are if one of them was removed since it was read', async () => {
    const { path, prod } = twoFiles();
    const gone = join(path, 'gone.yaml');
    const errors = await errorsOf([
      { path: prod, content: 'new prod\n', before: undefined },
      { path: gone, content: 'new\n', before: Buffer.from('old\n') },
    ]);
    assert.match(errors.join(), /^\S+gone\.yaml changed after/);
    assert.deepEqual(contents(path), OLD);
  });

  test('all stay as they are if the folder of one does not exist', async () => {
    const { path, prod } = twoFiles();
    const missing = join(path, 'dev/db.yaml');
    const errors = await errorsOf([
      { path: prod, content: 'new prod\n', before: undefined },
      { path: missing, content: 'new\n', before: undefined },
    ]);
    assert.deepEqual(errors, [`cannot write ${missing}: no such file or directory`]);
    assert.deepEqual(contents(path), OLD);
  });

  test('all stay as they are if one of them is a folder', async () => {
    const { path, prod } = twoFiles();
    const errors = await errorsOf([
      { path: prod, content: 'new prod\n', before: undefined },
      { path: join(path, 'staging'), content: 'new\n', before: undefined },
    ]);
    assert.match(errors.join(), /^cannot write \S+staging: /);
    assert.deepEqual(contents(path), OLD);
  });
});

/** A mount is seen by nobody else, without root or with it. */
const [way] = [['-rm'], ['-m']].filter(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'none', folder.path]).status === 0,
);

/** Mounts a file onto the last one, as a container does: it can be neither linked nor replaced. */
const SCRIPT = `
mount --bind "$1/mounted" "$1/staging/db.yaml" || exit 99
exec "$0" --input-type=module -e "$2"
`;

test('files that were replaced already are restored if a later one cannot be replaced', (t) => {
  if (way === undefined) {
    assert.notEqual(process.env['CI'], 'true', 'no file system can be mounted here');
    t.skip('no file system can be mounted here');
    return;
  }
  const { path, prod, staging } = twoFiles();
  folder.write(`pair-${count}/mounted`, 'mounted\n');
  const created = join(path, 'created.yaml');
  const replacements = [prod, created, staging].map((each) => ({ path: each, content: 'new\n' }));
  const module = new URL('../../cli/io/replace-together.js', import.meta.url).href;
  const code = `
import { replaceTogether } from ${JSON.stringify(module)};
await replaceTogether(${JSON.stringify(replacements)}).catch((error) => {
  for (const failure of error.failures) console.log(failure.describe());
});`;
  const ran = spawnSync('unshare', [...way, 'sh', '-c', SCRIPT, process.execPath, path, code]);
  assert.equal(ran.stderr.toString(), '');
  assert.equal(ran.stdout.toString(), `cannot write ${staging}: EBUSY\n`);
  assert.deepEqual(contents(path), { mounted: 'mounted\n', ...OLD });
});
