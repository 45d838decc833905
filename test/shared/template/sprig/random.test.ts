import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../../shared/template/index.ts';
import { render, TEST_ENVIRONMENT } from '../render.ts';

/** A run whose random bytes count up from a start. */
function seeded(text: string, start: number): { output: string; impure: boolean } {
  let next = start;
  const random = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => next++ & 0xff);
  return render({ text }, DEFAULT_LIMITS, { ...TEST_ENVIRONMENT, random });
}

suite('random functions', () => {
  for (const [text, pattern] of [
    ['{{ randAlphaNum 2000 }}', /^[A-Za-z0-9]{2000}$/],
    ['{{ randAlpha 2000 }}', /^[A-Za-z]{2000}$/],
    ['{{ randNumeric 2000 }}', /^[0-9]{2000}$/],
    ['{{ randAscii 2000 }}', /^[ -~]{2000}$/],
    ['{{ randBytes 100 }}', /^[A-Za-z0-9+/]{134}==$/],
    ['{{ uuidv4 }}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['{{ range until 200 }}{{ randInt -1 2 }},{{ end }}', /^((-1|0|1),){200}$/],
    ['{{ randAlpha 0 }}{{ randAscii -1 }}', /^$/],
  ] as const) {
    test(`${text} has its form, and is impure`, () => {
      const { output, impure } = render({ text });
      assert.match(output, pattern);
      assert.equal(impure, true);
    });
  }

  test('every character and number comes', () => {
    const characters = new Set(render({ text: '{{ randAscii 4000 }}' }).output);
    assert.equal(characters.size, 95);
    const numbers = new Set(render({ text: '{{ range until 400 }}{{ randInt 3 9 }}{{ end }}' }).output);
    assert.deepEqual([...numbers].sort(), ['3', '4', '5', '6', '7', '8']);
  });

  test('a shuffled text has the same characters', () => {
    const output = render({ text: '{{ shuffle "abcdefghijklmnopqrstuvwxyz" }}' }).output;
    assert.equal(Buffer.from(output).sort().toString(), 'abcdefghijklmnopqrstuvwxyz');
    assert.notEqual(output, 'abcdefghijklmnopqrstuvwxyz');
  });

  test('all randomness is the environment’s', () => {
    const text =
      '{{ randAlphaNum 9 }} {{ randBytes 9 }} {{ randInt 0 1000 }} {{ uuidv4 }} {{ shuffle "abc" }} {{ encryptAES "k" "x" }}';
    assert.deepEqual(seeded(text, 7), seeded(text, 7));
    assert.notDeepEqual(seeded(text, 7), seeded(text, 8));
  });
});
