import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { keyItems, keySecret } from '../support/key-secret.ts';
import { sealingPair } from '../support/keys.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/**
 * Tests what one bad object, or an API server that refuses writes, does to its own object and to others; see
 * test/controller/reconciler/refusals.test.ts.
 */
let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const KEYS = 12;
/** The certificates of all keys except the newest. */
const older: Certificate[] = [];

const setup = new Setup(async () => {
  for (let index = 0; index < KEYS - 1; index++) {
    const items = await keyItems();
    await setup.cluster.create('secrets', keySecret(`sealed-secrets-key-${index}`, items));
    older.push(parseCertificate(items['tls.crt'], 'test'));
  }
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('bad-input');
});

async function seal(name: string, items: Record<string, string> = { a: 'one' }): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items));
  return ref;
}

/** Creates a SealedSecret with many items that no key opens: one envelope under many names. */
async function undecryptable(name: string, items: number): Promise<Ref> {
  const ref = { namespace, name };
  const strangers = (await sealingPair()).certificate;
  const value = sealedItem(strangers, ref, 'one');
  const body = sealedSecret(certificate, ref, {});
  const encryptedData = Object.fromEntries(Array.from({ length: items }, (_, i) => [`item-${i}`, value]));
  await setup.cluster.create('sealedsecrets', { ...body, spec: { ...body.spec, encryptedData } });
  return ref;
}

suite('many items that no key opens', () => {
  test(`do not delay others, in more objects than there are workers, with ${KEYS} keys`, async () => {
    const { cluster } = setup;
    const heavy = await Promise.all(Array.from({ length: 12 }, (_, i) => undecryptable(`heavy-${i}`, 2_000)));
    await cluster.told(await seal('among-heavy'), 'True');
    // Ten that fail are enough: 2,000 under 12 keys would take minutes.
    for (const ref of heavy) {
      assert.match((await cluster.told(ref, 'False')).message, /not tried after 10 failures \(/);
    }
    for (const ref of heavy) await cluster.delete('sealedsecrets', ref);
  });

  test('of an object that is edited or deleted are no longer tried', async () => {
    const { cluster } = setup;
    const ref = await undecryptable('heavy-edited', 2_000);
    await cluster.told(await seal('beside-heavy'), 'True');
    await cluster.delete('sealedsecrets', ref);
    await seal('heavy-edited');
    await cluster.told(ref, 'True');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'one' });
  });
});

suite('many items that all open', () => {
  test('each with a different key than the one before, do not delay others', async () => {
    const { cluster, plane } = setup;
    const heavy = Array.from({ length: 8 }, (_, i) => ({ namespace, name: `good-${i}` }));
    for (const ref of heavy) {
      const body = sealedSecret(certificate, ref, {});
      const values = older.map((each) => sealedItem(each, ref, 'one'));
      const items = Array.from({ length: 1_400 }, (_, i) => [`item-${i}`, values[i % values.length]]);
      const encryptedData: object = Object.fromEntries(items) as object;
      await cluster.create('sealedsecrets', { ...body, spec: { ...body.spec, encryptedData } });
    }
    const elsewhere = { namespace: await plane.createNamespace('elsewhere'), name: 'beside' };
    await cluster.create('sealedsecrets', sealedSecret(certificate, elsewhere, { a: 'one' }));
    await Promise.all([
      cluster.told(elsewhere, 'True'),
      seal('beside-good').then((ref) => cluster.told(ref, 'True')),
    ]);
    // The heavy objects take some 10,000 private operations each.
    const secrets = await Promise.all(heavy.map((ref) => cluster.get('secrets', ref)));
    assert.ok(secrets.includes(undefined), 'the heavy objects were unsealed before: this shows nothing');
    for (const ref of heavy) await cluster.delete('sealedsecrets', ref);
  });
});

suite('a large object', () => {
  test('of a megabyte is unsealed', async () => {
    const { cluster } = setup;
    const value = randomBytes(350_000).toString('hex');
    const ref = await seal('large', { a: value });
    await cluster.told(ref, 'True');
    assert.equal(itemsOf(await cluster.secret(ref))['a'], value);
  });

  test('that exceeds what a Secret can hold is reported and not retried', async () => {
    const { cluster } = setup;
    // A Secret may hold 1 MiB. As base64, a SealedSecret of that size still passes.
    const ref = await seal('too-large', { a: randomBytes(525_000).toString('hex') });
    const told = await cluster.told(ref, 'False');
    assert.equal(told.reason, 'InvalidData');
    assert.match(told.message, /^the Secret would hold 1050000 bytes of data, more than the 1048576 /);
    assert.equal(at(told.object, 'status', 'conditions', 1, 'type'), 'Stalled');
  });

  test('with 2,000 items is unsealed', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'many-items' };
    const value = sealedItem(certificate, ref, 'one');
    const body = sealedSecret(certificate, ref, {});
    const items = Array.from({ length: 2_000 }, (_, i) => `item-${i}`);
    const encryptedData = Object.fromEntries(items.map((item) => [item, value]));
    await cluster.create('sealedsecrets', { ...body, spec: { ...body.spec, encryptedData } });
    await cluster.told(ref, 'True', 60_000);
    assert.deepEqual(
      itemsOf(await cluster.secret(ref)),
      Object.fromEntries(items.map((item) => [item, 'one'])),
    );
  });
});

suite('a SealedSecret with both data and encryptedData', () => {
  test('uses encryptedData', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'both' };
    const body = sealedSecret(certificate, ref, { a: 'one' });
    const data = sealedItem(certificate, ref, '{"data":{"b":"dHdv"}}');
    await cluster.create('sealedsecrets', { ...body, spec: { ...body.spec, data } });
    await cluster.told(ref, 'True');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'one' });
  });
});

