import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { handlingOf } from '../../../controller/reconcile/outcome.ts';

suite('what can never be stored', () => {
  test('is invalid data until the SealedSecret is edited', () => {
    assert.deepEqual(handlingOf({ code: 'SecretTooLarge', size: 1048577, limit: 1048576, items: ['a'] }), {
      reason: 'InvalidData',
      heals: 'never',
      event: 'ErrUnsealFailed',
    });
  });

  test('is invalid data where its type needs other items, and a Secret that is patched may change, too', () => {
    const invalid = { reason: 'InvalidData', event: 'ErrUnsealFailed' };
    const failure = { code: 'UnfitForType', problem: '' } as const;
    assert.deepEqual(handlingOf({ ...failure, patched: false }), { ...invalid, heals: 'never' });
    assert.deepEqual(handlingOf({ ...failure, patched: true }), { ...invalid, heals: 'secret' });
  });

  test('is not sent again when the API server refuses it as too large', () => {
    const refused = { code: 'ApiRefused', what: 'create', reason: '', fields: [] } as const;
    assert.equal(handlingOf({ ...refused, status: 413 }).heals, 'never');
    assert.equal(handlingOf({ ...refused, status: 500 }).heals, 'time');
    assert.equal(handlingOf({ ...refused, status: 429 }).heals, 'time');
  });

  test('fails with its templates, whether some were skipped or not', () => {
    const failed = { code: 'Template', item: 'a', told: '' } as const;
    const skipped = { code: 'TemplatesSkipped', item: '', failed: 10, skipped: 5 } as const;
    for (const problems of [[failed], [failed, skipped]]) {
      assert.deepEqual(handlingOf({ code: 'Unseal', problems }), {
        reason: 'TemplateError',
        heals: 'never',
        event: 'ErrUnsealFailed',
      });
    }
  });
});
