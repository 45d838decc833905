import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ATTACKS } from '../hostile/attacks.ts';
import { PACKAGE } from '../support/package.ts';
import { entriesIn, testsNamedIn } from './named-tests.ts';

/** Returns what is wrong with the tests that a text names. */
function missingTests(text: string): string[] {
  return testsNamedIn(text).flatMap(({ file, title }) => {
    const source = readFileSync(join(PACKAGE, file), 'utf8');
    return source.includes(title) ? [] : [`${file} has no "${title}"`];
  });
}

suite('the threats of docs/threats.md', () => {
  const entries = entriesIn('docs/threats.md', /^- \*\*/m);

  test('are found', () => assert.ok(entries.length > 0));

  for (const entry of entries) {
    const [, threat = ''] = /^\*\*(.+?)\*\*/.exec(entry) ?? [];
    test(`have a control, and name tests that exist: ${threat}`, () => {
      assert.notEqual(threat, '', entry);
      assert.ok(testsNamedIn(entry).length > 0, 'no test');
      assert.deepEqual(missingTests(entry), []);
    });
  }
});

suite('the attacks of docs/threats.md', () => {
  const entries = entriesIn('docs/threats.md', /^\d+\. /m, '## Attacks that are replayed');

  test('are those that "npm run hostile" replays, in its order', () => {
    assert.equal(entries.length, ATTACKS.length);
  });

  for (const [index, entry] of entries.entries()) {
    test(`name tests that exist: ${index + 1}`, () => {
      assert.ok(testsNamedIn(entry).length > 0, 'no test');
      assert.deepEqual(missingTests(entry), []);
    });
  }
});