suite('a ciphertext that was opened once', () => {
  test('is not opened elsewhere, because decrypted values are not cached', async () => {
    const { cluster, plane } = setup;
    const ref = await seal('original');
    await cluster.told(ref, 'True');
    const spec = at(await cluster.get('sealedsecrets', ref), 'spec');
    for (const copy of [
      { ...ref, namespace: await plane.createNamespace('copies') },
      { ...ref, name: 'copy' },
    ]) {
      const { apiVersion, kind } = sealedSecret(certificate, copy, {});
      await cluster.create('sealedsecrets', { apiVersion, kind, metadata: copy, spec });
      assert.equal((await cluster.told(copy, 'False')).reason, 'NoKey');
      assert.equal(await cluster.get('secrets', copy), undefined);
    }
  });
});

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Returns an admission rule for these operations on Secrets. */
function rules(operations: readonly string[]): object {
  return { apiGroups: [''], apiVersions: ['v1'], operations, resources: ['secrets'] };
}

/** The command that shows the full message. */
const COMMAND = 'for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -';

suite('admission', () => {
  test('that denies a Secret is reported, and retried until it allows the Secret', async () => {
    const { cluster, plane } = setup;
    const policy = { apiVersion: ADMISSION.replace('/apis/', ''), kind: 'ValidatingAdmissionPolicy' };
    const metadata = { name: 'no-secret' };
    const expression = '!object.metadata.name.startsWith("denied")';
    const validations = [{ expression, message: 'canary-of-the-policy' }];
    const matchConstraints = { resourceRules: [rules(['CREATE'])] };
    await plane.apply(JSON.stringify({ ...policy, metadata, spec: { matchConstraints, validations } }));
    const bound = { policyName: 'no-secret', validationActions: ['Deny'] };
    await plane.apply(JSON.stringify({ ...policy, kind: `${policy.kind}Binding`, metadata, spec: bound }));
    await until('the policy', async () => {
      const probe = { metadata: { name: `denied-${Date.now()}` } };
      const { status } = await plane.request('POST', `/api/v1/namespaces/${namespace}/secrets`, probe);
      return status === 422 || undefined;
    });

    const ref = await seal('denied');
    const told = await cluster.told(ref, 'False');
    assert.equal(told.reason, 'UpdateFailed');
    const what = `create Secret ${namespace}/denied`;
    // The message names the policy and does not quote its text.
    const cause = 'the ValidatingAdmissionPolicy no-secret (binding no-secret) denies it';
    assert.equal(told.message, `the API server refused to ${what}: 422 Invalid: ${cause}; ${COMMAND}`);
    assert.equal(at(told.object, 'status', 'conditions', 1, 'type'), 'Reconciling');
    await plane.request('DELETE', `${ADMISSION}/validatingadmissionpolicybindings/no-secret`);
    await cluster.told(ref, 'True');
    assert.equal(
      (await cluster.events(ref, 'ErrUpdateFailed')).filter((e) => e.type === 'Warning').length,
      1,
    );
  });

  test('that is down is reported, and retried', async () => {
    const { cluster, plane } = setup;
    const webhook = {
      name: 'down.example.com',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [rules(['CREATE'])],
      objectSelector: { matchLabels: { webhook: 'down' } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 1,
    };
    await plane.apply(
      JSON.stringify({
        apiVersion: ADMISSION.replace('/apis/', ''),
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'down' },
        webhooks: [webhook],
      }),
    );
    await until('the webhook', async () => {
      const probe = { metadata: { name: `probe-${Date.now()}`, labels: { webhook: 'down' } } };
      const { status } = await plane.request('POST', `/api/v1/namespaces/${namespace}/secrets`, probe);
      return status === 500 || undefined;
    });
    const ref = { namespace, name: 'webhook' };
    const template = { metadata: { labels: { webhook: 'down' } } };
    await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }, { template }));
    const told = await cluster.told(ref, 'False');
    const what = `create Secret ${namespace}/webhook`;
    const cause = 'the admission webhook down.example.com cannot be called';
    assert.equal(told.message, `the API server refused to ${what}: 500 InternalError: ${cause}; ${COMMAND}`);
    await plane.request('DELETE', `${ADMISSION}/validatingwebhookconfigurations/down`);
    await cluster.told(ref, 'True');
  });
});

suite('a namespace that is being deleted', () => {
  test('accepts no Secret, which is reported and does not delay others', async () => {
    const { cluster, plane } = setup;
    const leaving = await plane.createNamespace('leaving');
    const ref = { namespace: leaving, name: 'x' };
    const wide = sealedSecret(certificate, ref, { a: 'one' }, { scope: 'cluster-wide' });
    await cluster.create('sealedsecrets', { ...wide, metadata: { ...ref } });
    await cluster.told(ref, 'False');
    // Nothing completes the deletion here, so the namespace stays in this state.
    await plane.request('DELETE', `/api/v1/namespaces/${leaving}`);
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    await cluster.change('sealedsecrets', ref, { metadata: { annotations } });
    const told = await until('UpdateFailed', async () => {
      const now = await cluster.told(ref, 'False');
      return now.reason === 'UpdateFailed' ? now : undefined;
    });
    const what = `create Secret ${leaving}/x`;
    assert.equal(
      told.message,
      `the API server refused to ${what}: 403 Forbidden (metadata.namespace: NamespaceTerminating): the namespace is being terminated`,
    );
    await cluster.told(await seal('beside-leaving'), 'True');
  });
});

test('the controller still runs and has logged no crash', () => {
  const bad = controller.log.filter(({ message }) =>
    /crashed|failed to reconcile|failed to read/.test(message),
  );
  assert.deepEqual(bad, []);
  assert.ok(!controller.output.includes('canary'));
});
