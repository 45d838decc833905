import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { asJson, formatDocuments } from '../../shared/manifest/write.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { ScriptedEditor } from './scripted-editor.ts';

const folder = temporaryFolder();
const NOWHERE = `${folder.path}/nowhere`;
const pem = certificatePem('c2048');
const CERT = ['--cert', folder.write('cert.pem', pem)];
const KEY = ['--recovery-private-key', folder.write('key.pem', keyPem('c2048'))];
const certificate = parseCertificate(pem, 'c2048');
const DB = { namespace: 'prod', name: 'db' };
const db = sealedSecret(certificate, DB, { user: 'bob', password: 'hunter2-canary', token: 'abc' });
const TEXT = `# of the database\n${formatDocuments([asJson(db)], 'yaml').slice(4)}`;

let number = 0;
function newFile(text = TEXT): string {
  return folder.write(`db-${number++}.yaml`, text);
}

function edit(file: string, editor: ScriptedEditor, ...args: readonly string[]): Promise<Ran> {
  return kubeseal(['edit', file, ...CERT, ...args], { env: editor.env });
}

/** Returns the line of an item in a file. */
function lineOf(item: string, text: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(`    ${item}: `));
}

/** Checks that a run failed with one line, left the file and kept nothing of the buffer. */
function assertRefused(ran: Ran, message: string | RegExp, editor?: ScriptedEditor): void {
  assert.deepEqual([ran.code, ran.stdout], [1, '']);
  const [, line] = /^error: ([^\n]*)\n$/.exec(ran.stderr) ?? [];
  if (typeof message === 'string') assert.equal(line, message);
  else assert.match(line ?? ran.stderr, message);
  if (editor) assert.ok(editor.isCleanedUp);
}

