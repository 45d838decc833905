import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealingPair } from '../support/keys.ts';
import { base64 } from '../support/objects.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/**
 * One test of each thing that a reconcile does, with its watches, on a real API server. The unit tests of
 * test/controller/reconciler and test/controller/status cover the cases.
 */
let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('reconcile');
});

type Items = Readonly<Record<string, string>>;

async function seal(name: string, template: object = {}, items: Items = { a: 'one' }): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template }));
  return ref;
}

async function synced(name: string, template: object = {}, items: Items = { a: 'one' }): Promise<Ref> {
  const ref = await seal(name, template, items);
  await setup.cluster.told(ref, 'True');
  return ref;
}

suite('a Secret', () => {
  test('is recreated when it is deleted, and repaired when it is edited', async () => {
    const { cluster } = setup;
    const ref = await synced('edited', { metadata: { labels: { app: 'shop' } } }, { a: 'one', b: 'two' });
    const uid = uidOf(await cluster.secret(ref));
    await cluster.delete('secrets', ref);
    const made = await cluster.secret(ref, uid);
    assert.deepEqual(itemsOf(made), { a: 'one', b: 'two' });
    await until('status.applied of the new Secret', async () => {
      const { applied } = await cluster.told(ref, 'True');
      return at(applied, 'secretUID') === uidOf(made) || undefined;
    });
    await cluster.change('secrets', ref, { data: { a: base64('stolen'), c: base64('added') } });
    await cluster.secretWith(ref, { a: 'one', b: 'two' });
    await cluster.change('secrets', ref, { metadata: { labels: { app: null } } });
    const repaired = await until('the label', async () => {
      const secret = await cluster.get('secrets', ref);
      return at(secret, 'metadata', 'labels', 'app') === 'shop' ? secret : undefined;
    });
    assert.equal(uidOf(repaired), uidOf(made), 'it was not deleted');
  });

  test('follows its SealedSecret: a new item, a removed item, a removed label', async () => {
    const { cluster } = setup;
    const labels = { app: 'shop', tier: 'front' };
    const ref = await synced('followed', { metadata: { labels } }, { a: 'one', b: 'two' });
    const first = await cluster.secret(ref);
    const encryptedData = { b: null, c: sealedItem(certificate, ref, 'three') };
    const template = { metadata: { labels: { tier: null } } };
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData, template } });
    const { applied } = await cluster.told(ref, 'True');
    const second = await cluster.secret(ref);
    assert.deepEqual(itemsOf(second), { a: 'one', c: 'three' });
    assert.deepEqual(at(second, 'metadata', 'labels'), { app: 'shop' });
    assert.equal(uidOf(second), uidOf(first));
    assert.equal(at(applied, 'secretResourceVersion'), versionOf(second));
  });

  test('of someone else is not changed, and the own Secret is created once it is deleted', async () => {
    const { cluster } = setup;
    const before = await cluster.create('secrets', { metadata: { name: 'foreign', namespace }, data: {} });
    const ref = await seal('foreign');
    const { reason, message } = await cluster.told(ref, 'False');
    const words = 'Resource "foreign" already exists and is not managed by SealedSecret';
    assert.deepEqual([reason, message], ['NotManaged', `failed update: ${words}`]);
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
    assert.deepEqual(await cluster.events(ref, 'ErrUpdateFailed'), [
      { type: 'Warning', reason: 'ErrUpdateFailed', message: words, component: 'sealed-secrets' },
    ]);
    await cluster.delete('secrets', ref);
    await cluster.secretWith(ref, { a: 'one' });
    assert.equal((await cluster.told(ref, 'True')).message, '');
  });

  test('that another client edits repeatedly is repaired with pauses and one warning', async () => {
    const { cluster } = setup;
    const ref = await synced('contested');
    const writes = (): number =>
      controller.log.filter(
        ({ message, line }) => message.startsWith('Secret ') && line.includes(`${namespace}/${ref.name}"`),
      ).length;
    const warnings = async (): Promise<number> => {
      const events = await cluster.list('events', namespace);
      return events.filter(
        (event) =>
          at(event, 'involvedObject', 'name') === ref.name &&
          stringAt(event, 'message').includes('another client keeps changing the Secret'),
      ).length;
    };
    let edits = 0;
    await until('the warning', async () => {
      await cluster.change('secrets', ref, { data: { a: base64(`edit ${++edits}`) } });
      await sleep(50);
      return (await warnings()) > 0 || undefined;
    });
    // Without pauses, each edit would be repaired.
    assert.ok(writes() < edits, `${writes()} writes for ${edits} edits`);
    await cluster.secretWith(ref, { a: 'one' });
    assert.equal(await warnings(), 1);
  });
});

suite('a SealedSecret that is being deleted', () => {
  const finalizers = ['example.com/slow'];

  test('creates no Secret', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'leaving' };
    const body = sealedSecret(certificate, ref, { a: 'one' });
    const bad = { ...body, spec: { ...body.spec, encryptedData: { a: 'AAAA' } } };
    await cluster.create('sealedsecrets', { ...bad, metadata: { ...bad.metadata, finalizers } });
    await cluster.told(ref, 'False');
    await cluster.delete('sealedsecrets', ref);
    await cluster.change('sealedsecrets', ref, { spec: body.spec });
    await synced('after-leaving');
    assert.equal(await cluster.get('secrets', ref), undefined);
  });

  test('does not recreate its Secret when that is deleted, too', async () => {
    const { cluster } = setup;
    const ref = await synced('left');
    await cluster.change('sealedsecrets', ref, { metadata: { finalizers } });
    await cluster.delete('sealedsecrets', ref);
    await cluster.delete('secrets', ref);
    await synced('after-left');
    assert.equal(await cluster.get('secrets', ref), undefined);
  });
});

