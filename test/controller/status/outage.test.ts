import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { outageOf } from '../../../controller/status/outage.ts';
import type { Failure } from '../../../shared/errors.ts';
import { kubernetesFailure } from '../../../shared/kubernetes/errors.ts';
import { reconcileFailure } from '../../../controller/status/errors.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

function refusal(status: number, reason: string, more: object = {}): Failure {
  return kubernetesFailure({
    code: 'ApiRefused',
    what: 'create Secret ns/name',
    status,
    reason,
    fields: [],
    ...more,
  });
}

suite('outageOf returns', () => {
  for (const [expected, failure] of [
    [
      'create Secret: 403 Forbidden: the ResourceQuota team is exceeded',
      refusal(403, 'Forbidden', { cause: 'the ResourceQuota team is exceeded' }),
    ],
    ['create Secret: 500', refusal(500, '')],
    [
      'update the status of SealedSecret: 403 Forbidden',
      refusal(403, 'Forbidden', { what: 'update the status of SealedSecret ns/name' }),
    ],
    [
      'cannot reach the API server',
      kubernetesFailure({ code: 'Unreachable', server: 'https://a', reason: 'timed out' }),
    ],
    [
      'no credentials for the API server',
      kubernetesFailure({ code: 'NoCredentials', plugin: 'aws', problem: 'it failed' }),
    ],
    [
      'no credentials for the API server',
      kubernetesFailure({ code: 'NoToken', user: 'ann', provider: 'oidc', problem: 'it failed' }),
    ],
  ] satisfies [string, Failure][]) {
    test(`"${expected}"`, () => assert.equal(outageOf(failure), expected));
  }
});

suite('outageOf returns no cause', () => {
  for (const [what, failure] of Object.entries({
    'a Secret of another owner': reconcileFailure({ code: 'NotManaged', name: 'a' }),
    'a conflict': refusal(409, 'Conflict'),
    'a refused field': refusal(422, 'Invalid', { fields: ['metadata.labels: FieldValueInvalid'] }),
    'a too large object': refusal(413, 'RequestEntityTooLarge'),
    'a missing key': sealFailure({ code: 'Unseal', problems: [{ code: 'NoKey', item: 'a' }] }),
  } satisfies Record<string, Failure>)) {
    test(`for ${what}`, () => assert.equal(outageOf(failure), undefined));
  }
});
