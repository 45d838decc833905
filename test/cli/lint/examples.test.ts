import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../../support/package.ts';
import { kubeseal } from '../../support/run.ts';

const EXAMPLES = readdirSync(join(PACKAGE, 'examples'), { withFileTypes: true });

suite('kubeseal lint in an example of this repository', () => {
  for (const { name } of EXAMPLES.filter((entry) => entry.isDirectory()))
    test(`finds no problem: ${name}`, async () => {
      const ran = await kubeseal(['lint'], { cwd: join(PACKAGE, 'examples', name) });
      assert.deepEqual([ran.code, ran.stdout], [0, ''], ran.stderr);
      assert.match(ran.stderr, /^no problems in [1-9][0-9]* files?\n$/m);
    });
});

test('kubeseal lint finds no problem in this repository', async () => {
  const { code, stdout, stderr } = await kubeseal(['lint'], { cwd: PACKAGE });
  assert.equal(code, 0, stdout + stderr);
});
