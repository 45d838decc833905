import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { allPem, firstPem } from '../../../shared/crypto/pem.ts';

const TYPES = ['CERTIFICATE', 'PRIVATE KEY', 'RSA PRIVATE KEY'];

/** Finds the blocks of a text in the simplest way: from each end of a block, all types again. */
function blocksOf(text: string): string[] {
  const [found] = TYPES.flatMap((type) => {
    const start = text.indexOf(`-----BEGIN ${type}-----`);
    const last = `-----END ${type}-----`;
    const end = start < 0 ? -1 : text.indexOf(last, start);
    return end < 0 ? [] : [{ start, end: end + last.length }];
  }).toSorted((a, b) => a.start - b.start);
  if (found === undefined) return [];
  return [text.slice(found.start, found.end), ...blocksOf(text.slice(found.end))];
}

suite('PEM blocks', () => {
  test('are found in any order, nested, and without an end', () => {
    const lines = TYPES.flatMap((type) => [`-----BEGIN ${type}-----`, `-----END ${type}-----`]);
    let several = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines, 'AAAA'), { maxLength: 16 }), (parts) => {
        const text = parts.join('\n');
        const blocks = blocksOf(text);
        if (blocks.length > 1) several++;
        assert.deepEqual(allPem(text, TYPES), blocks);
        assert.equal(firstPem(text, TYPES), blocks[0]);
      }),
      { seed: 1, numRuns: 5_000 },
    );
    assert.ok(several > 100, `${several} texts have several blocks`);
  });
});
