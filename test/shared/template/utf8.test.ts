import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBuffer } from '../../../shared/template/buffer.ts';
import { bytesOf, textOf } from '../../../shared/template/utf8.ts';

suite('the bytes of a text', () => {
  const cases = [
    ['ASCII', 'jorg'],
    ['two, three and four bytes for a character', 'jörg €1 😀'],
    ['more bytes than are converted at once', 'ä€😀'.repeat(5000)],
  ] as const;
  for (const [what, text] of cases) {
    test(`are those of UTF-8: ${what}`, () => {
      assert.deepEqual(toBuffer(bytesOf(text)), Buffer.from(text, 'utf8'));
      assert.equal(textOf(bytesOf(text)), text);
    });
  }

  test('have U+FFFD for a surrogate that stands alone', () => {
    assert.deepEqual(toBuffer(bytesOf('a\ud800b')), Buffer.from('a\ufffdb', 'utf8'));
  });
});
