import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { OBJECT_RULES } from '../../../cli/lint/rules/index.ts';
import { systemClock } from '../../../shared/clock.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem, keyPem } from '../../support/vectors.ts';
import { inProcess } from '../in-process.ts';
import { clusterOf, LARGE, problemsIn, SMALL } from './sealed-lint.ts';

/** The newest certificate of prod, an older one, and what a person does with the files of a repository. */

const folder = temporaryFolder();
const NEWEST = folder.write('newest.pem', certificatePem('a4096'));
const OLDER = folder.write('older.pem', certificatePem('c2048'));
const PRIVATE_KEY = folder.write('key.pem', keyPem('c2048'));
const cluster = clusterOf('prod', LARGE, SMALL);
const FILE = `${folder.path}/db.yaml`;
const ABOUT_RECORDS = ['S002', 'S003', 'S004', 'S017'];

async function kubeseal(...args: readonly string[]): Promise<void> {
  const { errors } = await inProcess(args, systemClock, { XDG_CACHE_HOME: folder.path });
  assert.deepEqual(errors, []);
}

/** Seals two values into the file, with a record. */
async function sealed(cert: string): Promise<void> {
  const text =
    'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: canary-p, user: canary-u}\n';
  await kubeseal('seal', '-f', folder.write('secret.yaml', text), '-w', FILE, '--cert', cert, '--record');
}

function replaceInFile(wanted: string, by: string): void {
  const text = readFileSync(FILE, 'utf8');
  assert.ok(text.includes(wanted));
  writeFileSync(FILE, text.replace(wanted, by));
}

/** Returns the ids of what all rules of this kind find in the file. */
async function found(): Promise<readonly string[]> {
  const [document] = readDocuments(readFileSync(FILE), FILE);
  assert.ok(document?.value !== null && typeof document?.value === 'object');
  const ids: string[] = [];
  for (const rule of OBJECT_RULES)
    ids.push(...(await problemsIn(rule, document.value, { cluster })).map((problem) => problem.rule));
  return [...new Set(ids.filter((id) => ABOUT_RECORDS.includes(id)))];
}

function git(...args: readonly string[]): void {
  const identity = [
    '-c',
    'user.name=test',
    '-c',
    'user.email=test@example.com',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  execFileSync('git', [...identity, ...args], { cwd: folder.path, stdio: 'pipe' });
}

suite('a file with a sealing record', () => {
  test('has findings when it is renamed, and none when it is renamed back', async () => {
    await sealed(NEWEST);
    assert.deepEqual(await found(), []);
    replaceInFile('\n  name: db\n', '\n  name: database\n');
    assert.deepEqual(await found(), ['S002']);
    replaceInFile('\n  name: database\n', '\n  name: db\n');
    assert.deepEqual(await found(), []);
  });

  test('has findings while its key is old, and none when it is re-encrypted', async () => {
    await sealed(OLDER);
    assert.deepEqual(await found(), ['S004']);
    const offline = ['--private-key', PRIVATE_KEY, '--cert', NEWEST, '--allow-old-certificate'];
    await kubeseal('re-encrypt', FILE, ...offline);
    assert.deepEqual(await found(), []);
    await kubeseal('set', FILE, 'user=canary-v', '--cert', OLDER);
    assert.deepEqual(await found(), ['S004']);
  });

  test('has notes after a merge of two branches that took one of two records, until it is re-encrypted', async () => {
    await sealed(OLDER);
    git('init', '-q', '-b', 'main');
    const commit = (): void => git('commit', '-q', '-m', 'Change a value', '--', FILE);
    git('add', FILE);
    commit();
    git('checkout', '-q', '-b', 'other');
    await kubeseal('set', FILE, 'user=canary-v', '--cert', OLDER);
    commit();
    git('checkout', '-q', 'main');
    await kubeseal('set', FILE, 'api=canary-a', '--cert', OLDER);
    commit();
    git('merge', '-q', '-X', 'ours', 'other');
    assert.deepEqual(await found(), ['S004', 'S017']);
    const offline = ['--private-key', PRIVATE_KEY, '--cert', NEWEST, '--allow-old-certificate'];
    await kubeseal('re-encrypt', FILE, ...offline);
    assert.deepEqual(await found(), []);
  });
});
