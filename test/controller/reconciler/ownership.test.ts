import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MANAGED, OWNER_UID, PATCH, SKIP_OWNER } from '../../../shared/api/annotations.ts';
import { at } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../../support/cluster.ts';
import type { Json } from '../../support/object-store.ts';
import { base64 } from '../../support/objects.ts';
import { CERTIFICATE, NAMESPACE, startTestBed, type TestBed } from '../../support/test-bed.ts';
import { sealedItem, sealedSecret } from '../../support/sealed.ts';

const FOREIGN_UID = '11111111-2222-3333-4444-555555555555';
const SKIP = { [SKIP_OWNER]: 'true' };

/** Creates a Secret before its SealedSecret exists. */
function theirs({ server }: TestBed, name: string, annotations: object = {}, more: object = {}): Json {
  const metadata = { name, namespace: NAMESPACE, annotations, labels: { theirs: 'yes' } };
  return server.create('secrets', { metadata, data: { a: base64('old'), theirs: base64('kept') }, ...more });
}

function annotated(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, 'true']));
}

function withAnnotations(...names: readonly string[]): object {
  return { metadata: { annotations: annotated(...names) } };
}

function owners(secret: unknown): unknown {
  return at(secret, 'metadata', 'ownerReferences');
}

function notManaged(name: string): string {
  return `Resource "${name}" already exists and is not managed by SealedSecret`;
}

suite('a Secret of others', () => {
  test('is left as it is and reported, and replaced once it is out of the way', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    const before = theirs(bed, 'foreign');
    const ref = seal('foreign');
    assert.equal(
      await controller.reconcile(ref),
      'never',
      'a change of the Secret triggers the next reconcile',
    );
    const { status, reason, message } = controller.told(ref);
    assert.deepEqual(
      [status, reason, message],
      ['False', 'NotManaged', `failed update: ${notManaged('foreign')}`],
    );
    assert.equal(server.get('secrets', ref), before);
    assert.deepEqual(server.events(ref), [{ reason: 'ErrUpdateFailed', message: notManaged('foreign') }]);
    assert.match(
      await controller.registry.metrics(),
      /unseal_errors_total\{reason="unmanaged",namespace="shop"\} 1/,
    );

    server.delete('secrets', ref);
    assert.equal((await controller.settle(ref)).message, '');
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
  });

  test('is looked at again after a back-off where Secrets are not watched', async (t) => {
    const bed = await startTestBed(t, { watchesSecrets: false });
    theirs(bed, 'foreign');
    assert.equal(await bed.controller.reconcile(bed.seal('foreign')), 'backoff');
  });

  test('stays so, with any other controller and any form of ownership', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'owned' };
    const metadata = {
      name: 'owned',
      namespace: NAMESPACE,
      ownerReferences: [{ ...owner, uid: FOREIGN_UID, controller: true }],
    };
    const before = server.create('secrets', { metadata });
    const ref = seal('owned');
    const { object, reason } = await controller.settle(ref);
    assert.equal(reason, 'NotManaged');
    assert.equal(server.get('secrets', ref), before);

    // An owner that does not control: anyone can add such an owner.
    const ownerReferences = [{ ...owner, uid: uidOf(object), controller: false }];
    const second = server.change('secrets', ref, { metadata: { ownerReferences } });
    assert.equal((await controller.settle(ref)).reason, 'NotManaged');
    assert.equal(server.get('secrets', ref), second);
  });

  test('is that of a SealedSecret of the same name that was deleted and created again', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('again');
    await controller.settle(ref);
    const secret = server.get('secrets', ref);
    server.delete('sealedsecrets', ref);
    seal('again');
    const { message } = await controller.settle(ref);
    assert.equal(message, `failed update: ${notManaged('again')}`);
    assert.equal(server.get('secrets', ref), secret);
  });

  test('is not taken over by what a template says', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    theirs(bed, 'tricked', annotated(PATCH));
    const tricked = seal('tricked', withAnnotations(MANAGED));
    await controller.settle(tricked);
    assert.equal(owners(server.get('secrets', tricked)), undefined, 'deleting the SealedSecret leaves it');

    const before = theirs(bed, 'untouched');
    const untouched = seal('untouched', withAnnotations(MANAGED, PATCH));
    assert.equal((await controller.settle(untouched)).reason, 'NotManaged');
    assert.equal(server.get('secrets', untouched), before);
  });

  for (const template of [{}, withAnnotations(SKIP_OWNER)]) {
    test(`is not taken by a forged status, with the template ${JSON.stringify(template)}`, async (t) => {
      const bed = await startTestBed(t);
      const { server, controller, seal, reseal } = bed;
      const before = theirs(bed, 'forged');
      const ref = seal('forged', template);
      const { object } = await controller.settle(ref);
      for (const ownership of ['Status', 'Reference', 'None']) {
        server.replaceStatus(ref, {
          observedGeneration: at(object, 'metadata', 'generation'),
          conditions: [{ type: 'Synced', status: 'True', reason: 'Unsealed', message: '' }],
          applied: {
            sealedSecretUID: uidOf(object),
            generation: at(object, 'metadata', 'generation'),
            scope: 'strict',
            secretUID: uidOf(before),
            secretResourceVersion: versionOf(before),
            ownership,
          },
        });
        // The forged True is replaced by a reconcile that has read it, also of a controller without memory.
        controller.restart();
        assert.equal((await controller.settle(ref)).reason, 'NotManaged', ownership);
        assert.equal(server.get('secrets', ref), before);
      }
      reseal(ref, { a: 'two' });
      assert.equal((await controller.settle(ref)).reason, 'NotManaged');
      assert.equal(server.get('secrets', ref), before);
    });
  }
});