suite('kubeseal edit', () => {
  test('seals what was replaced and added, drops what was deleted, and leaves the rest byte for byte', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(
      `sed -i -e 's/^password: .*/password: "new # pass"/' -e '/^token:/d' "$1"; echo 'more: |\n  one\n  two' >>"$1"`,
    );
    const ran = await edit(file, editor);
    assert.deepEqual([ran.code, ran.stdout], [0, '']);
    assert.equal(ran.stderr, `${file}: password replaced, more added, token removed, 1 item untouched\n`);
    const now = readFileSync(file, 'utf8');
    assert.equal(lineOf('user', now), lineOf('user', TEXT));
    assert.ok(now.startsWith('# of the database\n'));
    assert.deepEqual(await itemsOf(now), [{ user: 'bob', password: 'new # pass', more: 'one\ntwo\n' }]);
    assert.ok(editor.isCleanedUp);
  });

  test('hides values without a key, and says what the buffer is', async () => {
    const file = newFile();
    const editor = new ScriptedEditor('');
    await edit(file, editor);
    const buffer = editor.buffer();
    assert.ok(buffer.startsWith(`# ${file}: SealedSecret prod/db, scope strict\n#\n`), buffer);
    assert.ok(buffer.endsWith('#\npassword: <sealed>\ntoken: <sealed>\nuser: <sealed>\n'), buffer);
    assert.doesNotMatch(buffer, /canary/);
  });

  test('shows values with a key, and keeps the ciphertext of each that stays', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`sed -i 's/^token: abc/token: abd/' "$1"`);
    const ran = await edit(file, editor, ...KEY);
    assert.equal(ran.stderr, `${file}: token replaced, 2 items untouched\n`);
    assert.match(editor.buffer(), /^password: hunter2-canary\ntoken: abc\nuser: bob\n$/m);
    const now = readFileSync(file, 'utf8');
    assert.equal(lineOf('password', now), lineOf('password', TEXT));
    assert.notEqual(lineOf('token', now), lineOf('token', TEXT));
  });

  test('writes nothing if nothing changed, or if all was deleted', async () => {
    for (const script of ['', 'touch "$1"', ': >"$1"', `sed -i '/^[^#]/d' "$1"`, 'echo "# note" >>"$1"']) {
      const file = newFile();
      const { ino, mtimeNs } = statSync(file, { bigint: true });
      const editor = new ScriptedEditor(script);
      const ran = await edit(file, editor);
      assert.deepEqual(ran, { code: 0, stdout: '', stderr: `${file}: nothing changed\n` }, script);
      const now = statSync(file, { bigint: true });
      assert.deepEqual([now.ino, now.mtimeNs], [ino, mtimeNs]);
      assert.ok(editor.isCleanedUp);
    }
  });

  test('removes all items for {}', async () => {
    const file = newFile();
    const ran = await edit(file, new ScriptedEditor(`echo '{}' >"$1"`));
    assert.match(ran.stderr, /password, token and user removed\n$/);
    assert.match(readFileSync(file, 'utf8'), /encryptedData: \{\}/);
  });

  test('changes nothing with --dry-run, and says what would change', async () => {
    const file = newFile();
    const ran = await edit(file, new ScriptedEditor(`sed -i '/^token/d' "$1"`), '--dry-run');
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /: token removed, 2 items untouched \(dry run/);
    assert.equal(readFileSync(file, 'utf8'), TEXT);
  });

  test('edits one of several SealedSecrets, and no other document', async () => {
    const web = formatDocuments(
      [asJson(sealedSecret(certificate, { ...DB, name: 'web' }, { a: 'b' }))],
      'yaml',
    );
    const others = `${TEXT}---\nkind: ConfigMap\n`;
    const file = newFile(`${others}${web}`);
    const editor = new ScriptedEditor(`sed -i 's/^a: .*/a: c/' "$1"`);
    assert.match((await edit(file, editor)).stderr, /holds 2 SealedSecrets: .*--document or --name\n$/);
    const ran = await edit(file, editor, '--name', 'web');
    assert.equal(ran.code, 0, ran.stderr);
    const now = readFileSync(file, 'utf8');
    assert.ok(now.startsWith(others));
    assert.deepEqual((await itemsOf(now))[1], { a: 'c' });
    assert.match(editor.buffer(), /: document 3: SealedSecret prod\/web, scope strict\n/);
  });

  test('records the key where all items are new, and not where some have another key', async () => {
    const hint = (file: string): string | undefined =>
      /sealing-key: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1];
    const all = `sed -i 's/<sealed>$/x/' "$1"`;
    const file = newFile();
    await edit(file, new ScriptedEditor(all));
    assert.equal(hint(file), certificate.fingerprint);
    const one = newFile();
    await edit(one, new ScriptedEditor(`sed -i 's/^user: .*/user: x/' "$1"`));
    assert.equal(hint(one), undefined);
    const off = newFile();
    await edit(off, new ScriptedEditor(all), '--key-hint=false');
    assert.equal(hint(off), undefined);
  });

  test('warns of a scope and of templates that concern what is sealed', async () => {
    const template = { data: { dsn: '{{ .user }}' } };
    const object = sealedSecret(certificate, DB, { user: 'x' }, { scope: 'cluster-wide', template });
    const file = newFile(formatDocuments([asJson(object)], 'yaml'));
    const editor = new ScriptedEditor(`echo 'more: y' >>"$1"`);
    const { stderr } = await edit(file, editor);
    assert.match(stderr, /^\(.*: cluster-wide: anyone/m);
    assert.match(stderr, /^\(.*: templates in the file can copy the new items into "dsn"\)$/m);
    assert.match(editor.buffer(), /, scope cluster-wide\n/);
  });

  test('warns of a template and a type that need a deleted item', async () => {
    const template = { type: 'kubernetes.io/basic-auth', data: { dsn: 'pg://{{ .password }}@db' } };
    const object = sealedSecret(certificate, DB, { password: 'x', username: 'y' }, { template });
    const file = newFile(formatDocuments([asJson(object)], 'yaml'));
    const ran = await edit(file, new ScriptedEditor(`sed -i '/^password/d' "$1"`));
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /^warning: .*dsn.*password/m);
  });
});

