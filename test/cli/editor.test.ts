import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { editorFrom } from '../../cli/editing/editor.ts';
import { isInMemory, memoryCandidates, PrivateFolder } from '../../cli/editing/private-folder.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const bin = join(folder.path, 'bin');
mkdirSync(bin);
for (const name of ['code', 'gvim', 'vim.tiny', 'nano', 'ed', 'my editor', 'emacsclient'])
  writeFileSync(join(bin, name), '#!/bin/sh\n', { mode: 0o755 });
symlinkSync('vim.tiny', join(bin, 'vi'));
const VIM = ['-n', '-i', 'NONE', '-c', 'silent! set noswapfile nobackup nowritebackup noundofile'];

suite('the editor', () => {
  const table: [NodeJS.ProcessEnv, string, readonly string[]][] = [
    [{ VISUAL: 'ed', EDITOR: 'nano' }, 'ed', []],
    [{ VISUAL: ' ', EDITOR: 'nano -w' }, 'nano -w', []],
    [{ EDITOR: 'nosuch' }, 'nosuch', []],
    [{}, 'vi', VIM],
    [{ EDITOR: 'vi -u NONE' }, 'vi -u NONE', VIM],
    [{ EDITOR: 'code' }, 'code', ['--wait']],
    [{ EDITOR: '/nonexistent/code' }, '/nonexistent/code', ['--wait']],
    [{ EDITOR: '"/non existent/code" -n' }, '"/non existent/code" -n', ['--wait']],
    [{ EDITOR: 'code -n --wait' }, 'code -n --wait', []],
    [{ EDITOR: 'code -w' }, 'code -w', []],
    [{ EDITOR: 'gvim' }, 'gvim', ['--nofork', ...VIM]],
    [{ EDITOR: 'gvim -f' }, 'gvim -f', VIM],
    [{ EDITOR: 'emacsclient -t' }, 'emacsclient -t', []],
    [{ EDITOR: join(bin, 'my editor') }, `'${join(bin, 'my editor')}'`, []],
  ];
  for (const [environment, command, args] of table)
    test(`is ${command} of ${JSON.stringify(environment)}`, () => {
      assert.deepEqual(editorFrom({ PATH: bin, ...environment }), { command, args });
    });

  test('is asked for if there is none', () => {
    assert.throws(() => editorFrom({ PATH: '/nonexistent' }), {
      message: 'no editor: set $VISUAL or $EDITOR',
    });
  });
});

suite('the folder of a buffer', () => {
  const inMemory = { skip: process.platform !== 'linux' };

  test('is in memory, and only for the user', inMemory, async () => {
    const made = await PrivateFolder.make({ candidates: memoryCandidates({}), allowDisk: false });
    try {
      assert.match(made.path, /^\/dev\/shm\/kubeseal-\w{6}$/);
      assert.ok(await isInMemory(made.path));
      const file = made.fileFor('/some/where/db.yaml');
      assert.equal(file, `${made.path}/db.yaml`);
      await made.write(file, Buffer.from('x'));
      assert.deepEqual([lstatSync(made.path).mode & 0o777, lstatSync(file).mode & 0o777], [0o700, 0o600]);
      writeFileSync(`${file}.swp`, 'x');
    } finally {
      made.remove();
    }
    assert.ok(!existsSync(made.path));
  });

  test('is looked for in /dev/shm, then in the runtime folder', () => {
    assert.deepEqual(memoryCandidates({}), ['/dev/shm']);
    assert.deepEqual(memoryCandidates({ XDG_RUNTIME_DIR: '/run/user/1' }), ['/dev/shm', '/run/user/1']);
    assert.deepEqual(memoryCandidates({ XDG_RUNTIME_DIR: 'run' }), ['/dev/shm']);
  });

  test('is the next one if the first is not in memory, or cannot be written', inMemory, async () => {
    const candidates = ['/nonexistent', '/proc', '/dev/shm'];
    const made = await PrivateFolder.make({ candidates, allowDisk: false });
    made.remove();
    assert.match(made.path, /^\/dev\/shm\//);
  });

  test('is refused on disk, unless that is allowed', async () => {
    const candidates = ['/proc', '/nonexistent'];
    await assert.rejects(PrivateFolder.make({ candidates, allowDisk: false }), {
      message:
        'no folder keeps files in memory (tried /proc, /nonexistent): ' +
        `--allow-disk puts the values into ${tmpdir()} while the editor is open`,
    });
    const made = await PrivateFolder.make({ candidates, allowDisk: true });
    assert.ok(made.path.startsWith(tmpdir()));
    made.remove();
    assert.ok(!existsSync(made.path));
  });

  test('stays if it is to be kept', async () => {
    const made = await PrivateFolder.make({ candidates: [folder.path], allowDisk: true });
    made.keep();
    made.remove();
    assert.ok(existsSync(made.path));
    rmSync(made.path, { recursive: true });
  });
});