suite('bad SealedSecrets', () => {
  /** Creates a SealedSecret with so many levels of maps, too many for JSON.stringify. */
  async function createDeep(ref: Ref, levels: number): Promise<void> {
    const template = { metadata: { nonsense: 'DEEP' } };
    const body = sealedSecret(certificate, ref, { a: 'one' }, { template });
    const deep = '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
    const answer = await setup.plane.request('POST', path, JSON.stringify(body).replace('"DEEP"', deep));
    assert.equal(answer.status, 201, String(at(answer.body, 'message')));
  }

  test('are refused with their reasons and delay no good one', async () => {
    const { cluster } = setup;
    const strangers = (await sealingPair()).certificate;
    const refOf = (name: string): Ref => ({ namespace, name });
    const expected: readonly (readonly [Ref, reason: string, message: RegExp])[] = [
      [refOf('unknown-key'), 'NoKey', /^no key could decrypt secret \(a\): sealed for another name/],
      [refOf('no-text'), 'InvalidData', /\(a\): the value is not a string$/],
      [
        refOf('bad-label'),
        'UpdateFailed',
        /: 422 Invalid \(metadata\.labels: FieldValueInvalid\); for the full/,
      ],
      [
        refOf('bad-metadata'),
        'InvalidData',
        /spec\.template\.metadata\.labels\.app is a number, not a string/,
      ],
      [refOf('deep'), 'InvalidData', /: spec: nesting deeper than 100$/],
    ];
    await cluster.create('sealedsecrets', sealedSecret(strangers, refOf('unknown-key'), { a: 'one' }));
    const body = sealedSecret(certificate, refOf('no-text'), {});
    await cluster.create('sealedsecrets', { ...body, spec: { encryptedData: { a: 7 } } });
    await seal('bad-label', { metadata: { labels: { 'not a label': 'x' } } });
    // The schema preserves such fields. One of a wrong type fails the whole list of typed clients in other languages.
    await seal('bad-metadata', { metadata: { labels: { app: 7 }, ownerReferences: 'nope', uid: {} } });
    await createDeep(refOf('deep'), 9_000);
    const good = await synced('good');
    assert.deepEqual(itemsOf(await cluster.secret(good)), { a: 'one' });

    for (const [ref, reason, message] of expected) {
      const told = await cluster.told(ref, 'False');
      assert.equal(told.reason, reason, ref.name);
      assert.match(told.message, message);
      assert.equal(await cluster.get('secrets', ref), undefined);
      const event = reason === 'UpdateFailed' ? 'ErrUpdateFailed' : 'ErrUnsealFailed';
      assert.equal((await cluster.events(ref, event)).length, 1);
    }
    assert.deepEqual(
      controller.log.filter(({ message }) =>
        /interrupted|failed to (read|reconcile|update)|crashed/.test(message),
      ),
      [],
    );
  });

  test('have no effect through unsupported metadata of a template', async () => {
    const metadata = {
      ownerReferences: [7],
      deletionTimestamp: 'nope',
      managedFields: {},
      uid: 'x',
      generation: -7,
    };
    const ref = await synced('odd', { metadata });
    const secret = await setup.cluster.secret(ref);
    assert.equal(listAt(secret, 'metadata', 'ownerReferences').length, 1);
    assert.equal(at(secret, 'metadata', 'deletionTimestamp'), undefined);
    assert.notEqual(uidOf(secret), 'x');
  });
});

suite('a write of the status', () => {
  test('changes nothing else in the object', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'whole' };
    const template = { metadata: { labels: { b: 'c' } } };
    const good = sealedSecret(certificate, ref, { a: 'one' }, { template });
    const body = {
      ...good,
      metadata: {
        ...good.metadata,
        labels: { team: 'shop' },
        annotations: { ...good.metadata.annotations, 'example.com/note': 'kept' },
        finalizers: ['example.com/kept'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-1' }],
      },
    };
    const before = await cluster.create('sealedsecrets', body);
    const { object } = await cluster.told(ref, 'True');
    assert.deepEqual(at(object, 'spec'), at(before, 'spec'));
    const changing = ['resourceVersion', 'managedFields'];
    const kept = (of: unknown): object =>
      Object.fromEntries(
        Object.entries(at(of, 'metadata') as object).filter(([field]) => !changing.includes(field)),
      );
    assert.deepEqual(kept(object), kept(before));
    const writes = listAt(object, 'metadata', 'managedFields');
    assert.ok(writes.some((write) => at(write, 'subresource') === 'status'));
    await cluster.change('sealedsecrets', ref, { metadata: { finalizers: null } });
  });
});

suite('a template that refers to a missing item', () => {
  test('is rendered and reported, and refused after a restart with --strict-templates', async () => {
    const { cluster } = setup;
    const data = { conf: 'user={{ .user }} password={{ .pasword }}' };
    const ref = await seal('missing', { data }, { user: 'ada', password: 'missing-items-canary' });
    const missing = 'template item conf refers to missing item "pasword"';
    assert.equal((await cluster.told(ref, 'True')).message, missing);
    const before = await cluster.secret(ref);
    assert.equal(itemsOf(before)['conf'], 'user=ada password=<no value>');
    const events = await cluster.events(ref, 'MissingItem');
    assert.ok(events.some(({ message }) => message === missing));
    await controller.stop();
    controller = await setup.use(setup.installation.startReadyController(['--strict-templates=true']));
    const refused = 'template: conf:1: refers to missing item "pasword" (conf)';
    assert.equal((await cluster.told(ref, 'False')).message, refused);
    assert.deepEqual(await cluster.get('secrets', ref), before);
  });
});