suite('a Secret that is annotated managed', () => {
  test('is taken over as a whole, and created again when it is deleted', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    const before = theirs(bed, 'managed', annotated(MANAGED));
    const ref = seal('managed', { metadata: { labels: { app: 'shop' } } });
    const { object } = await controller.settle(ref);
    const secret = server.get('secrets', ref);
    assert.equal(uidOf(secret), uidOf(before));
    assert.deepEqual(itemsOf(secret), { a: 'one' });
    assert.deepEqual(at(secret, 'metadata', 'labels'), { app: 'shop' });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { [OWNER_UID]: uidOf(object) });
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(object));
    server.delete('secrets', ref);
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
  });

  test('is taken over although it was refused before', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    theirs(bed, 'annotated');
    const ref = seal('annotated');
    assert.equal((await controller.settle(ref)).status, 'False');
    server.change('secrets', ref, withAnnotations(MANAGED));
    assert.equal((await controller.settle(ref)).status, 'True');
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
  });

  test('and patch gets the items and an owner, and keeps the rest', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    theirs(bed, 'both', annotated(PATCH, MANAGED));
    const ref = seal('both');
    const { object } = await controller.settle(ref);
    const secret = server.get('secrets', ref);
    assert.deepEqual(itemsOf(secret), { a: 'one', theirs: 'kept' });
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(object));
    const annotations = { ...annotated(PATCH, MANAGED), [OWNER_UID]: uidOf(object) };
    assert.deepEqual(at(secret, 'metadata', 'annotations'), annotations);
  });
});

suite('a Secret that is annotated patch', () => {
  test('gets the items, labels and annotations, keeps the rest, and is not created again', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal } = bed;
    theirs(bed, 'patched', annotated(PATCH), { type: 'example.com/theirs' });
    const metadata = { labels: { app: 'shop' }, annotations: { note: 'x' } };
    const ref = seal('patched', { metadata }, { a: 'one', b: 'two' });
    const { reason, applied } = await controller.settle(ref);
    assert.deepEqual([reason, at(applied, 'ownership')], ['Patched', 'None']);
    const secret = server.get('secrets', ref);
    assert.deepEqual(itemsOf(secret), { a: 'one', b: 'two', theirs: 'kept' });
    assert.deepEqual(at(secret, 'metadata', 'labels'), { theirs: 'yes', app: 'shop' });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...annotated(PATCH), note: 'x' });
    assert.equal(at(secret, 'type'), 'example.com/theirs');
    assert.equal(owners(secret), undefined);

    // An item that is removed from the SealedSecret remains in the Secret; a changed item is repaired.
    bed.reseal(ref, { b: null });
    await controller.settle(ref);
    server.change('secrets', ref, { data: { a: base64('edited') } });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one', b: 'two', theirs: 'kept' });

    // The controller never owned it, so it waits for its owner to create it again.
    server.delete('secrets', ref);
    assert.equal((await controller.settle(ref)).reason, 'PatchedSecretGone');
    assert.equal(server.get('secrets', ref), undefined);
    theirs(bed, 'patched', annotated(PATCH));
    assert.equal((await controller.settle(ref)).reason, 'Patched');
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one', theirs: 'kept' });
  });

  for (const more of [[], [MANAGED]]) {
    const names = [PATCH, SKIP_OWNER, ...more];
    test(`by the template of its own SealedSecret (${names.join(', ')}) is created again`, async (t) => {
      const { server, controller, seal } = await startTestBed(t);
      const ref = seal('db', withAnnotations(...names));
      await controller.settle(ref);
      const created = server.get('secrets', ref);
      // Another reconcile, which finds the annotations from the template.
      server.change('secrets', ref, { data: { a: base64('edited') } });
      await controller.settle(ref);
      assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
      server.delete('secrets', ref);
      assert.equal((await controller.settle(ref)).status, 'True');
      assert.notEqual(uidOf(server.get('secrets', ref)), uidOf(created));
    });
  }

  test('is not taken by a template that names the owner, once the annotation is withdrawn', async (t) => {
    const bed = await startTestBed(t);
    const { server, controller, seal, reseal } = bed;
    theirs(bed, 'named', annotated(PATCH));
    const ref = seal('named', {}, { b: 'two' });
    const { object } = await controller.settle(ref);
    const annotations = { ...SKIP, [OWNER_UID]: uidOf(object), note: 'x' };
    server.change('sealedsecrets', ref, { spec: { template: { metadata: { annotations } } } });
    await controller.settle(ref);
    const patched = at(server.get('secrets', ref), 'metadata', 'annotations');
    assert.deepEqual(patched, { ...annotated(PATCH, SKIP_OWNER), note: 'x' });
    const withdrawn = server.change('secrets', ref, { metadata: { annotations: { [PATCH]: null } } });
    assert.equal((await controller.settle(ref)).status, 'False');
    reseal(ref, { b: 'three' });
    assert.equal((await controller.settle(ref)).reason, 'NotManaged');
    assert.equal(server.get('secrets', ref), withdrawn);
  });
});

