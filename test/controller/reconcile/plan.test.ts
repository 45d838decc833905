import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { appliedOf, plan, type Plan } from '../../../controller/reconcile/plan.ts';
import type { Secret } from '../../../shared/api/secret.ts';
import { metadata, ownedBy, secret } from '../../support/objects.ts';

const KEYS = { namespace: 'kube-system', legacyName: 'sealed-secrets-key' };
const OWNER = metadata({ uid: 'owner' });
const owners = [ownedBy('owner')];

/** The Secret that OWNER has made, with its server's fields. */
function own(parts: Parameters<typeof secret>[0] = {}): Secret {
  return secret({ uid: 'secret', resourceVersion: '7', owners, ...parts });
}

/** The plan where OWNER's very state was applied to the Secret before. */
function later(want: Secret, have: Secret): Plan {
  return plan(OWNER, appliedOf(OWNER, have), want, have, KEYS);
}

/** The plan where it was not. */
function first(want: Secret, have: Secret | null): Plan {
  return plan(OWNER, undefined, want, have, KEYS);
}

function written(decided: Plan): Secret {
  assert.equal(decided.action, 'update');
  return decided.secret;
}

suite('the plan for a Secret', () => {
  test('that is not there is to create it, controlled by the SealedSecret', () => {
    const want = secret({ labels: { app: 'x' } });
    assert.deepEqual(first(want, null), { action: 'create', secret: want, owners });
  });

  test('that is as it shall be is nothing', () => {
    for (const decide of [first, later]) assert.equal(decide(secret(), own()).action, 'nothing');
    assert.equal(first(secret({ type: '' }), own({ type: 'Opaque' })).action, 'nothing');
  });

  for (const [what, have] of [
    ['someone else controls', own({ owners: [{ ...ownedBy('other'), kind: 'Deployment' }] })],
    ['an earlier SealedSecret of the name controls', own({ owners: [ownedBy('earlier')] })],
    ['it owns but does not control', own({ owners: [{ ...ownedBy('owner'), controller: false }] })],
    ['nobody controls', own({ owners: [] })],
  ] as const) {
    test(`that ${what} is to refuse, whatever its content`, () => {
      for (const decide of [first, later]) {
        assert.deepEqual(decide(secret(), have), {
          action: 'refuse',
          failure: { code: 'NotManaged', name: 'db' },
        });
      }
    });
  }

  test('with other data is to write the copy that was read, with its version', () => {
    const next = written(first(secret({ data: { a: '2', b: '3' } }), own()));
    assert.deepEqual([...next.data.keys()], ['a', 'b']);
    assert.equal(next.metadata.server.resourceVersion, '7');
    assert.equal(next.metadata.server.uid, 'secret');
  });

  test('at a new generation is to write labels and annotations as a whole', () => {
    const have = own({ labels: { app: 'x', dropped: '1' }, annotations: { note: 'old' } });
    const next = written(first(secret({ labels: { app: 'x' } }), have));
    assert.deepEqual([...next.metadata.labels], [['app', 'x']]);
    assert.deepEqual([...next.metadata.annotations], []);
  });

  test('between generations leaves the labels and annotations of others', () => {
    const have = own({ labels: { app: 'x', theirs: '1' }, annotations: { theirs: '2' } });
    assert.equal(later(secret({ labels: { app: 'x' } }), have).action, 'nothing');
    const next = written(later(secret({ labels: { app: 'y' } }), have));
    assert.deepEqual(
      [...next.metadata.labels],
      [
        ['app', 'y'],
        ['theirs', '1'],
      ],
    );
    assert.deepEqual([...next.metadata.annotations], [['theirs', '2']]);
  });

  test('keeps other owners, and what applies at creation only', () => {
    const other = { ...ownedBy('other'), controller: false };
    const decided = first(secret({ data: { a: '2' }, immutable: true }), own({ owners: [...owners, other] }));
    assert.ok(decided.action === 'update');
    assert.deepEqual(decided.owners, [...owners, other]);
    assert.equal(decided.secret.immutable, undefined);
  });

  test('whose data cannot change is to refuse', () => {
    const have = own({ immutable: true });
    const decided = first(secret({ data: { a: '2' } }), have);
    assert.deepEqual(decided, {
      action: 'refuse',
      failure: { code: 'Immutable', namespace: 'ns', name: 'db' },
    });
    assert.equal(first(secret({ labels: { a: 'b' } }), have).action, 'update');
  });

  test('of another type is to refuse, for no type can change', () => {
    const decided = first(secret({ type: 'kubernetes.io/tls' }), own({ type: 'Opaque' }));
    assert.deepEqual(decided, {
      action: 'refuse',
      failure: { code: 'TypeChange', namespace: 'ns', name: 'db' },
    });
  });

  test('with an item that no Secret can have is to refuse', () => {
    for (const item of ['', 'a b', 'a/b', '..', '..a', '.', 'ä', 'x'.repeat(254)]) {
      const decided = first(secret({ data: { [item]: '1' } }), null);
      assert.deepEqual(decided, { action: 'refuse', failure: { code: 'BadItemName', item } });
    }
    for (const item of ['.dockerconfigjson', '__proto__', 'a.b-c_D9', '.x']) {
      assert.equal(first(secret({ data: { [item]: '1' } }), null).action, 'create');
    }
  });

  test('that would be a sealing key is to refuse, in the namespace of the keys alone', () => {
    const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'anything' };
    const legacy = { name: 'sealed-secrets-key' };
    for (const parts of [{ labels }, legacy]) {
      const here = plan(OWNER, undefined, secret({ ...parts, namespace: 'kube-system' }), null, KEYS);
      assert.ok(here.action === 'refuse' && here.failure.code === 'PlantedKey');
      assert.equal(plan(OWNER, undefined, secret(parts), null, KEYS).action, 'create');
    }
  });
});
