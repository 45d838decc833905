import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { ATTACKS } from '../hostile/attacks.ts';
import { tableUnder } from './table.ts';

suite('the table of attacks in docs/security.md', () => {
  const rows = tableUnder('docs/security.md', '## Attacks that are replayed');

  test('has a row for each attack that "npm run hostile" replays, in its order', () => {
    assert.deepEqual(
      rows.map(([number]) => number),
      ATTACKS.map((_, index) => String(index + 1)),
    );
  });

  for (const [number = '', , , tests = ''] of rows) {
    test(`names tests that exist: ${number}`, () => {
      const named = [...tests.matchAll(/\[`(.+?)`\]\(\.\.\/(.+?)\): (.+?)(?=<br>|$)/g)];
      assert.ok(named.length > 0);
      for (const [, , file = '', title = ''] of named) {
        assert.ok(readFileSync(join(PACKAGE, file), 'utf8').includes(title), `${file} has no "${title}"`);
      }
    });
  }
});
