import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { readCommandLine } from '../../cli/flags/command-line.ts';
import { FLAGS } from '../../cli/flags/definitions.ts';
import type { ParsedFlags } from '../../cli/flags/parsed-flags.ts';
import { optionsOf } from '../../cli/flags/options.ts';
import { readSimpleCommandLine } from '../../cli/flags/quick-line.ts';
import { failureOf } from '../../shared/errors.ts';

const ENVIRONMENT = {
  SEALED_SECRETS_NAME: 'n',
  SEALED_SECRETS_AS_GROUP: 'g',
  SEALED_SECRETS_SCOPE: 'strict',
};

/** Everything that a command knows about its command line. */
function known(given: ParsedFlags | undefined): unknown {
  assert.ok(given);
  const typed = [...FLAGS.keys()].filter((name) => given.typed(name));
  try {
    return [given.words, typed, optionsOf(given)];
  } catch (error) {
    return [given.words, typed, failureOf(error, 'test').describe()];
  }
}

const words = [...FLAGS].flatMap(([name, { short = name[0], value, choices }]) => {
  if (value === undefined) return [`--${name}`, `-${short}`];
  const texts = [...(choices ?? []), 'x', 'a,b', '-y', ''];
  return [`--${name}`, `-${short}`, ...texts.flatMap((text) => [`--${name}=${text}`, `-${short}=${text}`])];
});
const others = ['', '-', '--', 'x', 'json', 'completion', '--=', '--raw=true', '--raw=false', '-fx'];

suite('the quick reader of the command line', () => {
  test('agrees with commander, or leaves the line to it', () => {
    let read = 0;
    const word = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...words) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (line) => {
        const quick = readSimpleCommandLine(line, ENVIRONMENT);
        if (quick === undefined) return;
        read++;
        assert.deepEqual(known(quick), known(readCommandLine(line, ENVIRONMENT, 'kubeseal')));
      }),
      { seed: 1, numRuns: 3_000 },
    );
    assert.ok(read > 500, `${read} were read`);
  });

  test('leaves help, and lines that do not parse, to commander', () => {
    for (const word of ['-h', '--help', '--nosuch', '--scope=wide', '-q', '--raw=x', '--cert'])
      assert.ok(readSimpleCommandLine([word], {}) === undefined, word);
  });
});
