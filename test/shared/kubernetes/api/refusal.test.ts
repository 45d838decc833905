import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import { ApiError } from '../../../../shared/kubernetes/api/api-error.ts';
import { refusalIn } from '../../../../shared/kubernetes/api/refusal.ts';

/** Returns a Status as the API server sends it. */
function body(message: string, causes: readonly unknown[] = [], reason = 'Forbidden'): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, details: { causes } };
}

const CAUSES: Readonly<Record<string, readonly [message: string, cause: string]>> = {
  'an exceeded quota': [
    'secrets "db" is forbidden: exceeded quota: team.quota, requested: count/secrets=1, used: count/secrets=3, limited: count/secrets=3',
    'the ResourceQuota team.quota is exceeded',
  ],
  'a quota without status': [
    'secrets "db" is forbidden: status unknown for quota: team-quota, resources: count/secrets',
    'the ResourceQuota team-quota has no status yet',
  ],
  'an admission policy': [
    `secrets "v" is forbidden: ValidatingAdmissionPolicy 'the-policy' with binding 'the-binding' denied request: value is aGlkZGVu`,
    'the ValidatingAdmissionPolicy the-policy (binding the-binding) denies it',
  ],
  'a webhook': [
    'admission webhook "check.hook.example" denied the request: the password hunter2 is weak',
    'the admission webhook check.hook.example denies it',
  ],
  'a webhook without words': [
    'admission webhook "check.hook.example" denied the request without explanation',
    'the admission webhook check.hook.example denies it',
  ],
  'a webhook that is down': [
    'Internal error occurred: failed calling webhook "check.hook.example": failed to call webhook: Post "https://10.0.0.1/": dial tcp: refused',
    'the admission webhook check.hook.example cannot be called',
  ],
  'a namespace that is being terminated': [
    'secrets "db" is forbidden: unable to create new content in namespace shop because it is being terminated',
    'the namespace is being terminated',
  ],
  'a missing right': [
    'secrets is forbidden: User "system:serviceaccount:kube-system:sealed-secrets" cannot create resource "secrets" in API group "" in the namespace "shop"',
    'RBAC does not allow the controller to create Secrets here',
  ],
};

suite('the cause of a refusal', () => {
  for (const [what, [message, cause]] of Object.entries(CAUSES)) {
    test(`is recognised: ${what}`, () => {
      assert.equal(refusalIn(body(message)).cause, cause);
    });
  }

  test('is recognised by the reason of a cause, too', () => {
    const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
    const { cause, fields } = refusalIn(body('words of a later release', causes));
    assert.equal(cause, 'the namespace is being terminated');
    assert.deepEqual(fields, ['metadata.namespace: NamespaceTerminating']);
  });

  test('is not taken from text of others, nor from invalid names', () => {
    const quota = 'secrets "db" is forbidden: exceeded quota: hunter2, requested: count/secrets=1';
    for (const message of [
      `x ${quota}`,
      `an aggregated server says: ${quota}`,
      quota.replace('hunter2', 'Hunter2'),
      quota.replace('hunter2', 'hunter 2'),
      quota.replace('hunter2', 'a'.repeat(254)),
      `secrets "hunter2 is forbidden: exceeded quota: q, requested: 1`,
      'admission webhook "hunter 2" denied the request: no',
      'admission webhook "hook" denied the request\nadmission webhook "hunter2" denied',
      'hunter2',
      '',
    ]) {
      const { cause } = refusalIn(body(message));
      assert.equal(cause, undefined, message);
    }
    const nested = `admission webhook "hook" denied the request: ${quota}`;
    assert.equal(refusalIn(body(nested)).cause, 'the admission webhook hook denies it');
  });
});

suite('the fields of a refusal', () => {
  const causes = [
    { reason: 'FieldValueInvalid', field: 'metadata.labels', message: 'Invalid value: "hunter2"' },
    { reason: 'FieldValueInvalid', field: 'metadata.labels' },
    { reason: 'FieldValueRequired', field: 'data[.dockerconfigjson]' },
    { reason: 'FieldValueInvalid', field: 'data[hunter2]' },
    { reason: 'hunter2', field: 'metadata.annotations[hunter2]' },
    { reason: 'FieldValueInvalid', field: 'hunter2' },
    { reason: 'FieldValueInvalid', field: 'datahunter2' },
    'hunter2',
    null,
  ];

  test('have their reasons, and the names of known items', () => {
    const { fields } = refusalIn(body('', causes, 'Invalid'), new Set(['.dockerconfigjson']));
    assert.deepEqual(fields, [
      'metadata.labels: FieldValueInvalid',
      'data[.dockerconfigjson]: FieldValueRequired',
      'data: FieldValueInvalid',
      'metadata.annotations',
    ]);
  });

  test('name no item if none is known', () => {
    const { fields } = refusalIn(body('', causes.slice(2, 4), 'Invalid'));
    assert.deepEqual(fields, ['data: FieldValueRequired', 'data: FieldValueInvalid']);
  });

  test('are five at most', () => {
    const many = ['name', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences'];
    const { fields } = refusalIn(
      body(
        '',
        many.map((name) => ({ field: `metadata.${name}` })),
      ),
    );
    assert.equal(fields.length, 5);
  });
});

test('a reason is shown only if Kubernetes defines it', () => {
  assert.equal(refusalIn(body('', [], 'Forbidden')).reason, 'Forbidden');
  assert.equal(refusalIn(body('', [], 'hunter')).reason, '');
});

test('a body that is not a Status shows nothing', () => {
  for (const answer of [undefined, null, 7, 'hunter2', [], {}, { details: { causes: 'hunter2' } }]) {
    assert.deepEqual(refusalIn(answer), { reason: '', fields: [], cause: undefined, complete: false });
  }
});

test('an ApiError shows nothing of the message, however it is printed', () => {
  const error = new ApiError('create Secret a/b', {
    status: 422,
    body: body('the password hunter2', [{ field: 'data[hunter2]' }]),
  });
  const printed = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)];
  for (const text of printed) assert.ok(!text.includes('hunter2'), text);
  assert.equal(error.unsafeMessage(), 'the password hunter2');
});