suite('a Secret that has lost its owner reference', () => {
  test('gets it back, and belongs to nobody once its annotation is gone, too', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('lost');
    await controller.settle(ref);
    const created = server.get('secrets', ref);
    server.change('secrets', ref, { metadata: { ownerReferences: null } });
    await controller.settle(ref);
    const restored = server.get('secrets', ref);
    assert.equal(uidOf(restored), uidOf(created));
    assert.deepEqual(owners(restored), owners(created));

    const metadata = { ownerReferences: null, annotations: { [OWNER_UID]: null } };
    const released = server.change('secrets', ref, { metadata });
    assert.equal((await controller.settle(ref)).reason, 'NotManaged');
    assert.equal(server.get('secrets', ref), released);
  });
});

suite('a Secret without owner reference', () => {
  test('is created, edited, repaired and created again without one, and known by its annotation', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const ref = seal('ownerless', withAnnotations(SKIP_OWNER));
    const { object, applied } = await controller.settle(ref);
    const secret = server.get('secrets', ref);
    assert.equal(owners(secret), undefined);
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...SKIP, [OWNER_UID]: uidOf(object) });
    assert.deepEqual([at(applied, 'ownership'), at(applied, 'secretUID')], ['Status', uidOf(secret)]);

    reseal(ref, { a: 'two' });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'two' });
    server.change('secrets', ref, { data: { a: base64('edited') } });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'two' });
    server.delete('secrets', ref);
    await controller.settle(ref);
    const again = server.get('secrets', ref);
    assert.notEqual(uidOf(again), uidOf(secret));
    assert.equal(owners(again), undefined);
  });

  test('that the reference left is not written, and taken over once it is annotated managed', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const metadata = { name: 'inherited', namespace: NAMESPACE, annotations: SKIP };
    const before = server.create('secrets', { metadata, data: { a: base64('one') } });
    const ref = seal('inherited', withAnnotations(SKIP_OWNER));
    assert.equal((await controller.settle(ref)).status, 'True');
    assert.equal(server.get('secrets', ref), before);

    // An equal Secret proves no ownership: a change is not written into it.
    reseal(ref, { a: 'two' });
    assert.equal((await controller.settle(ref)).reason, 'NotManaged');
    assert.equal(server.get('secrets', ref), before);
    server.change('secrets', ref, withAnnotations(MANAGED));
    const { object } = await controller.settle(ref);
    const secret = server.get('secrets', ref);
    assert.equal(uidOf(secret), uidOf(before));
    assert.deepEqual(itemsOf(secret), { a: 'two' });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...SKIP, [OWNER_UID]: uidOf(object) });
  });
});

suite('a Secret that the reference created', () => {
  test('with its owner and status is not written, whatever labels others gave it', async (t) => {
    const { server, controller } = await startTestBed(t);
    const ref = { namespace: NAMESPACE, name: 'migrated' };
    const object = server.create('sealedsecrets', sealedSecret(CERTIFICATE, ref, { a: 'one' }));
    const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: ref.name };
    const ownerReferences = [{ ...owner, uid: uidOf(object), controller: true }];
    const metadata = { ...ref, ownerReferences, labels: { theirs: 'yes' } };
    const secret = server.create('secrets', { metadata, data: { a: base64('one') } });
    const condition = { type: 'Synced', status: 'True', lastUpdateTime: '2026-01-02T03:04:05Z' };
    server.replaceStatus(ref, { observedGeneration: 1, conditions: [condition] });
    assert.equal((await controller.settle(ref)).reason, 'Unsealed');
    assert.equal(server.get('secrets', ref), secret);
    assert.deepEqual(server.events(ref), [], 'it was unsealed before');
  });
});

