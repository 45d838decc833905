import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { PACKAGE } from '../support/package.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal } from '../support/run.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { ScriptedEditor } from './scripted-editor.ts';
import { hasTmux, Tmux } from './tmux.ts';

/** What a person answers to the prompts, in this order. */
const PASSWORDS = ['first-canary', 'second-canary'];
for (const password of PASSWORDS) noteSecret(password);

/** Returns the command lines of the README's section about daily work, without those that install. */
function dailyLines(): string[] {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const [, section = ''] = /^## Daily work\n([^]*?)^### /m.exec(readme) ?? [];
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.trim().split('\n')).filter((line) => line.startsWith('kubeseal '));
}

test("a person runs the README's daily commands, one after the other", async (t) => {
  if (!hasTmux) {
    assert.notEqual(process.env['CI'], 'true', 'there is no tmux here');
    return t.skip('there is no tmux here');
  }
  const lines = dailyLines();
  assert.deepEqual(
    [...new Set(lines.map((line) => line.split(' ')[1]))],
    ['create', 'seal', 'set', 'edit', 'diff', 're-encrypt'],
  );
  const folder = temporaryFolder();
  const git = (...args: readonly string[]): Buffer => execFileSync('git', args, { cwd: folder.path });
  for (const name of ['bin', 'keys']) mkdirSync(join(folder.path, name));
  const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
  chmodSync(folder.write('bin/kubeseal', `#!/bin/sh\nexec ${words} "$@"\n`), 0o755);
  folder.write('ca.crt', 'a certificate');
  folder.write(
    'secret.yaml',
    dump({ metadata: { name: 'api', namespace: 'shop' }, stringData: { key: 'k' } }),
  );
  const editor = new ScriptedEditor(`sed -i 's/^ca.crt: .*/user: bob/' "$1"`, { records: false });

  const terminal = new Tmux();
  await terminal.start({
    ...{ HOME: folder.path, EDITOR: editor.env['EDITOR'] ?? '' },
    SEALED_SECRETS_CERT: folder.write('keys/cert.pem', certificatePem('c2048')),
    SEALED_SECRETS_RECOVERY_PRIVATE_KEY: folder.write('keys/key.pem', keyPem('c2048')),
  });
  // The profile of the machine may set PATH.
  await terminal.enter(`cd '${folder.path}'; PATH='${folder.path}/bin':$PATH`);
  const answers = [...PASSWORDS];
  let screens = '';
  for (const [at, line] of lines.entries()) {
    await terminal.enter(`clear; ${line}; echo "line ${at}: code $?"`);
    if (line.includes('--prompt')) {
      const answer = answers.shift() ?? '';
      await terminal.waitFor(/^password: ?$/m);
      await terminal.enter(answer);
      await terminal.waitFor(/^password again: ?$/m);
      await terminal.enter(answer);
    }
    const screen = await terminal.waitFor(new RegExp(`^line ${at}: code \\d+$`, 'm'));
    const isDiff = line.startsWith('kubeseal diff ');
    assert.match(screen, new RegExp(`^line ${at}: code ${isDiff ? 1 : 0}$`, 'm'), screen);
    screens += screen;
    if (line.startsWith('kubeseal create ')) {
      git('init', '-q');
      git('add', 'db.yaml');
      git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'test');
    }
  }

  assert.match(screens, /db\.yaml: password replaced/);
  assert.match(screens, /~ password +value changed, 13 bytes, was 12 bytes/);
  assert.match(screens, /\+ user +item added/);
  for (const password of PASSWORDS) assert.ok(!screens.includes(password));
  const read = (name: string): Buffer => readFileSync(join(folder.path, name));
  assert.deepEqual(await itemsOf(read('db.yaml')), [{ password: 'second-canary', user: 'bob' }]);
  assert.deepEqual(await itemsOf(read('api.yaml')), [{ key: 'k' }]);
  const recover = ['--recovery-unseal', '--recovery-private-key', join(folder.path, 'keys/key.pem')];
  assert.equal((await kubeseal([...recover, '-f', join(folder.path, 'db.yaml')])).code, 0);
});
