import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { comparable, entriesIn } from './entries.ts';
import { HOLE, literalsIn } from './literals.ts';

function textsIn(source: string, file = 'controller/example.ts'): string[] {
  return literalsIn(file, source).map(({ text }) => text.replaceAll(HOLE, '_'));
}

suite('the words that are found in the code', () => {
  test('are literals, templates and sums, joined, with a hole for each expression', () => {
    const source = 'warn("no such host"); warn(`cannot read ${file}: ` + `see ${docs.page} for ` + "help");';
    assert.deepEqual(textsIn(source), ['no such host', 'cannot read _: see _ for help']);
  });

  test('are one word only before a colon or a full stop', () => {
    assert.deepEqual(
      textsIn('warn(`warning: ${problem}`); fail(`Expected ${kinds}.`); read(`Secret ${name}`);'),
      ['warning: _', 'Expected _.'],
    );
  });

  test('are those of each alternative; one that may be missing leaves no hole', () => {
    assert.deepEqual(textsIn("fail(`no such host${hint ? `: try ${hint} again` : ''}`)"), [
      'no such host',
      ': try _ again',
    ]);
    assert.deepEqual(textsIn("fail(a ? 'not a file' : `not a ${kind} file`)"), [
      'not a file',
      'not a _ file',
    ]);
  });

  test('contain the constants of the file', () => {
    assert.deepEqual(textsIn("const FLAG = '--from-file'; fail(`${FLAG}: the key is missing`);"), [
      '--from-file: the key is missing',
    ]);
  });

  test('are single words only in calls of the log', () => {
    assert.deepEqual(
      textsIn("this.#log.info('stopped', { at: 'pod' }); log.warn(`Secret ${action}`); f('stopped')"),
      ['stopped', 'Secret _'],
    );
  });

  test('are no comparisons, descriptions, patterns, types, or words of plain errors', () => {
    const source = `
      import type { A } from './the other file.ts';
      type State = 'too large' | 'too slow';
      if (state === 'too large') f({ help: 'what it does', wanted: 'a PEM certificate' });
      switch (state) { case 'too slow': break; }
      new RegExp('the old words'); failureOf(error, 'key loader'); throw new Error('it is closed');`;
    assert.deepEqual(textsIn(source), []);
  });

  test('have the code of their failure, also if they are fields alone', () => {
    const source =
      'const WORDING = { NoHost: (f) => `no host ${f.name}`, Usage: (f) => f.problem } satisfies Wording;';
    assert.deepEqual(
      literalsIn('shared/errors.ts', source).map(({ code, named }) => [code, named]),
      [
        ['NoHost', 'no host «name»'],
        ['Usage', ''],
      ],
    );
  });

  test('are refusals alone in the definitions of flags', () => {
    const source =
      "const A = { title: 'what it does', refusal: 'it requires another' }; const B_REFUSAL = 'not for you';";
    assert.deepEqual(textsIn(source, 'cli/flags/definitions.ts'), ['it requires another', 'not for you']);
  });
});

suite('an entry of the page', () => {
  test('has messages, codes and a text', () => {
    const page = `
- \`no host «name»\`\\
  \`\` \`x\` is gone \`\`\\
  \`a: b\` (codes \`NoHost\`, \`Gone\`):\\
  Look at \`it\`:
  now.

Text`;
    const [entry, ...more] = entriesIn(page);
    assert.deepEqual(more, []);
    assert.deepEqual(entry?.messages, ['no host «name»', '`x` is gone', 'a: b']);
    assert.deepEqual(entry.codes, ['NoHost', 'Gone']);
    assert.equal(entry.text, 'Look at `it`: now.');
  });

  test('is about the messages that have its words, whatever the names', () => {
    const [entry] = entriesIn('- `no host «name»`\\\n  `«…» requires --«…»`:\\\n  Text.');
    const about = (text: string): boolean | undefined => entry?.isAbout(comparable(text));
    assert.ok(about(`no host ${HOLE}`));
    assert.ok(about(`; no host ${HOLE}: `));
    assert.ok(about('--a requires --b FILE'));
    assert.equal(about(`no hosts ${HOLE}`), false);
    assert.equal(about(`no host ${HOLE} here`), false);
  });

  test('needs a colon after its messages', () => {
    assert.throws(() => entriesIn('- `no host` nothing'), /expected/);
  });
});
