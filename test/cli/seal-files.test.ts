import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { treeOf } from './tree.ts';

const cert = temporaryFolder().write('cert.pem', certificatePem('c2048'));
const FILES = {
  'db.yaml': 'kind: Secret\nmetadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n',
  'two.yaml':
    'kind: Secret\nmetadata: {name: api, namespace: prod}\nstringData: {token: t}\n---\n' +
    'kind: Secret\nmetadata: {name: web, namespace: prod}\nstringData: {cookie: c, key: k}\n',
  'other.yaml': 'kind: ConfigMap\n',
};
const ITEMS = [{ password: 'hunter2' }, { token: 't' }, { cookie: 'c', key: 'k' }];

suite('kubeseal seal FILE...', () => {
  test('seals the Secrets of all files into one output', async () => {
    const cwd = treeOf(FILES);
    const args = ['seal', 'db.yaml', 'two.yaml', '--cert', cert];
    const printed = await kubeseal([...args, '-o', 'yaml'], { cwd });
    assert.deepEqual([printed.code, printed.stderr], [0, '']);
    assert.equal(printed.stdout.match(/^---$/gm)?.length, 3);
    assert.deepEqual(await itemsOf(printed.stdout), ITEMS);
    assert.deepEqual(await kubeseal([...args, '-w', 'sealed.json'], { cwd }), {
      code: 0,
      stdout: '',
      stderr: '',
    });
    assert.deepEqual(await itemsOf(readFileSync(`${cwd}/sealed.json`)), ITEMS);
  });

  test('writes nothing if one of the files fails, and names it', async () => {
    const cwd = treeOf(FILES);
    const table = [
      ['other.yaml', 'error: other.yaml is a ConfigMap, not a Secret\n'],
      ['nosuch.yaml', 'error: open nosuch.yaml: no such file or directory\n'],
      ['.', 'error: cannot read .: is a directory\n'],
    ] as const;
    for (const [file, stderr] of table) {
      const ran = await kubeseal(['seal', 'db.yaml', file, '--cert', cert, '-w', 'sealed.yaml'], { cwd });
      assert.deepEqual(ran, { code: 1, stdout: '', stderr });
      assert.deepEqual(readdirSync(cwd).toSorted(), Object.keys(FILES).toSorted());
    }
  });

  test('refuses -f beside files', async () => {
    const ran = await kubeseal(['seal', '-f', 'a.yaml', 'b.yaml', '--cert', cert]);
    const stderr = 'error: seal: --secret-file and "b.yaml" cannot be used together\n';
    assert.deepEqual(ran, { code: 1, stdout: '', stderr });
  });

  test('says that a plaintext file was replaced, if the output is one of them', async () => {
    const cwd = treeOf(FILES);
    const ran = await kubeseal(['seal', 'two.yaml', 'db.yaml', '--cert', cert, '-w', 'db.yaml'], { cwd });
    assert.deepEqual(
      [ran.code, ran.stderr],
      [0, '(db.yaml: the SealedSecret replaced the plaintext Secret)\n'],
    );
  });
});

suite('--dry-run', () => {
  test('of seal tells what would be sealed, and writes nothing', async () => {
    const cwd = treeOf(FILES);
    const args = ['seal', 'db.yaml', 'two.yaml', '--cert', cert, '--dry-run'];
    for (const [more, output] of [
      [[], '<stdout>'],
      [['-w', 'sealed.yaml'], 'sealed.yaml'],
    ] as const) {
      assert.deepEqual(await kubeseal([...args, ...more], { cwd }), {
        code: 0,
        stdout: '',
        stderr:
          `db.yaml: 1 item of prod/db to seal into ${output}\n` +
          `two.yaml: document 1: 1 item of prod/api to seal into ${output}\n` +
          `two.yaml: document 2: 2 items of prod/web to seal into ${output}\n`,
      });
    }
    assert.deepEqual(readdirSync(cwd).toSorted(), Object.keys(FILES).toSorted());
  });

  test('of merge-into tells which items would change, and writes nothing', async () => {
    const cwd = treeOf(FILES);
    await kubeseal(['seal', 'db.yaml', '--cert', cert, '-w', 'sealed.yaml'], { cwd });
    const before = readFileSync(`${cwd}/sealed.yaml`, 'utf8');
    const stdin =
      'kind: Secret\nmetadata: {name: db, namespace: prod}\nstringData: {password: x, user: bob}\n';
    const ran = await kubeseal(['--merge-into', 'sealed.yaml', '--cert', cert, '--dry-run'], { cwd, stdin });
    assert.deepEqual(ran, {
      code: 0,
      stdout: '',
      stderr: 'sealed.yaml: password replaced, user added (dry run: the file was not changed)\n',
    });
    assert.equal(readFileSync(`${cwd}/sealed.yaml`, 'utf8'), before);
  });
});
