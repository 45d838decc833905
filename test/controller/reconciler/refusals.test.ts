import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OWNER_UID } from '../../../shared/api/annotations.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf } from '../../support/cluster.ts';
import { sealingPair } from '../../support/keys.ts';
import { refused } from '../../support/scripted-api.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../../support/sealed.ts';
import { CERTIFICATE, NAMESPACE, startTestBed } from '../../support/test-bed.ts';

interface Refusal {
  readonly body: (ref: Ref) => object;
  readonly reason: string;
  /** The condition's message; `FINGERPRINT` stands for that of the key. */
  readonly message: string;
  readonly event?: string;
}

const strangers = (await sealingPair()).certificate;
const REF: Ref = { namespace: NAMESPACE, name: 'db' };

/** Returns a valid object with some or all items replaced. */
function withItems(ref: Ref, items: object): object {
  const body = good(ref);
  return { ...body, spec: { ...body.spec, encryptedData: { ...items } } };
}

function withTemplate(ref: Ref, template: object): SealedBody {
  return sealedSecret(CERTIFICATE, ref, { a: 'one' }, { template });
}

function good(ref: Ref): SealedBody {
  return sealedSecret(CERTIFICATE, ref, { a: 'one', b: 'two' });
}

/** Returns a sealed value with changed bytes. */
function changed(ref: Ref, change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(sealedItem(CERTIFICATE, ref, 'one'), 'base64')).toString('base64');
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

const ELSEWHERE =
  'sealed for another name or namespace, or with an unknown key, or damaged: tried 1 key (FINGERPRINT)';
const NO_KEY = { reason: 'NoKey', message: `no key could decrypt secret (a): ${ELSEWHERE}` };
const TOO_NARROW = {
  reason: 'WrongScope',
  message:
    'no key could decrypt secret (a): sealed with scope cluster-wide, but the SealedSecret has scope strict: add the ' +
    'annotation sealedsecrets.bitnami.com/cluster-wide: "true", or seal again',
};
const NO_ENVELOPE = {
  reason: 'InvalidData',
  message: 'no key could decrypt secret (a): the value is truncated or not a sealed value',
};
const NO_STRING = {
  reason: 'InvalidData',
  message: 'no key could decrypt secret (a): the value is not a string',
};
const OBJECT = 'SealedSecret shop/db';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'sealed with the key of another cluster': {
    body: (ref) => sealedSecret(strangers, ref, { a: 'one', b: 'two' }),
    reason: 'NoKey',
    message: `no key could decrypt secret (a, b): ${ELSEWHERE}`,
  },
  'sealed for another name': {
    body: (ref) => withItems(ref, { a: sealedItem(CERTIFICATE, { ...ref, name: 'other' }, 'one') }),
    ...NO_KEY,
  },
  'sealed for another namespace': {
    body: (ref) => withItems(ref, { a: sealedItem(CERTIFICATE, { ...ref, namespace: 'other' }, 'one') }),
    ...NO_KEY,
  },
  'stripped of its scope': {
    body: (ref) => withItems(ref, { a: sealedItem(CERTIFICATE, ref, 'one', 'cluster-wide') }),
    ...TOO_NARROW,
  },
  'given a wider scope by its template alone': {
    body: (ref) => {
      const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
      const body = sealedSecret(CERTIFICATE, ref, { a: 'one' }, { scope: 'cluster-wide' });
      const spec = { ...body.spec, template: { metadata: { annotations } } };
      return { ...body, metadata: { ...ref }, spec };
    },
    ...TOO_NARROW,
  },
  'with a bit of the session key flipped': {
    body: (ref) => withItems(ref, { a: changed(ref, (bytes) => flipped(bytes, 100)) }),
    ...NO_KEY,
  },
  'with a bit of the value flipped': {
    body: (ref) => withItems(ref, { a: changed(ref, (bytes) => flipped(bytes, bytes.length - 18)) }),
    ...NO_KEY,
  },
  'cut short in its value': {
    body: (ref) => withItems(ref, { a: changed(ref, (bytes) => bytes.subarray(0, -1)) }),
    ...NO_KEY,
  },
  'cut short in its session key': {
    body: (ref) => withItems(ref, { a: changed(ref, (bytes) => bytes.subarray(0, 200)) }),
    ...NO_ENVELOPE,
  },
  'with an empty item': { body: (ref) => withItems(ref, { a: '' }), ...NO_ENVELOPE },
  'with an item that is not base64': {
    body: (ref) => withItems(ref, { a: 'AgB*' }),
    reason: 'InvalidData',
    message: 'illegal base64 data at input byte 3 (a)',
  },
  'with several bad items': {
    body: (ref) => withItems(ref, { ...good(ref).spec.encryptedData, z: 'AgB*', y: 7, x: 'AgAB', w: 'AAAA' }),
    reason: 'InvalidData',
    message: [
      'illegal base64 data at input byte 3 (z)',
      'no key could decrypt secret (w, x): the value is truncated or not a sealed value',
      'no key could decrypt secret (y): the value is not a string',
    ].join('\n'),
  },
  'with a number for an item': { body: (ref) => withItems(ref, { a: 7 }), ...NO_STRING },
  'with null for an item': { body: (ref) => withItems(ref, { a: null }), ...NO_STRING },
  'with a map for an item': { body: (ref) => withItems(ref, { a: { b: 'c' } }), ...NO_STRING },
  'with a template of what there is not': {
    body: (ref) => withTemplate(ref, { data: { config: '{{ env "PATH" }}' } }),
    reason: 'TemplateError',
    message: 'template: config:1: function "env" not defined (config)',
  },
  'with a deprecated spec.data that is no Secret': {
    body: (ref) => ({
      ...good(ref),
      spec: { encryptedData: null, data: sealedItem(CERTIFICATE, ref, 'password') },
    }),
    reason: 'InvalidData',
    message: 'the decrypted spec.data (deprecated) is not a Secret',
  },
  'with a type that gives powers': {
    body: (ref) => withTemplate(ref, { type: 'kubernetes.io/service-account-token' }),
    reason: 'Refused',
    message:
      'refused: a Secret of type kubernetes.io/service-account-token grants rights to its creator; ' +
      'only a controller started with --allow-privileged-secret-types creates one',
    event: 'ErrUpdateFailed',
  },
  'without any item': {
    body: (ref) => ({ ...good(ref), spec: { encryptedData: null } }),
    reason: 'InvalidData',
    message: `${OBJECT} has no spec.encryptedData; nothing to unseal`,
  },
  'with a label that is a number': {
    body: (ref) => withTemplate(ref, { metadata: { labels: { app: 7 } } }),
    reason: 'InvalidData',
    message: `${OBJECT}: spec.template.metadata.labels.app is a number, not a string: put it in quotes`,
  },
  'with an item name that no Secret may have': {
    body: (ref) => withItems(ref, { 'a b': sealedItem(CERTIFICATE, ref, 'one') }),
    reason: 'InvalidData',
    message: 'no Secret can have an item named "a b": letters, digits, "-", "_" and "." are allowed',
  },
};