suite('a sealing key', () => {
  const data = { 'tls.crt': base64('certificate'), 'tls.key': base64('key') };
  const keys: Readonly<Record<string, object>> = {
    'the label of a key': {
      name: 'any',
      labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' },
    },
    'the name of a key of the oldest releases': { name: 'sealed-secrets-key' },
  };
  for (const [what, metadata] of Object.entries(keys)) {
    test(`with ${what} is not touched, whatever it is annotated with`, async (t) => {
      const { server, controller } = await startTestBed(t);
      const ref = { namespace: NAMESPACE, name: String(at(metadata, 'name')) };
      const annotations = annotated(PATCH, MANAGED);
      const key = server.create('secrets', { metadata: { ...metadata, ...ref, annotations }, data });
      server.create('sealedsecrets', sealedSecret(CERTIFICATE, ref, { 'tls.key': 'mine' }));
      assert.equal((await controller.settle(ref)).reason, 'Refused');
      assert.equal(server.get('secrets', ref), key);
    });
  }
});

suite('a Secret that cannot become what its template says', () => {
  test('because of its type is left, and created as it should be once it is deleted', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    await controller.settle(ref);
    const before = server.get('secrets', ref);
    server.change('sealedsecrets', ref, { spec: { template: { type: 'example.com/other' } } });
    const { reason, message } = await controller.settle(ref);
    const words = 'the type of a Secret cannot change; delete it and the controller recreates it';
    assert.deepEqual([reason, message], ['Immutable', `Error updating ${NAMESPACE}/db: ${words}`]);
    assert.equal(server.get('secrets', ref), before);
    assert.deepEqual(server.events(ref).at(-1), { reason: 'ErrUpdateFailed', message });
    server.delete('secrets', ref);
    await controller.settle(ref);
    assert.equal(at(server.get('secrets', ref), 'type'), 'example.com/other');
  });

  test('because it is immutable is left, and created as it should be once it is deleted', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const ref = seal('fixed', { immutable: true });
    await controller.settle(ref);
    const before = server.get('secrets', ref);
    assert.equal(at(before, 'immutable'), true);
    reseal(ref, { b: 'two' });
    const { reason, message } = await controller.settle(ref);
    const words = 'the target Secret is immutable; delete it and the controller recreates it';
    assert.deepEqual([reason, message], ['Immutable', `Error updating ${NAMESPACE}/fixed: ${words}`]);
    assert.equal(server.get('secrets', ref), before);
    server.delete('secrets', ref);
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one', b: 'two' });
  });

  test('becomes immutable with its last change when the template says so later', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('frozen');
    await controller.settle(ref);
    const before = server.get('secrets', ref);
    const encryptedData = { a: sealedItem(CERTIFICATE, ref, 'two') };
    server.change('sealedsecrets', ref, { spec: { template: { immutable: true }, encryptedData } });
    await controller.settle(ref);
    const secret = server.get('secrets', ref);
    assert.equal(uidOf(secret), uidOf(before));
    assert.equal(at(secret, 'immutable'), true);
    assert.deepEqual(itemsOf(secret), { a: 'two' });
  });
});

suite('deprecated spec.data', () => {
  const withData = (text: string): object => {
    const ref = { namespace: NAMESPACE, name: 'deprecated' };
    const spec = { encryptedData: null, data: sealedItem(CERTIFICATE, ref, text) };
    return { ...sealedSecret(CERTIFICATE, ref, {}), spec };
  };
  const ref = { namespace: NAMESPACE, name: 'deprecated' };

  test('becomes the Secret that it holds, under its own name', async (t) => {
    const { server, controller } = await startTestBed(t);
    const whole = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' }, data: { a: base64('one') } };
    server.create('sealedsecrets', withData(JSON.stringify(whole)));
    assert.equal((await controller.settle(ref)).status, 'True');
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
  });

  test('with --accept-deprecated-v1-data=false is refused in the words of the reference', async (t) => {
    const { server, controller } = await startTestBed(t, { acceptV1Data: false });
    server.create('sealedsecrets', withData('{}'));
    const { reason, message } = await controller.settle(ref);
    const words = "using deprecated 'data' field, use 'encryptedData' or flip the feature flag";
    assert.deepEqual([reason, message], ['InvalidData', words]);
  });
});
