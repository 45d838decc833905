import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { handlingOf } from '../../../controller/status/outcome.ts';

suite('what can never be stored', () => {
  test('is invalid data until the SealedSecret is edited', () => {
    assert.deepEqual(handlingOf({ code: 'SecretTooLarge', size: 1048577, limit: 1048576, items: ['a'] }), {
      reason: 'InvalidData',
      retryOn: 'never',
      event: 'ErrUnsealFailed',
    });
  });

  test('is invalid data where its type needs other items, and a Secret that is patched may change, too', () => {
    const invalid = { reason: 'InvalidData', event: 'ErrUnsealFailed' };
    const failure = { code: 'UnfitForType', problem: '' } as const;
    assert.deepEqual(handlingOf({ ...failure, patched: false }), { ...invalid, retryOn: 'never' });
    assert.deepEqual(handlingOf({ ...failure, patched: true }), { ...invalid, retryOn: 'secret' });
  });

  test('is not sent again when the API server refuses it as too large', () => {
    const refused = { code: 'ApiRefused', what: 'create', reason: '', fields: [] } as const;
    assert.equal(handlingOf({ ...refused, status: 413 }).retryOn, 'never');
    assert.equal(handlingOf({ ...refused, status: 500 }).retryOn, 'time');
    assert.equal(handlingOf({ ...refused, status: 429 }).retryOn, 'time');
  });

  test('fails with its templates, whether some were skipped or not', () => {
    const failed = { code: 'Template', item: 'a', told: '' } as const;
    const skipped = { code: 'TemplatesSkipped', item: '', failed: 10, skipped: 5 } as const;
    for (const problems of [[failed], [failed, skipped]]) {
      assert.deepEqual(handlingOf({ code: 'Unseal', problems }), {
        reason: 'TemplateError',
        retryOn: 'never',
        event: 'ErrUnsealFailed',
      });
    }
  });
});