suite('a SealedSecret that is refused', () => {
  for (const [what, refusal] of Object.entries(REFUSALS)) {
    test(`because it is ${what} gets a status, an event, and no Secret`, async (t) => {
      const { server, controller } = await startTestBed(t);
      server.create('sealedsecrets', refusal.body(REF));
      const result = await controller.reconcile(REF);
      assert.equal(result, refusal.reason === 'NoKey' ? 'onNewKey' : 'never');
      const told = controller.told(REF);
      const message = refusal.message.replace('FINGERPRINT', CERTIFICATE.fingerprint);
      assert.deepEqual([told.status, told.reason, told.message], ['False', refusal.reason, message]);
      assert.equal(told.applied, undefined);
      assert.deepEqual(
        listAt(told.object, 'status', 'conditions').map((condition) => at(condition, 'type')),
        ['Synced', 'Stalled'],
      );
      assert.equal(server.get('secrets', REF), undefined);
      const reason = refusal.event ?? 'ErrUnsealFailed';
      const words = reason === 'ErrUnsealFailed' ? `Failed to unseal: ${message}` : message;
      assert.deepEqual(server.events(REF), [{ reason, message: words }]);
    });
  }

  test('because of its type says what is missing, and is synced once its type changes', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db', { type: 'kubernetes.io/dockerconfigjson' });
    const { reason, message } = await controller.settle(ref);
    const words =
      'a Secret of type kubernetes.io/dockerconfigjson needs the item .dockerconfigjson: the API server refuses it otherwise';
    assert.deepEqual([reason, message], ['InvalidData', words]);
    assert.deepEqual(server.of('POST', /\/secrets$/), [], 'it is not sent');
    server.change('sealedsecrets', ref, { spec: { template: { type: 'Opaque' } } });
    assert.equal((await controller.settle(ref)).status, 'True');
  });

  test('because of its type is accepted with --allow-privileged-secret-types', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { allowPrivilegedSecretTypes: true });
    const ref = seal('db', { type: 'bootstrap.kubernetes.io/token' });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
  });
});

