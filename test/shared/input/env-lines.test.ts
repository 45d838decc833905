import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { quotesNote, readEnvLines } from '../../../shared/input/env-lines.ts';
import { failureOf } from '../../../shared/errors.ts';

/** Returns the code of a thrown failure. */
function codeOf(error: unknown): string {
  return failureOf(error, 'a test').code;
}

function read(text: string): readonly (readonly [string, string | undefined])[] {
  return readEnvLines(Buffer.from(text), '.env').map(({ name, value }) => [name, value]);
}

suite('lines of a .env file', () => {
  test('are names and values; empty lines and comments are skipped', () => {
    const text = '\ufeffA=1\r\n\n  # a comment\n  B=x=y \nC=\nD\n';
    assert.deepEqual(read(text), [
      ['A', '1'],
      ['B', 'x=y '],
      ['C', ''],
      ['D', undefined],
    ]);
  });

  test('keep quotes, and a note says so', () => {
    const lines = readEnvLines(Buffer.from('A="x"\nB=\'y\' \nC="z\nD="'), '.env');
    assert.equal(lines[0]?.value, '"x"');
    assert.equal(
      quotesNote(lines, '.env'),
      '.env: the quotes are part of the value of A, B, as with kubectl',
    );
    assert.equal(quotesNote(readEnvLines(Buffer.from('C=z'), '.env'), '.env'), undefined);
  });

  test('without a valid name are refused with their number and without their text', () => {
    for (const text of ['A=1\nhunter2 is secret', 'A=1\n1B=hunter2', 'A=1\n=hunter2', 'A=1\n../x=hunter2'])
      assert.throws(
        () => read(text),
        (error: Error) =>
          codeOf(error) === 'BadEnvLine' &&
          error.message.includes('line 2') &&
          !error.message.includes('hunter2'),
      );
  });

  test('are refused if they are not UTF-8', () => {
    const bytes = Buffer.from([0x41, 0x3d, 0xff]);
    assert.throws(
      () => readEnvLines(bytes, '.env'),
      (error) => codeOf(error) === 'NotUtf8',
    );
  });
});
