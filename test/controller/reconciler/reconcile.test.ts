import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OWNER_UID } from '../../../shared/api/annotations.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../../support/cluster.ts';
import type { Answered } from '../../support/fake-api-server.ts';
import { sealingPair } from '../../support/keys.ts';
import { base64 } from '../../support/objects.ts';
import { refused } from '../../support/scripted-api.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { FINGERPRINT, NAMESPACE, startTestBed } from '../../support/test-bed.ts';
import { TestController } from '../../support/test-controller.ts';

const TEMPLATE = {
  type: 'example.com/kept',
  metadata: { labels: { app: 'shop', tier: 'front' }, annotations: { 'example.com/owner': 'team-a' } },
};
const FOREIGN_UID = '11111111-2222-3333-4444-555555555555';

/** Returns the method and the last part of the path of each request. */
function shown(requests: readonly Answered[]): string[] {
  return requests.map(({ method, path }) => `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '')}`);
}

suite('a new SealedSecret', () => {
  test('becomes a Secret with its owner, a status and an event', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db', TEMPLATE, { a: 'one', b: 'two' });
    assert.equal(await controller.reconcile(ref), 'synced');
    assert.deepEqual(shown(server.answered), [
      'GET sealedsecrets/db',
      'GET secrets/db',
      'POST secrets',
      'PUT sealedsecrets/db/status',
      'POST events',
    ]);
    const secret = server.get('secrets', ref);
    const uid = uidOf(server.get('sealedsecrets', ref));
    assert.deepEqual(itemsOf(secret), { a: 'one', b: 'two' });
    assert.equal(at(secret, 'type'), TEMPLATE.type);
    assert.deepEqual(at(secret, 'metadata', 'labels'), TEMPLATE.metadata.labels);
    const annotations = { ...TEMPLATE.metadata.annotations, [OWNER_UID]: uid };
    assert.deepEqual(at(secret, 'metadata', 'annotations'), annotations);
    assert.deepEqual(listAt(secret, 'metadata', 'ownerReferences'), [
      { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'db', uid, controller: true },
    ]);
    const { status, reason, message, applied } = controller.told(ref);
    assert.deepEqual([status, reason, message], ['True', 'Unsealed', '']);
    assert.deepEqual(applied, {
      sealedSecretUID: uid,
      generation: 1,
      scope: 'strict',
      secretUID: uidOf(secret),
      secretResourceVersion: versionOf(secret),
      ownership: 'Reference',
      keys: [FINGERPRINT],
    });
    assert.deepEqual(server.events(ref), [
      { reason: 'Unsealed', message: 'SealedSecret unsealed successfully' },
    ]);
    assert.deepEqual(
      controller.log.map(({ level, msg }) => [level, msg]),
      [['INFO', 'Secret created']],
    );
  });

  test('costs three requests if the watches work', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { watches: true });
    const ref = seal('db');
    assert.equal(await controller.reconcile(ref), 'synced');
    assert.deepEqual(shown(server.answered), ['POST secrets', 'PUT sealedsecrets/db/status', 'POST events']);
    assert.equal(controller.told(ref).status, 'True');
  });

  test('that has changed since the watch delivered it is read and reconciled again', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t, { watches: true });
    const ref = seal('db');
    server.beforeNext('POST', /\/secrets$/, () => {
      reseal(ref, { a: 'two' });
      return undefined;
    });
    assert.equal(await controller.reconcile(ref), 'backoff');
    assert.equal((await controller.settle(ref)).status, 'True');
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'two' });
  });

  test('without items becomes a Secret without items, which gets some once there are any', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const ref = seal('marker', TEMPLATE, {});
    assert.equal((await controller.settle(ref)).message, '');
    const empty = server.get('secrets', ref);
    assert.equal(at(empty, 'data'), undefined);
    assert.equal(at(empty, 'metadata', 'labels', 'app'), 'shop');
    reseal(ref, { a: 'one' });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'one' });
    assert.equal(uidOf(server.get('secrets', ref)), uidOf(empty));
    reseal(ref, { a: null });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), {});
  });
});

