import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  describe,
  escaped,
  failureOf,
  SealedSecretsError,
  visible,
  type Failure,
} from '../../shared/errors.ts';

/** Characters that move a cursor, change a colour, turn the direction of writing or end a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

suite('text from outside', () => {
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

  test('is cut where it is long, even between the halves of a pair', () => {
    assert.equal(visible('x'.repeat(300)), 'x'.repeat(300));
    assert.equal(visible('x'.repeat(301)), `${'x'.repeat(300)}…`);
    assert.equal(visible(`${'x'.repeat(299)}😀`), `${'x'.repeat(299)}\\u{d83d}…`);
    assert.equal(visible('\n'.repeat(1_000_000)).length, 300 * '\\u{a}'.length + 1);
  });
});

suite('a failure', () => {
  test('is described in one line that nothing in it can break', () => {
    const text = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constant('\n')),
    });
    const failures = fc.oneof<fc.Arbitrary<Failure>[]>(
      fc.record({ code: fc.constant('NoSuchFile'), path: text }),
      fc.record({ code: fc.constant('WrongKind'), at: text, kind: text, wanted: text }),
      fc.record({ code: fc.constant('BadName'), at: text, value: text, rule: text }),
      fc.record({ code: fc.constant('NamespaceMismatch'), at: text, own: text, given: text }),
      fc.record({ code: fc.constant('Unreachable'), server: text, reason: text }),
      fc.record({
        code: fc.constant('ApiRefused'),
        what: text,
        status: fc.nat(),
        reason: text,
        fields: fc.array(text),
      }),
      fc.record({
        code: fc.constant('UnsealDocument'),
        at: text,
        problems: fc.array(
          fc.oneof(
            fc.record({ code: fc.constantFrom('NoKey', 'NoEnvelope', 'NotAString'), item: text }),
            fc.record({ code: fc.constant('IllegalBase64'), item: text, offset: fc.nat() }),
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(failures, (failure) => {
        const words = describe(failure);
        assert.doesNotMatch(words, UNSEEN);
        assert.equal(new SealedSecretsError(failure).message, words);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('of many items names ten of them, sorted, for each cause', () => {
    const problems = Array.from({ length: 25 }, (_, i) => ({ code: 'NoKey', item: `k${99 - i}` }) as const);
    assert.match(
      describe({ code: 'Unseal', problems: [...problems, { code: 'NotAString', item: 'n' }] }),
      /^no key could decrypt secret \(k75, k76, k77, k78, k79, k80, k81, k82, k83, k84 and 15 more\): .*\nno key could decrypt secret \(n\): the value is not a string$/,
    );
  });

  test('that is not ours is told by the name of its class alone', () => {
    const error = new TypeError('cannot read hunter2');
    assert.deepEqual(failureOf(error, 'kubeseal'), {
      code: 'Internal',
      where: 'kubeseal',
      name: 'TypeError',
    });
    assert.deepEqual(failureOf('hunter2', 'kubeseal'), {
      code: 'Internal',
      where: 'kubeseal',
      name: 'string',
    });
    assert.equal(describe(failureOf(error, 'kubeseal')), 'internal error in kubeseal (TypeError)');
  });
});
