import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { handlingOf } from '../../../controller/status/outcome.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';
import { reconcileFailure } from '../../../controller/status/errors.ts';
import { kubernetesFailure } from '../../../shared/kubernetes/errors.ts';

suite('handlingOf', () => {
  test('does not retry a too large Secret until the SealedSecret is edited', () => {
    assert.deepEqual(
      handlingOf(sealFailure({ code: 'SecretTooLarge', size: 1048577, limit: 1048576, items: ['a'] })),
      {
        reason: 'InvalidData',
        retryOn: 'never',
        event: 'ErrUnsealFailed',
      },
    );
  });

  test('retries templates for which no process could start', () => {
    assert.equal(handlingOf(sealFailure({ code: 'NoTemplateProcess' })).retryOn, 'time');
  });

  test('retries items that do not fit the type only when a patched Secret changes', () => {
    const invalid = { reason: 'InvalidData', event: 'ErrUnsealFailed' };
    const failure = { code: 'UnfitForType', problem: '' } as const;
    assert.deepEqual(handlingOf(reconcileFailure({ ...failure, patched: false })), {
      ...invalid,
      retryOn: 'never',
    });
    assert.deepEqual(handlingOf(reconcileFailure({ ...failure, patched: true })), {
      ...invalid,
      retryOn: 'secret',
    });
  });

  test('does not retry a write that the API server refuses as too large', () => {
    const refused = { code: 'ApiRefused', what: 'create', reason: '', fields: [] } as const;
    assert.equal(handlingOf(kubernetesFailure({ ...refused, status: 413 })).retryOn, 'never');
    assert.equal(handlingOf(kubernetesFailure({ ...refused, status: 500 })).retryOn, 'time');
    assert.equal(handlingOf(kubernetesFailure({ ...refused, status: 429 })).retryOn, 'time');
  });

  test('returns TemplateError whether or not some templates were skipped', () => {
    const failed = { code: 'Template', item: 'a', message: '' } as const;
    const skipped = { code: 'TemplatesSkipped', item: '', failed: 10, skipped: 5 } as const;
    for (const problems of [[failed], [failed, skipped]]) {
      assert.deepEqual(handlingOf(sealFailure({ code: 'Unseal', problems })), {
        reason: 'TemplateError',
        retryOn: 'never',
        event: 'ErrUnsealFailed',
      });
    }
  });
});
