import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { itemsOf } from '../support/cluster.ts';
import { sealingPair } from '../support/keys.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

interface Refusal {
  readonly body: (ref: Ref) => object;
  readonly reason: string;
  /** The condition's message; `NAMESPACE` and `NAME` stand for those of the object. */
  readonly message: string;
  readonly event?: string;
}

let certificate: Certificate;
let strangers: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  const controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  strangers = (await sealingPair()).certificate;
  namespace = await setup.plane.createNamespace('refused');
});

/** Returns a valid object with some or all items replaced. */
function withItems(ref: Ref, items: object): object {
  const body = good(ref);
  return { ...body, spec: { ...body.spec, encryptedData: { ...items } } };
}

function withTemplate(ref: Ref, template: object): SealedBody {
  return sealedSecret(certificate, ref, { a: 'one' }, { template });
}

function good(ref: Ref): SealedBody {
  return sealedSecret(certificate, ref, { a: 'one', b: 'two' });
}

/** Returns a sealed value with changed bytes. */
function changed(ref: Ref, change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(sealedItem(certificate, ref, 'one'), 'base64')).toString('base64');
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
const OBJECT = 'SealedSecret NAMESPACE/NAME';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'sealed with the key of another cluster': {
    body: (ref) => sealedSecret(strangers, ref, { a: 'one', b: 'two' }),
    reason: 'NoKey',
    message: `no key could decrypt secret (a, b): ${ELSEWHERE}`,
  },
  'sealed for another name': {
    body: (ref) => withItems(ref, { a: sealedItem(certificate, { ...ref, name: 'other' }, 'one') }),
    ...NO_KEY,
  },
  'sealed for another namespace': {
    body: (ref) => withItems(ref, { a: sealedItem(certificate, { ...ref, namespace: 'other' }, 'one') }),
    ...NO_KEY,
  },
  'stripped of its scope': {
    body: (ref) => withItems(ref, { a: sealedItem(certificate, ref, 'one', 'cluster-wide') }),
    ...TOO_NARROW,
  },
  'given a wider scope by its template alone': {
    body: (ref) => {
      const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
      const body = sealedSecret(certificate, ref, { a: 'one' }, { scope: 'cluster-wide' });
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
      spec: { encryptedData: null, data: sealedItem(certificate, ref, 'password') },
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
    body: (ref) => withItems(ref, { 'a b': sealedItem(certificate, ref, 'one') }),
    reason: 'InvalidData',
    message: 'no Secret can have an item named "a b": letters, digits, "-", "_" and "." are allowed',
  },
  'with a label that Kubernetes does not take': {
    body: (ref) => withTemplate(ref, { metadata: { labels: { 'not a label': 'x' } } }),
    reason: 'UpdateFailed',
    message:
      'the API server refused to create Secret NAMESPACE/NAME: 422 Invalid (metadata.labels: FieldValueInvalid); ' +
      'for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -',
    event: 'ErrUpdateFailed',
  },
};

suite('beside twenty bad SealedSecrets', () => {
  test('a good one of the same moment is unsealed within seconds', async () => {
    const ref = { namespace, name: 'good' };
    const bad = Object.values(REFUSALS).map(({ body }, index) => body({ namespace, name: `bad-${index}` }));
    await Promise.all(bad.map((body) => setup.cluster.create('sealedsecrets', body)));
    await setup.cluster.create('sealedsecrets', good(ref));
    await setup.cluster.told(ref, 'True', 20_000);
    assert.deepEqual(itemsOf(await setup.cluster.secret(ref)), { a: 'one', b: 'two' });
  });

  for (const [index, [what, refusal]] of Object.entries(REFUSALS).entries()) {
    test(`one ${what} says so and makes no Secret`, async () => {
      const ref = { namespace, name: `bad-${index}` };
      const message = refusal.message
        .replace('NAMESPACE', namespace)
        .replace('NAME', ref.name)
        .replace('FINGERPRINT', certificate.fingerprint);
      const told = await setup.cluster.told(ref, 'False');
      assert.equal(told.message, message);
      assert.equal(told.reason, refusal.reason);
      assert.equal(told.observedGeneration, 1);
      assert.equal(told.applied, undefined);
      assert.equal(await setup.cluster.get('secrets', ref), undefined);

      const reason = refusal.event ?? 'ErrUnsealFailed';
      const words = reason === 'ErrUnsealFailed' ? `Failed to unseal: ${message}` : message;
      assert.deepEqual(await setup.cluster.events(ref, reason), [
        { type: 'Warning', reason, message: words, component: 'sealed-secrets' },
      ]);
    });
  }
});