suite('a Secret that is up to date', () => {
  test('takes two reads and no write, also after a restart', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    await controller.settle(ref);
    for (const isRestart of [false, true]) {
      if (isRestart) controller.restart();
      server.answered.length = 0;
      assert.equal(await controller.reconcile(ref), 'synced');
      assert.deepEqual(shown(server.answered), ['GET sealedsecrets/db', 'GET secrets/db']);
    }
  });

  test('is created again whenever it is deleted, with pauses that grow', async (t) => {
    const { server, controller, clock, seal } = await startTestBed(t);
    const ref = seal('db');
    await controller.settle(ref);
    const pauses: number[] = [];
    for (let times = 0; times < 4; times++) {
      const uid = uidOf(server.get('secrets', ref));
      server.delete('secrets', ref);
      const first = await controller.reconcile(ref);
      if (typeof first === 'object' && 'after' in first) {
        pauses.push(first.after);
        assert.equal(server.get('secrets', ref), undefined);
        await clock.pass(first.after);
      }
      const { applied } = await controller.settle(ref);
      const created = server.get('secrets', ref);
      assert.notEqual(uidOf(created), uid);
      assert.equal(at(applied, 'secretUID'), uidOf(created));
    }
    assert.equal(pauses.length, 3);
    for (const [index, pause] of pauses.entries()) {
      assert.ok(pause >= 500 * 2 ** index && pause <= 1_001 * 2 ** index, pauses.join(' '));
    }
  });
});

suite('a Secret that is lost', () => {
  test('costs one private operation, by the key that opened its item before, whichever came last', async (t) => {
    const { server, clock } = await startTestBed(t);
    const pairs = [await sealingPair(), await sealingPair(), await sealingPair()];
    const tries: number[] = [];
    const keyring = new Keyring(
      pairs.map(({ key }) => key),
      (keys) => tries.push(keys),
    );
    const controller = new TestController(server, keyring, { clock });
    const refs = pairs.map(({ certificate }, index) => {
      const ref = { namespace: NAMESPACE, name: `db-${index}` };
      server.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
      return ref;
    });
    for (const ref of refs) assert.equal(await controller.reconcile(ref), 'synced');
    tries.length = 0;
    for (const ref of refs) {
      server.delete('secrets', ref);
      assert.equal(await controller.reconcile(ref), 'synced');
    }
    assert.deepEqual(tries, [1, 1, 1]);
  });
});

suite('a Secret that another client edits', () => {
  const edits: Readonly<Record<string, object>> = {
    'an item is changed': { data: { a: base64('stolen') } },
    'an item is added': { data: { c: base64('added') } },
    'an item is removed': { data: { b: null } },
    'a label is changed and another removed': { metadata: { labels: { app: 'other', tier: null } } },
    'an annotation is removed': { metadata: { annotations: { 'example.com/owner': null } } },
  };
  for (const [what, edit] of Object.entries(edits)) {
    test(`is repaired where ${what}`, async (t) => {
      const { server, controller, seal } = await startTestBed(t);
      const ref = seal('db', TEMPLATE, { a: 'one', b: 'two' });
      await controller.settle(ref);
      const before = server.get('secrets', ref);
      server.change('secrets', ref, edit);
      await controller.settle(ref);
      const repaired = server.get('secrets', ref);
      for (const path of [['data'], ['metadata', 'labels'], ['metadata', 'annotations'], ['metadata', 'uid']])
        assert.deepEqual(at(repaired, ...path), at(before, ...path));
      assert.equal(controller.log.at(-1)?.msg, 'Secret repaired');
    });
  }

  test('keeps the labels, annotations and owners that others add, and is not written for them', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db', TEMPLATE);
    await controller.settle(ref);
    const [own] = listAt(server.get('secrets', ref), 'metadata', 'ownerReferences');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'someone', uid: FOREIGN_UID };
    const seen = { 'example.com/seen': 'yes' };
    server.change('secrets', ref, {
      metadata: { labels: seen, annotations: seen, ownerReferences: [own, owner] },
    });
    server.answered.length = 0;
    await controller.settle(ref);
    assert.deepEqual(server.writes, []);

    server.change('secrets', ref, { data: { a: base64('stolen') } });
    await controller.settle(ref);
    const repaired = server.get('secrets', ref);
    assert.deepEqual(itemsOf(repaired), { a: 'one' });
    assert.equal(at(repaired, 'metadata', 'labels', 'example.com/seen'), 'yes');
    assert.equal(at(repaired, 'metadata', 'annotations', 'example.com/seen'), 'yes');
    assert.deepEqual(at(repaired, 'metadata', 'ownerReferences'), [own, owner]);
  });

  test('with --repair=false stays edited until its SealedSecret changes, and is created again', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t, { repair: false });
    const ref = seal('db');
    await controller.settle(ref);
    const edited = server.change('secrets', ref, { data: { a: base64('edited') } });
    await controller.settle(ref);
    assert.equal(server.get('secrets', ref), edited);
    reseal(ref, { a: 'two' });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'two' });
    server.delete('secrets', ref);
    await controller.settle(ref);
    assert.notEqual(uidOf(server.get('secrets', ref)), uidOf(edited));
  });
});

