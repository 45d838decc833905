import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { withoutValues } from '../../../controller/reconciler/without-values.ts';

const PASSWORD = 'c0rrect "horse" / battery?';

function shown(message: string, ...values: readonly string[]): string | undefined {
  return withoutValues(
    message,
    values.map((value) => Buffer.from(value)),
  );
}

suite('withoutValues', () => {
  test('returns a message without values unchanged', () => {
    const message = 'secrets "db" is forbidden: exceeded quota: q, requested: count/secrets=1';
    assert.equal(shown(message, PASSWORD, '', 'hunter2'), message);
  });

  const base64 = Buffer.from(PASSWORD).toString('base64');
  const ENCODED: Readonly<Record<string, string>> = {
    plain: PASSWORD,
    'in JSON': JSON.stringify(PASSWORD),
    'in JSON in JSON': JSON.stringify(JSON.stringify(PASSWORD)),
    'in base64': base64,
    'in base64 for URLs': Buffer.from(PASSWORD).toString('base64url'),
    'in base64 without padding': base64.replace(/=+$/, ''),
    'in base64 after one byte': Buffer.from(`x${PASSWORD}`).toString('base64'),
    'in base64 between other bytes': Buffer.from(`xx${PASSWORD}y`).toString('base64'),
    'percent-encoded': encodeURIComponent(PASSWORD),
    'in hexadecimal': Buffer.from(PASSWORD).toString('hex').toUpperCase(),
    'as bytes': `[${Buffer.from(PASSWORD).join(' ')}]`,
    'in capitals': PASSWORD.toUpperCase(),
    'cut short': PASSWORD.slice(0, 10),
    'without its beginning': PASSWORD.slice(-8),
    twice: `${PASSWORD} ${PASSWORD}`,
  };
  for (const [how, text] of Object.entries(ENCODED)) {
    test(`leaves no value ${how}`, () => {
      const words = shown(`policy p denied it: ${text} is weak`, 'other', PASSWORD);
      if (words === undefined) return;
      // Base64 characters next to the value also encode bits of neighbouring bytes.
      assert.match(words, /^policy p denied it: (?:\S{0,5}\[value\]\S{0,5}\s?)+ is weak$/);
    });
  }

  test('replaces a whole value by a placeholder', () => {
    assert.equal(shown(`denied: ${PASSWORD} is weak`, PASSWORD), 'denied: [value] is weak');
    assert.equal(shown(`denied: ${base64} is weak`, PASSWORD), 'denied: [value] is weak');
  });

  test('replaces the longer of two values that overlap', () => {
    assert.equal(shown('denied: abcdefgh-ijklmnop', 'abcdefgh', 'abcdefgh-ijklmnop'), 'denied: [value]');
  });

  test('drops a message that contains a part of a value, or a short value as a word', () => {
    assert.equal(shown('denied: horse" is a part', PASSWORD), undefined);
    assert.equal(shown('denied: pin 1234', '1234'), undefined);
    assert.equal(shown('denied: pin 12345', '1234'), 'denied: pin 12345');
    assert.equal(shown('denied: seed x', 'x'), undefined);
  });

  test('drops a message if there is too much to compare', () => {
    assert.equal(shown('denied', 'x'.repeat(64 * 1024)), 'denied');
    assert.equal(shown('denied', 'x'.repeat(64 * 1024 + 1)), undefined);
    assert.equal(shown('denied', 'x'.repeat(32 * 1024), 'y'.repeat(32 * 1024 + 1)), undefined);
    assert.equal(shown('d'.repeat(4096), PASSWORD), 'd'.repeat(4096));
    assert.equal(shown('d'.repeat(4097), PASSWORD), undefined);
    assert.equal(shown('', PASSWORD), undefined);
  });

  test('never leaves six characters of a value, whatever surrounds them', () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(text, fc.string(), fc.string(), fc.nat(), (value, before, after, cut) => {
        const part = value.slice(cut % Math.max(1, value.length - 6));
        const words = shown(before + part + after, value);
        if (words === undefined) return;
        const rest = words.split('[value]').join('\0');
        for (let at = 0; at + 6 <= value.length; at++) assert.ok(!rest.includes(value.slice(at, at + 6)));
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});
