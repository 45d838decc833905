import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { asJson, formatDocuments } from '../../shared/manifest/write.ts';
import { KUBESEAL } from '../support/program.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { hasTmux, Tmux } from './tmux.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const db = sealedSecret(
  parseCertificate(pem, 'c2048'),
  { namespace: 'prod', name: 'db' },
  { password: 'old-canary', user: 'bob' },
);
const PROGRAM = KUBESEAL.join(' ');
const EDIT = `${PROGRAM} edit db.yaml --cert ${cert}`;

const vi = ['vim', 'vi'].find((name) => spawnSync(name, ['--version']).status === 0);

/** A test at a terminal, with a program that has to be installed. */
function atTerminal(what: string, editor: string | undefined, body: (terminal: Tmux) => Promise<void>): void {
  test(what, async (t: TestContext) => {
    if (hasTmux && editor !== undefined) return body(new Tmux());
    assert.notEqual(process.env['CI'], 'true', 'there is no tmux here, or no editor');
    t.skip('there is no tmux here, or no editor');
  });
}

/** Makes a home with a file to edit, and goes there. */
async function begin(terminal: Tmux, name: string, editor: string): Promise<{ home: string; file: string }> {
  const home = join(folder.path, name);
  mkdirSync(home);
  const file = folder.write(`${name}/db.yaml`, formatDocuments([asJson(db)], 'yaml'));
  await terminal.start({ HOME: home, EDITOR: editor });
  await terminal.enter(`cd ${home}`);
  return { home, file };
}

/** Returns the files of a folder that hold a text. */
function filesWith(text: string, root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

suite('a person at a terminal, with kubeseal edit,', () => {
  atTerminal('changes a value in vi, which leaves no copies', vi, async (terminal) => {
    const { home, file } = await begin(terminal, 'vi', vi ?? '');
    await terminal.enter(`${EDIT} --recovery-private-key ${key}; echo code $?`);
    await terminal.waitFor('password: old-canary');
    // Deletes the line into a register, and types another one.
    await terminal.enter('/^password');
    await terminal.type('ddOpassword: new-canary');
    await terminal.press('Escape');
    await terminal.waitFor('password: new-canary');
    await terminal.enter(':wq');
    const screen = await terminal.waitFor('code 0');
    assert.match(screen, /db\.yaml: password replaced, 1 item untouched/);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ password: 'new-canary', user: 'bob' }]);
    assert.deepEqual([filesWith('old-canary', home), filesWith('new-canary', home)], [[], []]);
  });

  atTerminal(
    'is offered again what cannot be read, and gives it up by deleting all',
    vi,
    async (terminal) => {
      const { file } = await begin(terminal, 'again', vi ?? '');
      const before = readFileSync(file, 'utf8');
      await terminal.enter(`${EDIT}; echo code $?`);
      await terminal.waitFor('password: <sealed>');
      await terminal.type('Gopin: &123');
      await terminal.press('Escape');
      await terminal.enter(':wq');
      await terminal.waitFor(/#! line \d+, column 6: anchors and aliases are not allowed/);
      await terminal.enter(':%d');
      await terminal.enter(':wq');
      await terminal.waitFor('db.yaml: nothing changed');
      assert.equal(readFileSync(file, 'utf8'), before);
    },
  );

  const hasEd = existsSync('/bin/ed') || existsSync('/usr/bin/ed');
  atTerminal(
    'uses an editor of lines, which handles Ctrl-C itself',
    hasEd ? 'ed' : undefined,
    async (terminal) => {
      const { file } = await begin(terminal, 'ed', 'ed');
      await terminal.enter(`${EDIT}; echo code $?`);
      await terminal.waitFor(/^\d+$/m);
      await terminal.press('C-c');
      await terminal.waitFor(/^\?$/m);
      for (const line of ['/^user/s/<.*>/eve/', 'w', 'q']) await terminal.enter(line);
      await terminal.waitFor('db.yaml: user replaced, 1 item untouched');
      assert.equal((await itemsOf(readFileSync(file)))[0]?.['user'], 'eve');
    },
  );
});

suite('a person at a terminal, with kubeseal set --prompt,', () => {
  /** Answers both prompts, and returns the screen at the end. */
  async function answer(terminal: Tmux, first: string, second: string): Promise<string> {
    await terminal.enter(`${PROGRAM} set db.yaml password --prompt --cert ${cert}; echo code $?`);
    await terminal.waitFor(/^password: ?$/m);
    await terminal.enter(first);
    await terminal.waitFor(/^password again: ?$/m);
    await terminal.enter(second);
    return terminal.waitFor(/^code \d$/m);
  }

  atTerminal('types a value twice, unseen', 'sh', async (terminal) => {
    const { home, file } = await begin(terminal, 'prompt', 'false');
    const screen = await answer(terminal, 'typed-canary', 'typed-canary');
    assert.match(screen, /password replaced, 1 item untouched\ncode 0\n/);
    assert.doesNotMatch(screen, /canary/);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ password: 'typed-canary', user: 'bob' }]);
    assert.deepEqual(filesWith('canary', home), []);
    // The shell shows again what is typed.
    await terminal.type('visible-again');
    await terminal.waitFor('visible-again');
  });

  atTerminal('makes a mistake, and finds the file as it was', 'sh', async (terminal) => {
    const { file } = await begin(terminal, 'mistake', 'false');
    const before = readFileSync(file, 'utf8');
    const screen = await answer(terminal, 'typed-canary', 'typed-canarz');
    assert.match(screen, /differ; nothing was changed\ncode 1\n/);
    assert.doesNotMatch(screen, /canar[yz]/);
    assert.equal(readFileSync(file, 'utf8'), before);
  });
});
