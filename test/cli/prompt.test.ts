import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';
import { hasTerminal, TerminalProgram } from './terminal-program.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const DB = JSON.stringify(
  sealedSecret(parseCertificate(pem, 'c2048'), { name: 'db', namespace: 'shop' }, { user: 'bob' }),
);
/** What a shell shows of the settings of its terminal, where `echo` is on. */
const NORMAL = /(?<!-)\bicanon\b.*(?<!-)\becho\b/s;

let files = 0;
function file(): string {
  return folder.write(`sealed-${++files}.json`, DB);
}

/** Starts `set FILE ARGS` in a shell on a terminal, which shows its settings at the end. */
function start(args: readonly string[], redirect?: string): TerminalProgram {
  return new TerminalProgram([...args, '--cert', cert], redirect);
}

suite('a prompt for a value', { skip: hasTerminal() ? false : 'there is no "script" here' }, () => {
  test('asks twice, shows nothing, and leaves the terminal as it was', async () => {
    const path = file();
    const program = start(['set', path, 'password', 'user', '--prompt']);
    for (const prompt of ['password: ', 'password again: ']) await program.answer(prompt, 'hünter2\r');
    for (const prompt of ['user: ', 'user again: ']) await program.answer(prompt, 'x\u0015alicr\u007f\be\r');
    const { shown, settings, code } = await program.ended();
    assert.equal(code, 0, shown);
    assert.doesNotMatch(shown, /nter2|ali/);
    assert.match(shown, /user replaced, password added|password added|user replaced/);
    assert.match(settings, NORMAL);
    assert.deepEqual(await itemsOf(readFileSync(path)), [{ user: 'alie', password: 'hünter2' }]);
  });

  test('takes stdin from elsewhere, and asks on the terminal', async () => {
    const program = start(['create', 'generic', 'db', '-n', 'shop', '--prompt', 'a'], '</dev/null');
    await program.answer('a: ', 'b\r');
    await program.answer('a again: ', 'b\r');
    const { shown, code } = await program.ended();
    assert.equal(code, 0, shown);
    const [yaml = ''] = /---\n[^]*encryptedData:[^]*?\n(?=\S|$)/.exec(shown.replaceAll('\r', '')) ?? [];
    assert.match(yaml, /kind: SealedSecret/);
  });

  const refused: [string, readonly (readonly [string, string])[], RegExp][] = [
    [
      'values that differ',
      [
        ['password: ', 'one\r'],
        ['password again: ', 'two\r'],
      ],
      /error: the two values of "password" differ; nothing was changed/,
    ],
    [
      'an empty value',
      [['password: ', '\r']],
      /error: the value of "password" is empty; nothing was changed/,
    ],
    [
      'the end of the input',
      [['password: ', '\u0004']],
      /error: the input ended before a value was typed; nothing was changed/,
    ],
  ];
  for (const [what, answers, wanted] of refused) {
    test(`refuses ${what}, and leaves the terminal as it was`, async () => {
      const path = file();
      const program = start(['set', path, 'password', '--prompt']);
      for (const [prompt, keys] of answers) await program.answer(prompt, keys);
      const { shown, settings, code } = await program.ended();
      assert.match(shown, wanted);
      assert.equal(code, 1);
      assert.match(settings, NORMAL);
      assert.equal(readFileSync(path, 'utf8'), DB);
    });
  }

  test('leaves the terminal as it was after Ctrl-C', async () => {
    const path = file();
    const program = start(['set', path, 'password', '--prompt']);
    await program.answer('password: ', 'secr\u0003');
    const { shown, settings, code } = await program.ended();
    assert.equal(code, 130, shown);
    assert.doesNotMatch(shown, /secr/);
    assert.match(settings, NORMAL);
    assert.equal(readFileSync(path, 'utf8'), DB);
  });

  for (const [signal, code] of [
    ['TERM', 143],
    ['HUP', 129],
    ['INT', 130],
  ] as const) {
    test(`leaves the terminal as it was after SIG${signal}`, async () => {
      const path = file();
      const program = start(['set', path, 'password', '--prompt']);
      await program.sees('password: ');
      await program.signal(signal);
      const ended = await program.ended();
      assert.equal(ended.code, code, ended.shown);
      assert.match(ended.settings, NORMAL);
      assert.equal(readFileSync(path, 'utf8'), DB);
    });
  }
});
