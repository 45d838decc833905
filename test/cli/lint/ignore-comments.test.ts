import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ignoreComments } from '../../../cli/lint/ignore-comments.ts';

function only(text: string, language: 'yaml' | 'other' = 'yaml'): ReturnType<typeof ignoreComments>[number] {
  const [first, ...more] = ignoreComments(text, language);
  assert.ok(first !== undefined && more.length === 0, text);
  return first;
}

suite('a comment to ignore a rule', () => {
  const right: [string, readonly string[]][] = [
    ['# kubeseal-lint: ignore S001 a test', ['S001']],
    ['#kubeseal-lint: ignore plaintext-secret: a test', ['S001']],
    ['# kubeseal-lint: IGNORE s001, last-applied -- a test', ['S001', 'S010']],
    ['a: b # kubeseal-lint: ignore S001,S010 a test', ['S001', 'S010']],
  ];
  for (const [text, rules] of right) {
    test(`names its rules: ${text}`, () => {
      const { rules: found, problem } = only(text);
      assert.deepEqual([found, problem], [rules, undefined]);
    });
  }

  const wrong: [string, RegExp][] = [
    ['# kubeseal-lint: ignore S001', /gives no reason/],
    ['# kubeseal-lint: ignore S001 -- ', /gives no reason/],
    ['# kubeseal-lint: ignore S001,', /does not name a rule/],
    ['# kubeseal-lint: ignore', /does not name a rule/],
    ['# kubeseal-lint: disable S001 a test', /does not begin with "ignore"/],
    ['# kubeseal-lint: ignore S999 a test', /there is no such rule/],
  ];
  for (const [text, message] of wrong) {
    test(`has no effect, and the message says why: ${text}`, () => {
      const { rules, problem } = only(text);
      assert.deepEqual(rules, []);
      assert.match(problem?.message ?? '', message);
    });
  }

  test('is told the nearest rule, and its own words are not repeated', () => {
    assert.equal(
      only('# kubeseal-lint: ignore plaintxt-secret x').problem?.advice,
      'did you mean plaintext-secret?',
    );
    const unknown = only('# kubeseal-lint: ignore hunter2canary x').problem;
    assert.doesNotMatch(JSON.stringify(unknown), /hunter2canary/);
  });

  test('needs white space before its sign in YAML, and may have the sign of another language elsewhere', () => {
    assert.deepEqual(ignoreComments('a: b# kubeseal-lint: ignore S001 a test', 'yaml'), []);
    assert.deepEqual(ignoreComments('// kubeseal-lint: ignore S013 a test', 'yaml'), []);
    for (const sign of ['#', '//', ';', '--', '/*', '<!--'])
      assert.deepEqual(only(`${sign} kubeseal-lint: ignore S013 a test`, 'other').rules, ['S013']);
  });

  test('takes time that grows with the text, and not with its square', () => {
    const line = '# kubeseal-lint: ignore S001 a test ';
    assert.equal(ignoreComments(`${line.repeat(30_000)}\n`, 'yaml').length, 1);
    assert.equal(ignoreComments(`${line}\n`.repeat(30_000), 'yaml').length, 30_000);
    const spaces = ' '.repeat(1_000_000);
    assert.equal(only(`# kubeseal-lint: ignore S001${spaces}\u2028a test`).problem, undefined);
    const unknown = '# kubeseal-lint: ignore plaintxt-secret a test\n';
    assert.equal(ignoreComments(unknown.repeat(300_000), 'yaml').length, 300_000);
    assert.equal(ignoreComments(`# kubeseal-lint:${' '.repeat(200_000)}ignore`, 'yaml').length, 1);
  });
});