suite('the buffer of kubeseal edit', () => {
  test(
    'is in memory, in a folder and a file for the user alone, named as the file',
    { skip: process.platform !== 'linux' },
    async () => {
      const file = newFile();
      const editor = new ScriptedEditor(
        'stat -c %a "$1" "$(dirname "$1")" >"$notes/modes"; umask >"$notes/umask"',
      );
      await edit(file, editor);
      assert.match(editor.path, /^\/dev\/shm\/kubeseal-\w+\/db-\d+\.yaml$/);
      assert.equal(editor.note('modes'), '600\n700\n');
    },
  );

  test('is offered again with the error on top if it does not parse, until it does', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`
case $n in
1) echo 'more: "typed' >>"$1" ;;
2) sed -i 's/"typed/typed #not a comment/' "$1" ;;
3) sed -i 's/typed .*/typed/' "$1" ;;
esac`);
    const ran = await edit(file, editor);
    assert.equal(ran.stderr, `${file}: more added, 3 items untouched\n`);
    assert.equal(editor.opened, 3);
    const lines = editor.buffer(2).split('\n');
    assert.match(lines[0] ?? '', /^#! line \d+, column \d+: a character is missing/);
    const last = editor.buffer(3).split('\n');
    const [, at] = /^#! line (\d+), column 7: put the value of "more" in quotes/.exec(last[0] ?? '') ?? [];
    assert.equal(last[Number(at) - 1], 'more: typed #not a comment');
    assert.equal(last.filter((line) => line.startsWith('#!')).length, 2);
    assert.deepEqual((await itemsOf(readFileSync(file)))[0]?.['more'], 'typed');
  });

  test('is kept if the user leaves an error as it is', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`[ $n = 1 ] && echo 'more: "typed' >>"$1"; true`);
    const ran = await edit(file, editor);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      new RegExp(
        `^\\(what you typed is kept in ${editor.path}: .*\\)\nerror: ${file} is not changed: line \\d+, `,
      ),
    );
    assert.match(readFileSync(editor.path, 'utf8'), /more: "typed\n$/);
    assert.equal(statSync(dirname(editor.path)).mode & 0o777, 0o700);
    rmSync(dirname(editor.path), { recursive: true });
    assert.equal(readFileSync(file, 'utf8'), TEXT);
  });

  test('is kept if the file changed while the editor was open', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`echo '# by others' >>${file}; echo 'more: typed' >>"$1"`);
    const ran = await edit(file, editor);
    assert.equal(ran.code, 1);
    assert.equal(
      ran.stderr,
      `(what you typed is kept in ${editor.path}: remove it when you no longer need it)\n` +
        `error: ${file} changed while the editor was open: it is not overwritten\n`,
    );
    assert.match(readFileSync(editor.path, 'utf8'), /more: typed\n$/);
    rmSync(dirname(editor.path), { recursive: true });
    assert.equal(readFileSync(file, 'utf8'), `${TEXT}# by others\n`);
  });

  test('holds base64 of what is not text, and of the text <sealed>', async () => {
    const object = sealedSecret(certificate, DB, { a: '<sealed>', b: '\u0000' });
    const file = newFile(formatDocuments([asJson(object)], 'yaml'));
    const editor = new ScriptedEditor(`sed -i 's/^b: .*/b: !!binary AQI=/' "$1"`);
    const ran = await edit(file, editor, ...KEY);
    assert.equal(ran.stderr, `${file}: b replaced, 1 item untouched\n`);
    assert.match(editor.buffer(), /^a: !!binary PHNlYWxlZD4=\nb: !!binary AA==\n$/m);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ a: '<sealed>', b: '\u0001\u0002' }]);
  });

  test('hides what a key does not open', async () => {
    const other = parseCertificate(certificatePem('a4096'), 'a4096');
    const encryptedData = { ...db.spec.encryptedData, user: sealedItem(other, DB, 'eve') };
    const file = newFile(formatDocuments([asJson({ ...db, spec: { encryptedData } })], 'yaml'));
    const editor = new ScriptedEditor('');
    assert.match((await edit(file, editor, ...KEY)).stderr, /nothing changed\n$/);
    assert.match(editor.buffer(), /^token: abc\nuser: <sealed>\n$/m);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
    test(`is removed by ${signal}`, async () => {
      const file = newFile();
      const editor = new ScriptedEditor('touch "$1.swp"; echo ready; while [ -e "$1" ]; do sleep 0.1; done');
      const [command, ...first] = KUBESEAL;
      const child = spawn(command, [...first, 'edit', file, ...CERT], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'], ...editor.env },
      });
      const ended = new Promise<NodeJS.Signals | null>((done) => child.on('exit', (_, by) => done(by)));
      await new Promise<void>((done) => child.stdout.once('data', () => done()));
      child.kill(signal);
      assert.equal(await ended, signal);
      assert.ok(editor.isCleanedUp);
      assert.equal(readFileSync(file, 'utf8'), TEXT);
    });
  }
});