suite('a SealedSecret that is edited', () => {
  test('changes its Secret: a new item, one less, a label less', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const ref = seal('db', TEMPLATE, { a: 'one', b: 'two' });
    await controller.settle(ref);
    const first = server.get('secrets', ref);
    reseal(ref, { b: null, c: 'three' });
    server.change('sealedsecrets', ref, { spec: { template: { metadata: { labels: { tier: null } } } } });
    const { applied } = await controller.settle(ref);
    const second = server.get('secrets', ref);
    assert.deepEqual(itemsOf(second), { a: 'one', c: 'three' });
    assert.deepEqual(at(second, 'metadata', 'labels'), { app: 'shop' });
    assert.equal(uidOf(second), uidOf(first));
    assert.equal(at(applied, 'generation'), 3);
    assert.equal(at(applied, 'secretResourceVersion'), versionOf(second));
    assert.equal(controller.log.at(-1)?.msg, 'Secret updated');
  });

  test('in its scope alone is noticed, though the generation stays', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db', {}, { a: 'one', b: 'two' });
    await controller.settle(ref);
    const secret = server.get('secrets', ref);
    const scope = 'sealedsecrets.bitnami.com/cluster-wide';
    server.change('sealedsecrets', ref, { metadata: { annotations: { [scope]: 'true' } } });
    const widened = await controller.settle(ref);
    assert.deepEqual([widened.observedGeneration, widened.reason], [1, 'WrongScope']);
    assert.match(widened.message, /^no key could decrypt secret \(a, b\)/);
    server.change('sealedsecrets', ref, { metadata: { annotations: { [scope]: null } } });
    assert.equal((await controller.settle(ref)).message, '');
    assert.equal(server.get('secrets', ref), secret, 'the Secret is not written');
    assert.deepEqual(
      server.events(ref).map(({ reason }) => reason),
      ['Unsealed', 'ErrUnsealFailed', 'Unsealed'],
    );
  });

  test('to an invalid one keeps its Secret and status.applied, and updates the Secret once corrected', async (t) => {
    const { server, controller, seal, reseal } = await startTestBed(t);
    const ref = seal('db');
    const good = await controller.settle(ref);
    const before = server.get('secrets', ref);
    server.change('sealedsecrets', ref, { spec: { encryptedData: { a: 'AAAA' } } });
    const bad = await controller.settle(ref);
    assert.equal(bad.reason, 'InvalidData');
    assert.deepEqual(bad.applied, good.applied);
    assert.equal(server.get('secrets', ref), before);
    reseal(ref, { a: 'corrected' });
    await controller.settle(ref);
    assert.deepEqual(itemsOf(server.get('secrets', ref)), { a: 'corrected' });
  });
});

suite('a SealedSecret that is being deleted', () => {
  const finalizers = ['example.com/slow'];

  test('gets no Secret, and loses what the controller knows about it', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    server.change('sealedsecrets', ref, { metadata: { finalizers } });
    server.delete('sealedsecrets', ref);
    assert.equal(await controller.reconcile(ref), 'never');
    assert.equal(server.get('secrets', ref), undefined);
    assert.deepEqual(shown(server.answered), ['GET sealedsecrets/db']);
  });

  test('does not get its Secret again when that is deleted too', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    await controller.settle(ref);
    server.change('sealedsecrets', ref, { metadata: { finalizers } });
    server.delete('sealedsecrets', ref);
    server.delete('secrets', ref);
    await controller.rest(ref);
    assert.equal(server.get('secrets', ref), undefined);
  });
});

