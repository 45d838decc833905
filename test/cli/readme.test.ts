import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { kubeseal } from '../support/run.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { Person } from './person.ts';
import { ScriptedEditor } from './scripted-editor.ts';
import { hasTmux } from './tmux.ts';

/** What a person answers to the prompts, in this order. */
const PASSWORDS = ['first-canary', 'second-canary'];
for (const password of PASSWORDS) noteSecret(password);

test("a person runs the README's daily commands, one after the other", async (t) => {
  if (!hasTmux) {
    assert.notEqual(process.env['CI'], 'true', 'there is no tmux here');
    return t.skip('there is no tmux here');
  }
  const lines = linesOf(commandsUnder('README.md', 'Daily work'));
  assert.deepEqual(
    [...new Set(lines.map((line) => line.split(' ')[1]))],
    ['create', 'seal', 'set', 'edit', 'diff', 'lint', 're-encrypt'],
  );
  const folder = temporaryFolder();
  const git = (...args: readonly string[]): Buffer => execFileSync('git', args, { cwd: folder.path });
  mkdirSync(join(folder.path, 'keys'));
  folder.write('ca.crt', 'a certificate');
  folder.write(
    'secret.yaml',
    dump({ metadata: { name: 'api', namespace: 'shop' }, stringData: { key: 'k' } }),
  );
  const editor = new ScriptedEditor(`sed -i 's/^ca.crt: .*/user: bob/' "$1"`, { records: false });

  const person = new Person(folder);
  await person.start({
    EDITOR: editor.env['EDITOR'] ?? '',
    SEALED_SECRETS_CERT: folder.write('keys/cert.pem', certificatePem('c2048')),
    SEALED_SECRETS_RECOVERY_PRIVATE_KEY: folder.write('keys/key.pem', keyPem('c2048')),
  });
  const answers = [...PASSWORDS];
  let screens = '';
  for (const line of lines) {
    const { code, screen } = await person.does(line, line.includes('--prompt') ? answers.splice(0, 1) : []);
    assert.equal(code, /^kubeseal (diff|lint)\b/.test(line) ? 1 : 0, screen);
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
  assert.match(screens, /keys\/key\.pem:1:1: error S013/);
  for (const password of PASSWORDS) assert.ok(!screens.includes(password));
  const read = (name: string): Buffer => readFileSync(join(folder.path, name));
  assert.deepEqual(await itemsOf(read('db.yaml')), [{ password: 'second-canary', user: 'bob' }]);
  assert.deepEqual(await itemsOf(read('api.yaml')), [{ key: 'k' }]);
  const recover = ['--recovery-unseal', '--recovery-private-key', join(folder.path, 'keys/key.pem')];
  assert.equal((await kubeseal([...recover, '-f', join(folder.path, 'db.yaml')])).code, 0);
});