suite('a Secret that the API server refuses', () => {
  const full = '; for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -';
  const quota =
    'secrets "db" is forbidden: exceeded quota: team, requested: count/secrets=1, used: 3, limited: 3';
  const webhook = 'Internal error occurred: failed calling webhook "check.hook.example": no route to host';
  const answers: Readonly<Record<string, readonly [ReturnType<typeof refused>, string, object | 'never']>> = {
    'for a quota': [
      refused(403, 'Forbidden', { message: quota }),
      `403 Forbidden: the ResourceQuota team is exceeded${full}`,
      { cause: 'create Secret: 403 Forbidden: the ResourceQuota team is exceeded' },
    ],
    'for a webhook that is down': [
      refused(500, 'InternalError', { message: webhook }),
      `500 InternalError: the admission webhook check.hook.example cannot be called${full}`,
      {
        cause: 'create Secret: 500 InternalError: the admission webhook check.hook.example cannot be called',
      },
    ],
    'for a label': [
      refused(422, 'Invalid', { causes: [{ field: 'metadata.labels', reason: 'FieldValueInvalid' }] }),
      `422 Invalid (metadata.labels: FieldValueInvalid)${full}`,
      'never',
    ],
    'for its size': [refused(413, 'RequestEntityTooLarge'), '413 RequestEntityTooLarge', 'never'],
    'for too many requests': [
      refused(429, 'TooManyRequests'),
      '429 TooManyRequests',
      { cause: 'create Secret: 429 TooManyRequests' },
    ],
  };
  for (const [why, [answer, words, result]] of Object.entries(answers)) {
    test(`${why} is reported, and retried where that may help`, async (t) => {
      const { server, controller, seal } = await startTestBed(t);
      const ref = seal('db');
      server.beforeNext('POST', /\/secrets$/, () => answer);
      assert.deepEqual(await controller.reconcile(ref), result);
      const { reason, message, object } = controller.told(ref);
      assert.deepEqual(
        [reason, message],
        ['UpdateFailed', `the API server refused to create Secret shop/db: ${words}`],
      );
      assert.equal(
        at(object, 'status', 'conditions', 1, 'type'),
        result === 'never' ? 'Stalled' : 'Reconciling',
      );
      assert.match(
        await controller.registry.metrics(),
        /unseal_errors_total\{reason="update",namespace="shop"\} 1/,
      );
      await controller.settle(ref);
      assert.ok(server.get('secrets', ref));
    });
  }

  test('with --show-api-messages is reported in its words, without values', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { showApiMessages: true });
    const ref = seal('db', {}, { a: 'battery staple 4711' });
    const quoted = (value: string): string =>
      `secrets "db" is forbidden: ValidatingAdmissionPolicy 'quoting' with binding 'b' denied request: a is ${value}`;
    const cause = '422 Invalid: the ValidatingAdmissionPolicy quoting (binding b) denies it';
    for (const [value, shown] of [
      ['battery staple 4711', `: ${quoted('[value]')}`],
      ['battery st', full],
    ] as const) {
      server.beforeNext('POST', /\/secrets$/, () => refused(422, 'Invalid', { message: quoted(value) }));
      await controller.reconcile(ref);
      const { message } = controller.told(ref);
      assert.equal(message, `the API server refused to create Secret shop/db: ${cause}${shown}`);
    }
  });
});

/** Fields of metadata that only the API server sets, or that do not exist: in a template they have no effect. */
const NOT_READ = [
  'ownerReferences',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'selfLink',
  'nonsense',
];
const READ = ['labels', 'annotations', 'finalizers', 'name', 'namespace', 'generateName'];
const VALUES: readonly unknown[] = ['nope', -7, 1e300, true, [], [7], [{}], {}, { a: 7 }, { a: null }];

function withMetadata(metadata: object, ref = REF): object {
  return sealedSecret(CERTIFICATE, ref, { a: 'one' }, { template: { metadata } });
}

