import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { failureOf, SealedSecretsError, type Failure } from '../../shared/errors.ts';
import { sealFailure } from '../../shared/seal/errors.ts';
import { cliFailure } from '../../cli/errors.ts';
import { kubernetesFailure } from '../../shared/kubernetes/errors.ts';
import { objectFailure } from '../../shared/api/errors.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { MAX_DESCRIBED, MAX_MESSAGE, MAX_PRINTED } from '../../shared/text.ts';
import { fileFailure } from '../../shared/file-errors.ts';

/** Characters that move a cursor, change a colour, turn the direction of writing or end a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

suite('a failure', () => {
  test('is described in one line, whatever its fields hold', () => {
    const text = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constant('\n')),
    });
    const failures = fc.oneof<fc.Arbitrary<Failure>[]>(
      fc.record({ code: fc.constant('NoSuchFile'), path: text }).map(fileFailure),
      fc.record({ code: fc.constant('WrongKind'), at: text, kind: text, wanted: text }).map(objectFailure),
      fc.record({ code: fc.constant('BadName'), at: text, value: text, rule: text }).map(objectFailure),
      fc
        .record({ code: fc.constant('NamespaceMismatch'), at: text, own: text, specified: text })
        .map(cliFailure),
      fc.record({ code: fc.constant('Unreachable'), server: text, reason: text }).map(kubernetesFailure),
      fc
        .record({
          code: fc.constant('ApiRefused'),
          what: text,
          status: fc.nat(),
          reason: text,
          fields: fc.array(text),
        })
        .map(kubernetesFailure),
      fc
        .record({
          code: fc.constant('UnsealDocument'),
          at: text,
          problems: fc.array(
            fc.oneof(
              fc.record({ code: fc.constantFrom('NoKey', 'NoEnvelope', 'NotAString'), item: text }),
              fc.record({ code: fc.constant('IllegalBase64'), item: text, offset: fc.nat() }),
            ),
          ),
        })
        .map(cliFailure),
    );
    fc.assert(
      fc.property(failures, (failure) => {
        const words = failure.describe();
        assert.doesNotMatch(words, UNSEEN);
        assert.equal(new SealedSecretsError(failure).message, words);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('of many items names as many as fit, sorted by cause', () => {
    const problems = Array.from(
      { length: 50 },
      (_, i) => ({ code: 'NoKey', item: `item-${99 - i}` }) as const,
    );
    const names = problems.map(({ item }) => item).sort();
    const failure = sealFailure({
      code: 'Unseal',
      problems: [...problems, { code: 'NotAString', item: 'n' }],
    });
    for (const max of [MAX_MESSAGE, MAX_DESCRIBED, MAX_PRINTED]) {
      const lines: string[] = failure.describe({ max }).split('\n');
      const [first = '', last] = lines;
      assert.ok(first.startsWith(`no key could decrypt secret (${names.join(', ')}): `), first);
      assert.equal(last, 'no key could decrypt secret (n): the value is not a string');
    }
  });

  const many: [string, (index: number) => ItemProblem][] = [
    ['items that no key opens', (index) => ({ code: 'NoKey', item: `item-${index}` })],
    ['items with long names', (index) => ({ code: 'NoKey', item: `${index}${'\n'.repeat(5000)}` })],
    ['items of which each is wrong in its own way', (index) => bad(index)],
    [
      'broken templates',
      (index) => ({ code: 'Template', item: `t${index}`, message: `${index}${'x'.repeat(5000)}` }),
    ],
  ];
  for (const [what, problem] of many) {
    test(`of 20,000 ${what} is short, and accounts for each of them`, () => {
      const problems = Array.from({ length: 20_000 }, (_, index) => problem(index));
      const failures: Failure[] = [
        sealFailure({ code: 'Unseal', problems }),
        cliFailure({ code: 'UnsealDocument', at: 'file', problems }),
        cliFailure({ code: 'NotVerified', at: 'file', name: 'db', problems }),
      ];
      for (const failure of failures) {
        for (const max of [MAX_MESSAGE, MAX_DESCRIBED, MAX_PRINTED]) {
          const words = failure.describe({ max });
          assert.ok(words.length <= max, String(words.length));
          assert.ok(words.isWellFormed());
          const counts = [...words.matchAll(/and (\d+) more/g)].map(([, count]) => Number(count));
          const named = new Set(words.match(/(?:item-|\b[tz])?\d+(?=[,) \\])/g));
          const counted = counts.reduce((sum, count) => sum + count, 0);
          assert.ok(counted > 0 && counted + named.size >= 20_000 && counted < 20_000, words);
        }
      }
    });
  }

  function bad(index: number): ItemProblem {
    return { code: 'IllegalBase64', item: `z${index}`, offset: index };
  }

  test('of any code is short, however long its fields are', () => {
    const long = 'x'.repeat(1_000_000);
    const list = Array.from({ length: 10_000 }, () => long);
    const failures: Failure[] = [
      cliFailure({ code: 'Usage', problem: long }),
      kubernetesFailure({ code: 'BadKubeconfig', at: long, problem: long }),
      kubernetesFailure({ code: 'ApiRefused', what: long, status: 500, reason: long, fields: list }),
      cliFailure({ code: 'NoSuchService', namespace: long, name: long, others: list }),
      cliFailure({ code: 'UnsealDocument', at: long, problems: [{ code: 'NoKey', item: long }] }),
      objectFailure({ code: 'BadName', at: long, value: long, rule: long }),
    ];
    for (const failure of failures) {
      assert.ok(failure.describe().length <= MAX_DESCRIBED);
      assert.ok(failure.describe({ max: 100 }).length <= 100);
      assert.ok(new SealedSecretsError(failure).message.length <= MAX_DESCRIBED);
    }
  });

  test('of a foreign error shows only the name of its class', () => {
    const error = new TypeError('cannot read hunter2');
    assert.deepEqual(failureOf(error, 'kubeseal').details, {
      code: 'Internal',
      where: 'kubeseal',
      name: 'TypeError',
    });
    assert.deepEqual(failureOf('hunter2', 'kubeseal').details, {
      code: 'Internal',
      where: 'kubeseal',
      name: 'string',
    });
    assert.equal(
      failureOf(error, 'kubeseal').describe(),
      'internal error in kubeseal (TypeError); please report it',
    );
  });
});