suite('kubeseal edit refuses', () => {
  test('before the editor opens: a file and a certificate that cannot be used', async () => {
    const editor = new ScriptedEditor('');
    const run = (...args: readonly string[]): Promise<Ran> =>
      kubeseal(['edit', ...args], { env: editor.env });
    assertRefused(await run(), /^edit: a file is required/);
    assertRefused(await run('-', ...CERT), 'edit: it changes a file, and cannot read stdin');
    assertRefused(await run('/dev/null', ...CERT), 'edit: /dev/null is not a regular file');
    assertRefused(await run(NOWHERE, ...CERT), `open ${NOWHERE}: no such file or directory`);
    assertRefused(await run(newFile(), '--cert', NOWHERE), `open ${NOWHERE}: no such file or directory`);
    const nameless = TEXT.replace('name: db', 'name: "a/b"');
    assertRefused(await run(newFile(nameless), ...CERT), /metadata\.name: "a\/b" is not a valid name/);
    assertRefused(await run(newFile()), /^no cluster is configured: /);
    assertRefused(await run(newFile('kind: Secret\n'), ...CERT), /holds a Secret, not a SealedSecret/);
    assert.equal(editor.opened, 0);
  });

  test('no command that is more than a program with arguments', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`sed -i "s/^user: .*/user: $WHO/" "$1"`);
    for (const prefix of ['WHO=eve ', 'export WHO=eve; ']) {
      const env = { EDITOR: `${prefix}${editor.env['EDITOR'] ?? ''}` };
      assert.equal((await kubeseal(['edit', file, ...CERT], { env })).code, 0);
      assert.equal((await itemsOf(readFileSync(file)))[0]?.['user'], 'eve');
    }
  });

  test('an editor that is not there', async () => {
    const file = newFile();
    const ran = await kubeseal(['edit', file, ...CERT], { env: { EDITOR: 'nosuch-editor --wait' } });
    const [last = ''] = ran.stderr.trimEnd().split('\n').slice(-1);
    assert.equal(
      last,
      'error: cannot run the editor "nosuch-editor --wait": nothing was changed; set $VISUAL or $EDITOR',
    );
  });

  test('what an editor that fails has written, unless it is typed text: that is kept', async () => {
    const file = newFile();
    const idle = new ScriptedEditor('exit 3');
    assertRefused(
      await edit(file, idle),
      /^the editor "sh \S+" ended with code 3: nothing was changed$/,
      idle,
    );
    const typed = new ScriptedEditor('echo "more: x" >>"$1"; kill -9 $$');
    const ran = await edit(file, typed);
    assert.match(ran.stderr, /^\(what you typed is kept in .*\)\nerror: the editor .* ended with SIGKILL: /);
    rmSync(dirname(typed.path), { recursive: true });
    assert.equal(readFileSync(file, 'utf8'), TEXT);
  });

  test('a buffer that is not UTF-8', async () => {
    const file = newFile();
    const editor = new ScriptedEditor(`printf 'more: \\377\\n' >>"$1"`);
    const ran = await edit(file, editor);
    assert.match(ran.stderr, /^\(what you typed is kept in .*\)\nerror: the buffer.* UTF-8/);
    rmSync(dirname(editor.path), { recursive: true });
  });
});
