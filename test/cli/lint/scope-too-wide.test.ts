import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { scopeTooWide } from '../../../cli/lint/rules/scope-too-wide.ts';
import { scopeAnnotations, SCOPES, type Scope } from '../../../shared/seal/scope.ts';
import { linesFor, sealedYaml } from './rule-on.ts';

function scoped(scope: Scope): string {
  const lines = [...scopeAnnotations(scope)].map(([name, value]) => `  ${name}: "${value}"`);
  return sealedYaml({ metadata: ['name: db', 'annotations:', '  team: shop', ...lines] });
}

suite('S009 on the scope of a SealedSecret', () => {
  SCOPES.forEach((maxScope, allowed) => {
    SCOPES.forEach((scope, wide) => {
      test(`${wide > allowed ? 'reports' : 'accepts'} ${scope} where ${maxScope} is allowed`, async () => {
        const name = [...scopeAnnotations(scope).keys()].join('');
        const expected = `S009 error metadata.annotations["${name}"]: the scope is ${scope}, and .kubeseal.yaml allows at most ${maxScope}`;
        assert.deepEqual(
          await linesFor(scopeTooWide, scoped(scope), { maxScope }),
          wide > allowed ? [expected] : [],
        );
      });
    });
  });

  test('does not judge a scope that a placeholder decides', async () => {
    const text = scoped('cluster-wide').replace('"true"', '"${WIDE}"');
    assert.deepEqual(await linesFor(scopeTooWide, text, { maxScope: 'strict' }), []);
  });
});
