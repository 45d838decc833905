import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CHART } from '../../build/helm.ts';
import { helmDoes } from '../support/helm.ts';
import { CASES, pictured } from './cases.ts';

suite('the chart', () => {
  for (const each of CASES) {
    test(`renders as it did with the values of ${each.name}`, async () => {
      assert.equal(await pictured(each), readFileSync(each.snapshot, 'utf8'));
    });

    test(`passes helm lint, strictly, with the values of ${each.name}`, async () => {
      const said = await helmDoes(['lint', '--strict', '--quiet', CHART, '--values', each.values]);
      assert.doesNotMatch(said, /WARNING|ERROR/);
    });
  }
});