suite('a SealedSecret that is deleted', () => {
  test('costs no request: its namespace may be gone with the rights to read it', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    await controller.settle(ref);
    assert.match(await controller.registry.metrics(), /condition_info\{[^}]*name="db"/);
    server.delete('sealedsecrets', ref);
    server.answered.length = 0;
    assert.equal(await controller.reconcile(ref), 'never');
    assert.deepEqual(server.answered, []);
    assert.doesNotMatch(await controller.registry.metrics(), /name="db"/);
  });

  test('with --old-gc-behavior takes its own Secret along, and no other of its name', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { oldGcBehavior: true });
    const annotated = (name: string, annotation: string): object => ({
      metadata: {
        namespace: NAMESPACE,
        name,
        annotations: { [`sealedsecrets.bitnami.com/${annotation}`]: 'true' },
      },
    });
    server.create('secrets', annotated('foreign', 'other'));
    server.create('secrets', annotated('patched', 'patch'));
    const skip = annotated('ownerless', 'skip-set-owner-references');
    const refs = [seal('own'), seal('foreign'), seal('patched'), seal('ownerless', skip)];
    for (const ref of refs) await controller.rest(ref);
    controller.observe();
    for (const ref of refs) server.delete('sealedsecrets', ref);
    server.answered.length = 0;
    for (const ref of refs) assert.equal(await controller.reconcile(ref), 'never');
    const left = refs.filter((ref) => server.get('secrets', ref) !== undefined).map(({ name }) => name);
    assert.deepEqual(left, ['foreign', 'patched', 'ownerless']);
    assert.deepEqual(shown(server.writes), ['DELETE secrets/own']);
    const [deletion] = server.writes;
    assert.deepEqual(Object.keys(at(deletion?.body, 'preconditions') ?? {}), ['uid', 'resourceVersion']);
    // Once it is cleaned up, nothing is left to do.
    server.answered.length = 0;
    for (const ref of refs) await controller.reconcile(ref);
    assert.deepEqual(server.answered, []);
  });

  test('with --old-gc-behavior is cleaned up after a conflict, from what the Secret is then', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { oldGcBehavior: true });
    const ref = seal('db');
    await controller.settle(ref);
    server.delete('sealedsecrets', ref);
    server.beforeNext('DELETE', /\/secrets\/db$/, () => {
      server.change('secrets', ref, { metadata: { ownerReferences: null } });
      return undefined;
    });
    assert.equal(await controller.reconcile(ref), 'backoff');
    assert.equal(await controller.reconcile(ref), 'never');
    assert.ok(server.get('secrets', ref), 'it belongs to nobody now');
  });

  test('and created again gets a Secret of its own with --old-gc-behavior', async (t) => {
    const { server, controller, seal } = await startTestBed(t, { oldGcBehavior: true });
    const ref = seal('db');
    await controller.settle(ref);
    const first = server.get('secrets', ref);
    server.delete('sealedsecrets', ref);
    seal('db', {}, { a: 'two' });
    await controller.settle(ref);
    const second = server.get('secrets', ref);
    assert.notEqual(uidOf(second), uidOf(first));
    assert.deepEqual(itemsOf(second), { a: 'two' });
    assert.equal(
      at(second, 'metadata', 'ownerReferences', 0, 'uid'),
      uidOf(server.get('sealedsecrets', ref)),
    );
  });
});

suite('a reconcile that cannot be finished', () => {
  test('is cut short where the SealedSecret cannot be read, and retried with others of the same cause', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    const answers = [
      [refused(500, 'InternalError'), { cause: 'get SealedSecret: 500 InternalError' }],
      [refused(403, 'Forbidden'), { cause: 'get SealedSecret: 403 Forbidden' }],
      [refused(429, 'TooManyRequests'), { cause: 'get SealedSecret: 429 TooManyRequests' }],
      ['cut', { cause: 'cannot reach the API server' }],
      [{ status: 200, body: { kind: 'SealedSecret', metadata: { name: 7 } } }, 'backoff'],
    ] as const;
    for (const [answer, result] of answers) {
      server.fault = () => answer;
      assert.deepEqual(await controller.reconcile(ref), result);
    }
    assert.equal(server.get('secrets', ref), undefined);
    server.fault = () => undefined;
    assert.equal(await controller.reconcile(ref), 'synced');
    assert.match(
      await controller.registry.metrics(),
      /unseal_errors_total\{reason="fetch",namespace="shop"\} 5/,
    );
  });

  test('is rejected when the controller stops, and retried at its next start', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    const stop = new AbortController();
    server.beforeNext('GET', /\/secrets\/db$/, () => {
      stop.abort();
      return undefined;
    });
    await assert.rejects(controller.reconcile(ref, { stop: stop.signal, stale: stop.signal }));
    assert.deepEqual(server.writes, []);
    assert.deepEqual(controller.log, []);
  });

  test('is given up without a report when the object has changed meanwhile', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    const stale = new AbortController();
    stale.abort();
    assert.equal(await controller.reconcile(ref, { stale: stale.signal }), 'never');
    assert.deepEqual(server.writes, []);
  });
});
