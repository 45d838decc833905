import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { escaped, joined, shortened, visible } from '../../shared/text.ts';

suite('untrusted text', () => {
  const table: [string, string][] = [
    ['plain, "quoted" ünïcödé 名前 😀', 'plain, "quoted" ünïcödé 名前 😀'],
    ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['a\nerror: all is well\r\n', 'a\\u{a}error: all is well\\u{d}\\u{a}'],
    ['\u009b2J', '\\u{9b}2J'],
    ['a\0b\u0007\u007f', 'a\\u{0}b\\u{7}\\u{7f}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['line\u2028paragraph\u2029', 'line\\u{2028}paragraph\\u{2029}'],
    ['half \ud83d', 'half \\u{d83d}'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ];
  for (const [text, shown] of table) {
    test(`${JSON.stringify(text)} is shown without effect on a terminal`, () =>
      assert.equal(escaped(text), shown));
  }

  test('is cut if it is long, but never within a surrogate pair', () => {
    assert.equal(visible('x'.repeat(300)), 'x'.repeat(300));
    assert.equal(visible('x'.repeat(301)), `${'x'.repeat(299)}…`);
    assert.equal(visible(`${'x'.repeat(298)}😀x`), `${'x'.repeat(298)}…`);
    assert.equal(visible(`${'x'.repeat(297)}😀xx`), `${'x'.repeat(297)}😀…`);
    assert.equal(visible('\n'.repeat(1_000_000)).length, 299 * '\\u{a}'.length + 1);
  });

  test('is cut to any length, including zero', () => {
    for (const max of [-5, 0, 1, 2, 3]) {
      const text = shortened('😀😀😀', max);
      assert.ok(text.length <= Math.max(max, 1) && text.endsWith('…') && text.isWellFormed(), text);
    }
    assert.equal(shortened('😀', 2), '😀');
  });

  test('in a list is cut to ten shortened names and a count', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `${index}-${'x'.repeat(5000)}`);
    assert.match(joined(names), /^0-x+…, .*, 9-x+… and 4990 more$/);
    assert.ok(joined(names).length < 10 * 310);
    assert.equal(joined(['a', 'b']), 'a, b');
  });
});
