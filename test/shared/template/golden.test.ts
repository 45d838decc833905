import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { caseFiles, readCases, readGoldens } from './cases.ts';
import { answer, comparable } from './render.ts';

for (const file of caseFiles()) {
  suite(`templates as Go runs them: ${file}`, () => {
    const goldens = readGoldens(file);
    for (const one of readCases(file)) {
      test(JSON.stringify(one.name), () => {
        const golden = goldens.get(one.name);
        assert.ok(golden, 'no golden: npm run goldens');
        assert.deepEqual(answer(one), comparable(golden));
      });
    }
  });
}