suite('metadata of a template that is not what it should be', () => {
  for (const field of NOT_READ) {
    test(`has no effect in ${field}`, async (t) => {
      const { server, controller } = await startTestBed(t);
      for (const [index, value] of VALUES.entries()) {
        const ref = { ...REF, name: `db-${index}` };
        server.create('sealedsecrets', withMetadata({ [field]: value }, ref));
        const { status, object } = await controller.settle(ref);
        assert.equal(status, 'True', JSON.stringify(value));
        const secret = server.get('secrets', ref);
        assert.deepEqual(itemsOf(secret), { a: 'one' });
        const owners = listAt(secret, 'metadata', 'ownerReferences').map((owner) => at(owner, 'uid'));
        assert.deepEqual(owners, [uidOf(object)]);
        const [sent] = server.of('POST', /\/secrets$/).slice(-1);
        const allowed = ['name', 'namespace', 'annotations', 'ownerReferences'];
        const extra = Object.keys(at(sent?.body, 'metadata') ?? {}).filter((each) => !allowed.includes(each));
        assert.deepEqual(extra, []);
      }
    });
  }

  for (const field of READ) {
    test(`fails its own object, or none, in ${field}`, async (t) => {
      const { server, controller } = await startTestBed(t);
      const failed: number[] = [];
      for (const [index, value] of VALUES.entries()) {
        const ref = { ...REF, name: `db-${index}` };
        server.create('sealedsecrets', withMetadata({ [field]: value }, ref));
        const { status, message } = await controller.settle(ref);
        assert.equal(server.get('secrets', ref) === undefined, status === 'False', JSON.stringify(value));
        if (status === 'True') continue;
        failed.push(index);
        assert.ok(message.includes(`template.metadata.${field}`), message);
      }
      assert.ok(failed.length > 0 && failed.length < VALUES.length, failed.join(' '));
    });
  }

  test('has no effect but for labels, annotations and finalizers, however right it is', async (t) => {
    const { server, controller } = await startTestBed(t);
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-1', controller: true };
    const copied = {
      labels: { app: 'shop' },
      annotations: { 'example.com/a': 'b' },
      finalizers: ['example.com/kept'],
    };
    const more = { name: 'other', namespace: 'kube-system', generateName: 'x-', ownerReferences: [owner] };
    server.create('sealedsecrets', withMetadata({ ...copied, ...more }));
    const { object } = await controller.settle(REF);
    const secret = server.get('secrets', REF);
    const annotations = { ...copied.annotations, [OWNER_UID]: uidOf(object) };
    for (const [field, value] of Object.entries({ ...copied, annotations })) {
      assert.deepEqual(at(secret, 'metadata', field), value, field);
    }
    assert.equal(at(secret, 'metadata', 'generateName'), undefined);
    const owners = listAt(secret, 'metadata', 'ownerReferences').map((each) => at(each, 'kind'));
    assert.deepEqual(owners, ['SealedSecret']);
  });
});

suite('names that every JavaScript object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'];
  const items = Object.fromEntries(names.map((name) => [name, `the item ${name}`]));

  test('are items like any other', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db', {}, items);
    assert.equal((await controller.settle(ref)).status, 'True');
    assert.deepEqual(
      Object.entries(itemsOf(server.get('secrets', ref))).sort(),
      Object.entries(items).sort(),
    );
  });

  test('are labels and annotations like any other, and give no scope', async (t) => {
    const { server, controller } = await startTestBed(t);
    const metadata = { labels: { constructor: 'x' }, annotations: { toString: 'y', valueOf: 'z' } };
    server.create('sealedsecrets', withMetadata(metadata));
    const { object } = await controller.settle(REF);
    const secret = server.get('secrets', REF);
    assert.deepEqual(at(secret, 'metadata', 'labels'), metadata.labels);
    const annotations = { ...metadata.annotations, [OWNER_UID]: uidOf(object) };
    assert.deepEqual(at(secret, 'metadata', 'annotations'), annotations);

    const planted = { ...REF, name: 'planted' };
    const scope = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const body = sealedSecret(CERTIFICATE, planted, { a: 'one' }, { scope: 'cluster-wide' });
    const template = { metadata: Object.fromEntries([['__proto__', { annotations: scope }]]) };
    server.create('sealedsecrets', { ...body, metadata: planted, spec: { ...body.spec, template } });
    assert.equal((await controller.settle(planted)).reason, 'WrongScope');
  });
});

suite('a SealedSecret of many levels', () => {
  /** Returns an object of so many levels. */
  function levels(count: number): object {
    let deep: object = { a: 1 };
    for (let level = 1; level < count; level++) deep = { a: deep };
    return deep;
  }
  const deep: Readonly<Record<string, object>> = {
    '101 levels in the metadata of its template': withMetadata({ nonsense: levels(101) }),
    '150 levels in an item': {
      ...sealedSecret(CERTIFICATE, REF, {}),
      spec: { encryptedData: { a: levels(150) } },
    },
  };
  for (const [what, body] of Object.entries(deep)) {
    test(`(${what}) says so in its status`, async (t) => {
      const { server, controller } = await startTestBed(t);
      server.create('sealedsecrets', body);
      const { reason, message } = await controller.settle(REF);
      const words = 'SealedSecret shop/db: spec: nesting deeper than 100';
      assert.deepEqual([reason, message], ['InvalidData', words]);
      assert.equal(server.events(REF).length, 1);
      assert.equal(server.get('secrets', REF), undefined);
    });
  }

  test('is unsealed with 50 levels', async (t) => {
    const { server, controller } = await startTestBed(t);
    server.create('sealedsecrets', withMetadata({ nonsense: levels(50) }));
    assert.equal((await controller.settle(REF)).status, 'True');
  });
});
