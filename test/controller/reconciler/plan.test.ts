import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8Text } from '../../../shared/bytes.ts';
import { textOf } from '../../support/text-of.ts';
import { appliedOf } from '../../../controller/reconciler/applied.ts';
import { plan, type Plan, type PlanInput } from '../../../controller/reconciler/plan.ts';
import type { Rules } from '../../../controller/reconciler/admission.ts';
import type { Secret } from '../../../shared/api/secret.ts';
import type { Ownership, Status } from '../../../shared/api/status.ts';
import { metadata, ownedBy, secret } from '../../support/objects.ts';
import { reconcileFailure } from '../../../controller/status/errors.ts';

const RULES: Rules = {
  keys: { namespace: 'kube-system', prefix: 'sealed-secrets-key' },
  repair: true,
  allowPrivilegedSecretTypes: false,
};
const MANAGED = { 'sealedsecrets.bitnami.com/managed': 'true' };
const PATCH = { 'sealedsecrets.bitnami.com/patch': 'true' };
const SKIP = { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' };
const OWNER_UID = 'sealedsecrets.bitnami.com/owner-uid';
const OWNER = metadata({ uid: 'owner' });
const owners = [ownedBy('owner')];
const NOTHING: Status = { observedGeneration: 0, conditions: [], applied: undefined };
const SYNCED = { type: 'Synced', status: 'True', reason: 'Unsealed', message: '' } as const;
const TIMES = { lastUpdateTime: '', lastTransitionTime: '' };

/** Returns a Secret that OWNER controls, with the fields that the API server sets. */
function own(parts: Parameters<typeof secret>[0] = {}): Secret {
  return secret({ uid: 'secret', resourceVersion: '7', owners, ...parts });
}

/** Returns the status after OWNER's current generation was applied to the Secret. */
function applied(have: Secret, ownership: Ownership = 'Reference'): Status {
  const conditions = [{ ...SYNCED, ...TIMES }];
  return {
    observedGeneration: 1,
    conditions,
    applied: appliedOf(OWNER, { secret: have, ownership, openedBy: new Map() }),
  };
}

type PlanCase = Pick<PlanInput, 'template' | 'existing'> & Partial<PlanInput>;

/** Returns the plan for OWNER, without a status unless there is one in the input. */
function planFor(input: PlanCase): Plan {
  return plan({ owner: OWNER, status: NOTHING, rules: RULES, ...input });
}

/** Returns the plan after OWNER's current generation was applied to the Secret. */
function later(template: Secret, existing: Secret, rules: Partial<Rules> = {}): Plan {
  return planFor({ status: applied(existing), template, existing, rules: { ...RULES, ...rules } });
}

/** Returns the plan before OWNER's current generation was applied. */
function first(template: Secret, existing: Secret | null, rules: Partial<Rules> = {}): Plan {
  return planFor({ template, existing, rules: { ...RULES, ...rules } });
}

/** Returns the failure code of a plan that refuses. */
function code(decided: Plan): string | undefined {
  return decided.action === 'refuse' ? decided.failure.code : undefined;
}

function written(decided: Plan): Secret {
  assert.equal(decided.action, 'update');
  return decided.secret;
}

suite('plan', () => {
  test('creates a missing Secret, controlled by the SealedSecret', () => {
    const want = secret({ labels: { app: 'x' } });
    const proven = secret({ labels: { app: 'x' }, annotations: { [OWNER_UID]: 'owner' } });
    const made = { action: 'create', secret: proven, owners, ownership: 'Reference', repair: false };
    assert.deepEqual(first(want, null), made);
  });

  test('restores a lost owner reference if the Secret has the owner UID', () => {
    const lost = own({ owners: [], annotations: { [OWNER_UID]: 'owner', note: 'theirs' } });
    const restored = later(secret(), lost);
    assert.ok(restored.action === 'update');
    assert.deepEqual([restored.owners, restored.ownership, restored.repair], [owners, 'Reference', true]);
    assert.equal(restored.secret.metadata.annotations.get('note'), 'theirs');
    assert.equal(later(secret(), lost, { repair: false }).action, 'nothing');
    for (const [what, parts] of [
      ['another UID', { owners: [], annotations: { [OWNER_UID]: 'another' } }],
      ['another controller', { owners: [ownedBy('another')], annotations: { [OWNER_UID]: 'owner' } }],
    ] as const) {
      assert.equal(code(later(secret(), own(parts))), 'NotManaged', what);
    }
  });

  test('restores a lost owner reference of a patched Secret', () => {
    const lost = own({ owners: [], annotations: { [OWNER_UID]: 'owner', ...PATCH } });
    const restored = later(secret(), lost);
    assert.ok(restored.action === 'update');
    assert.deepEqual([restored.owners, restored.ownership], [owners, 'Reference']);
  });

  test('adds the owner UID to a Secret with owner reference only together with other changes', () => {
    for (const decide of [first, later]) {
      assert.equal(decide(secret(), own()).action, 'nothing');
      const next = written(decide(secret({ data: { a: '2' } }), own()));
      assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner');
    }
  });

  test('does nothing if the Secret is up to date', () => {
    for (const decide of [first, later]) assert.equal(decide(secret(), own()).action, 'nothing');
    assert.equal(first(secret({ type: '' }), own({ type: 'Opaque' })).action, 'nothing');
  });

  for (const [what, have] of [
    ['another object controls', own({ owners: [{ ...ownedBy('other'), kind: 'Deployment' }] })],
    ['an earlier SealedSecret of the same name controls', own({ owners: [ownedBy('earlier')] })],
    [
      'the SealedSecret owns but does not control',
      own({ owners: [{ ...ownedBy('owner'), controller: false }] }),
    ],
    ['has no controller', own({ owners: [] })],
  ] as const) {
    test(`refuses a Secret that ${what}, whatever its content`, () => {
      for (const decide of [first, later]) {
        assert.deepEqual(decide(secret(), have), {
          action: 'refuse',
          failure: reconcileFailure({ code: 'NotManaged', name: 'db' }),
        });
      }
    });
  }

  test('updates different data on the copy that was read, with its version', () => {
    const next = written(first(secret({ data: { a: '2', b: '3' } }), own()));
    assert.deepEqual([...next.data.keys()], ['a', 'b']);
    assert.equal(next.metadata.server.resourceVersion, '7');
    assert.equal(next.metadata.server.uid, 'secret');
  });

  test('replaces labels and annotations at a new generation', () => {
    const have = own({ labels: { app: 'x', dropped: '1' }, annotations: { note: 'old' } });
    const next = written(first(secret({ labels: { app: 'x' } }), have));
    assert.deepEqual([...next.metadata.labels], [['app', 'x']]);
    assert.deepEqual([...next.metadata.annotations], [[OWNER_UID, 'owner']]);
  });

  test('keeps labels and annotations of others within a generation', () => {
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
    assert.deepEqual(Object.fromEntries(next.metadata.annotations), { theirs: '2', [OWNER_UID]: 'owner' });
  });

  test('makes a Secret immutable, with or without a change of its data', () => {
    for (const decide of [first, later]) {
      for (const data of [{ a: '1' }, { a: '2' }]) {
        const next = written(decide(secret({ data, immutable: true }), own()));
        assert.equal(next.immutable, true);
        assert.equal(textOf(next, 'a'), data.a);
      }
      assert.equal(decide(secret({ immutable: true }), own({ immutable: true })).action, 'nothing');
      assert.equal(decide(secret(), own({ immutable: false })).action, 'nothing');
    }
    assert.equal(later(secret({ immutable: true }), own(), { repair: false }).action, 'nothing');
  });

  test('keeps a Secret immutable when the template is no longer', () => {
    const have = own({ immutable: true });
    for (const want of [secret(), secret({ immutable: false })]) {
      assert.equal(first(want, have).action, 'nothing');
    }
    assert.equal(written(first(secret({ labels: { a: 'b' } }), have)).immutable, true);
  });

  test('makes a patched Secret immutable only if it belongs to the SealedSecret', () => {
    const want = secret({ immutable: true, labels: { a: 'b' } });
    assert.equal(written(first(want, own({ annotations: PATCH }))).immutable, true);
    assert.equal(written(first(want, own({ owners: [], annotations: PATCH }))).immutable, undefined);
    const taken = own({ owners: [], annotations: { ...PATCH, ...MANAGED } });
    assert.equal(written(first(want, taken)).immutable, true);
  });

  test('keeps other owners within a generation, and drops them at a new one', () => {
    const other = { ...ownedBy('other'), controller: false };
    const have = own({ owners: [...owners, other] });
    assert.equal(later(secret(), have).action, 'nothing');
    const repaired = later(secret({ data: { a: '2' } }), have);
    assert.deepEqual(repaired.action === 'update' && repaired.owners, [...owners, other]);
    const next = first(secret(), have);
    assert.deepEqual(next.action === 'update' && next.owners, owners);
  });

  test('keeps blockOwnerDeletion of the owner reference', () => {
    const blocking = own({ owners: [{ ...ownedBy('owner'), blockOwnerDeletion: true }] });
    for (const decide of [first, later]) assert.equal(decide(secret(), blocking).action, 'nothing');
  });

  test('keeps the values of impure items within a generation', () => {
    const want = secret({ data: { a: 'new', random: 'new' } });
    const impure = new Set(['random', 'gone']);
    const have = own({ data: { a: 'old', random: 'old', gone: 'old' } });
    const itemsAfter = (status: Status): object => {
      const { data } = written(planFor({ status, template: want, existing: have, impure }));
      return Object.fromEntries([...data].map(([item, value]) => [item, utf8Text(value)]));
    };
    assert.deepEqual(itemsAfter(applied(have)), { a: 'new', random: 'old' });
    assert.deepEqual(itemsAfter(NOTHING), { a: 'new', random: 'new' });
    const same = own({ data: { a: 'new', random: 'old' } });
    assert.equal(
      planFor({ status: applied(same), template: want, existing: same, impure }).action,
      'nothing',
    );
  });

  test('distinguishes repairs from writes of a new generation', () => {
    const want = secret({ data: { a: '2' } });
    const edited = metadata({ uid: 'owner', generation: 2 });
    const marked = secret({ annotations: MANAGED });
    const rival = own({ annotations: MANAGED, owners: [ownedBy('rival')] });
    const again = own({ uid: 'again', data: { a: 'x' }, annotations: PATCH });
    for (const [decided, repair] of [
      [first(want, own()), false],
      [later(want, own()), true],
      [planFor({ owner: edited, status: applied(own()), template: want, existing: own() }), false],
      [planFor({ status: applied(own()), template: want, existing: null }), true],
      [planFor({ owner: edited, status: applied(own()), template: want, existing: null }), false],
      [planFor({ status: { ...applied(own()), conditions: [] }, template: want, existing: null }), true],
      [first(marked, rival), false],
      [later(marked, rival), true],
      [planFor({ status: applied(own(), 'None'), template: want, existing: again }), true],
    ] as const) {
      assert.ok(decided.action === 'update' || decided.action === 'create');
      assert.equal(decided.repair, repair);
    }
  });

  test('keeps changes of others if repair is disabled', () => {
    const rules = { repair: false };
    assert.equal(later(secret({ data: { a: '2' } }), own(), rules).action, 'nothing');
    assert.equal(first(secret({ data: { a: '2' } }), own(), rules).action, 'update');
    assert.equal(
      planFor({ status: applied(own()), template: secret(), existing: null, rules: { ...RULES, ...rules } })
        .action,
      'create',
    );
  });

  test('relies on the condition alone if the CRD drops the field applied', () => {
    const have = own({ labels: { theirs: '1' } });
    const status = { ...applied(have), applied: undefined };
    assert.equal(planFor({ status, template: secret(), existing: have }).action, 'nothing');
    const older = { ...status, observedGeneration: 0 };
    assert.equal(planFor({ status: older, template: secret(), existing: have }).action, 'update');
  });

  test('refuses different data for an immutable Secret', () => {
    const have = own({ immutable: true });
    const decided = first(secret({ data: { a: '2' } }), have);
    assert.deepEqual(decided, {
      action: 'refuse',
      failure: reconcileFailure({ code: 'Immutable', namespace: 'ns', name: 'db' }),
    });
    assert.equal(first(secret({ labels: { a: 'b' } }), have).action, 'update');
  });

  test('refuses a change of type', () => {
    const decided = first(secret({ type: 'example.com/x' }), own({ type: 'Opaque' }));
    assert.deepEqual(decided, {
      action: 'refuse',
      failure: reconcileFailure({ code: 'TypeChange', namespace: 'ns', name: 'db' }),
    });
  });

  test('refuses invalid item names', () => {
    for (const item of ['', 'a b', 'a/b', '..', '..a', '.', 'ä', 'x'.repeat(254)]) {
      const decided = first(secret({ data: { [item]: '1' } }), null);
      assert.deepEqual(decided, {
        action: 'refuse',
        failure: reconcileFailure({ code: 'BadItemName', item }),
      });
    }
    for (const item of ['.dockerconfigjson', '__proto__', 'a.b-c_D9', '.x']) {
      assert.equal(first(secret({ data: { [item]: '1' } }), null).action, 'create');
    }
  });

  for (const namespace of ['kube-system', 'elsewhere']) {
    suite(`in ${namespace}`, () => {
      for (const value of ['active', 'compromised', '']) {
        const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': value };

        test(`refuses a template with the sealing key label "${value}", whatever the annotations`, () => {
          const want = secret({ namespace, labels });
          for (const annotations of [{}, SKIP, MANAGED, PATCH, { ...MANAGED, ...PATCH, ...SKIP }]) {
            const template = secret({ namespace, labels, annotations, immutable: true });
            assert.equal(code(first(template, null)), 'PlantedKey');
            const have = secret({ namespace, uid: 'theirs', annotations });
            assert.equal(code(first(want, have)), 'PlantedKey');
          }
          for (const decide of [first, later]) {
            assert.equal(code(decide(want, own({ namespace }))), 'PlantedKey');
          }
        });

        test(`refuses a Secret with the sealing key label "${value}", whatever the annotations`, () => {
          for (const annotations of [MANAGED, PATCH, { ...MANAGED, ...PATCH }]) {
            const key = secret({ namespace, uid: 'key', labels, annotations });
            assert.equal(code(first(secret({ namespace }), key)), 'PlantedKey');
          }
          // A label that another client has added to an owned Secret would stay.
          const ours = own({ namespace, labels });
          for (const decide of [first, later]) {
            assert.equal(code(decide(secret({ namespace, data: { a: '2' } }), ours)), 'PlantedKey');
          }
        });
      }
    });
  }

  test('refuses names with the key prefix, only in the namespace of the keys', () => {
    for (const name of ['sealed-secrets-key', 'sealed-secrets-keyb2c4d', 'sealed-secrets-key-mine']) {
      const decided = first(secret({ name, namespace: 'kube-system' }), null);
      assert.equal(code(decided), 'PlantedKey', name);
      assert.equal(first(secret({ name, namespace: 'elsewhere' }), null).action, 'create', name);
    }
    const other = secret({ name: 'sealed-secrets', namespace: 'kube-system' });
    assert.equal(first(other, null).action, 'create');
  });

  test('refuses a private key under a name that another controller takes as a key', () => {
    const rules = { keys: { namespace: 'kube-system', prefix: 'our-key' } };
    const [key, certificate] = [{ 'tls.key': 'x' }, { 'tls.crt': 'x' }];
    for (const name of ['sealed-secrets-key', 'our-key']) {
      const planted = first(secret({ name, data: key }), null, rules);
      assert.equal(code(planted), 'PlantedKey', name);
      const theirs = secret({ name, uid: 'theirs', data: key, annotations: PATCH });
      const patched = first(secret({ name, data: certificate }), theirs, rules);
      assert.equal(code(patched), 'PlantedKey', 'an existing key, patched');
      assert.equal(first(secret({ name, data: certificate }), null, rules).action, 'create');
    }
    assert.equal(first(secret({ name: 'other-key', data: key }), null, rules).action, 'create');
  });

  for (const type of ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']) {
    test(`refuses the type ${type} unless privileged types are allowed`, () => {
      const refused = { action: 'refuse', failure: reconcileFailure({ code: 'PrivilegedType', type }) };
      const allow = { allowPrivilegedSecretTypes: true };
      assert.deepEqual(first(secret({ type }), null), refused);
      assert.deepEqual(first(secret({ type }), own()), refused, 'a change of type');
      assert.equal(first(secret({ type }), null, allow).action, 'create');
      const theirs = secret({ uid: 'theirs', type, annotations: PATCH });
      assert.deepEqual(first(secret({ data: { b: '2' } }), theirs), refused, 'patched, it keeps its type');
      assert.equal(first(secret({ data: { b: '2' } }), theirs, allow).action, 'update');
    });
  }
});

suite('plan for a Secret that the API server would refuse', () => {
  const type = 'kubernetes.io/tls';
  const problem = 'a Secret of type kubernetes.io/tls needs the item tls.key';

  test('refuses it, whatever the existing Secret', () => {
    const want = secret({ type, data: { 'tls.crt': '1' } });
    const refused = {
      action: 'refuse',
      failure: reconcileFailure({ code: 'UnfitForType', problem, patched: false }),
    };
    assert.deepEqual(first(want, null), refused);
    assert.deepEqual(first(want, own({ type, data: { 'tls.crt': '1', 'tls.key': '2' } })), refused);
    assert.equal(first(secret({ type, data: { 'tls.crt': '', 'tls.key': '' } }), null).action, 'create');
  });

  test('checks the merged Secret if the existing one is patched', () => {
    const want = secret({ data: { 'tls.crt': '1' } });
    const whole = secret({ type, data: { 'tls.key': '2' }, annotations: PATCH });
    assert.equal(first(want, whole).action, 'update');
    const docker = { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '{}' } };
    const decided = first(secret({ data: { '.dockercfg': '7' } }), secret({ ...docker, annotations: PATCH }));
    assert.ok(decided.action === 'refuse' && decided.failure.details.code === 'UnfitForType');
    assert.equal(decided.failure.details.patched, true);
    const large = secret({ data: { b: 'x'.repeat(1024 * 1024) }, annotations: PATCH });
    assert.equal(code(first(secret({ data: { a: '1' } }), large)), 'SecretTooLarge');
  });
});

suite('plan for a Secret of another owner', () => {
  const other = { ...ownedBy('other'), kind: 'Deployment' };
  const labels = { theirs: '1' };
  const theirs = { uid: 'theirs', data: { a: 'old', theirs: '2' }, labels, owners: [other] };

  test('adopts a Secret annotated managed, and drops the annotation', () => {
    const decided = first(secret({ labels: { app: 'x' } }), secret({ ...theirs, annotations: MANAGED }));
    assert.ok(decided.action === 'update');
    assert.deepEqual([...decided.secret.data.keys()], ['a']);
    assert.deepEqual([...decided.secret.metadata.labels], [['app', 'x']]);
    assert.deepEqual([...decided.secret.metadata.annotations], [[OWNER_UID, 'owner']]);
    assert.deepEqual(decided.owners, owners);
    assert.equal(decided.ownership, 'Reference');
  });

  test('merges into a Secret annotated patch, without owner reference', () => {
    const have = secret({ ...theirs, type: 'example.com/x', annotations: PATCH });
    const decided = first(secret({ labels: { app: 'x' } }), have);
    assert.ok(decided.action === 'update');
    const { data, metadata: written, type } = decided.secret;
    assert.deepEqual(
      [...data].map(([item, value]) => [item, utf8Text(value)]),
      [
        ['a', '1'],
        ['theirs', '2'],
      ],
    );
    assert.deepEqual(Object.fromEntries(written.labels), { theirs: '1', app: 'x' });
    assert.deepEqual(Object.fromEntries(written.annotations), PATCH);
    assert.equal(type, 'example.com/x', 'it keeps its type');
    assert.deepEqual(decided.owners, [other]);
    assert.equal(decided.ownership, 'None');
  });

  test('merges into and adopts a Secret annotated with both', () => {
    const have = secret({ ...theirs, annotations: { ...PATCH, ...MANAGED } });
    const decided = first(secret(), have);
    assert.ok(decided.action === 'update');
    assert.ok(decided.secret.data.has('theirs'));
    assert.deepEqual(decided.owners, owners);
    assert.equal(decided.ownership, 'Reference');
  });

  test('follows the annotations of the existing Secret, not those of the template', () => {
    const have = secret({ ...theirs, annotations: PATCH });
    const decided = first(secret({ annotations: MANAGED }), have);
    assert.ok(decided.action === 'update');
    assert.deepEqual(decided.owners, [other], 'an annotation of the template adds no owner');
    const { secret: after } = decided;
    assert.deepEqual(Object.fromEntries(after.metadata.annotations), PATCH, 'nor at the next generation');
    const plain = first(secret({ annotations: { ...MANAGED, ...PATCH } }), secret(theirs));
    assert.equal(plain.action, 'refuse');
  });

  test('accepts no annotation value other than "true"', () => {
    for (const value of ['True', 'yes', '1', '']) {
      const annotations = Object.fromEntries(
        Object.keys({ ...MANAGED, ...PATCH }).map((name) => [name, value]),
      );
      assert.equal(first(secret(), secret({ ...theirs, annotations })).action, 'refuse');
    }
  });

  test('does nothing for an up-to-date patched Secret, and refuses it without the annotation', () => {
    const have = secret({ ...theirs, data: { a: '1', theirs: '2' }, annotations: PATCH });
    const status = applied(have, 'None');
    assert.equal(planFor({ status, template: secret(), existing: have }).action, 'nothing');
    const bare = secret({ ...theirs, annotations: {} });
    assert.equal(planFor({ status, template: secret(), existing: bare }).action, 'refuse');
  });

  test('refuses to recreate a missing patched Secret, also after an edit', () => {
    const status = applied(secret({ ...theirs, annotations: PATCH }), 'None');
    for (const object of [OWNER, metadata({ uid: 'owner', generation: 2 })]) {
      assert.deepEqual(planFor({ owner: object, status, template: secret(), existing: null }), {
        action: 'refuse',
        failure: reconcileFailure({ code: 'PatchedSecretGone', name: 'db' }),
      });
    }
    const another = metadata({ uid: 'another' });
    assert.equal(planFor({ owner: another, status, template: secret(), existing: null }).action, 'create');
  });

  test('recognises a missing patched Secret by its condition if the CRD drops the field applied', () => {
    for (const [reason, action] of [
      ['Patched', 'refuse'],
      ['PatchedSecretGone', 'refuse'],
      ['Unsealed', 'create'],
    ] as const) {
      const conditions = [{ ...SYNCED, ...TIMES, reason }];
      const status = { observedGeneration: 1, conditions, applied: undefined };
      assert.equal(planFor({ status, template: secret(), existing: null }).action, action, reason);
    }
  });

  test('adopts a Secret from another controller, which loses control', () => {
    for (const annotations of [MANAGED, { ...MANAGED, ...PATCH }]) {
      const have = own({ annotations, owners: [ownedBy('rival')] });
      const decided = later(secret({ annotations: MANAGED }), have);
      assert.ok(decided.action === 'update');
      assert.deepEqual(decided.owners, owners);
    }
  });

  test('keeps impure items of a Secret that is adopted again', () => {
    const have = own({ annotations: MANAGED, owners: [ownedBy('rival')], data: { a: 'kept' } });
    const template = secret({ annotations: MANAGED, data: { a: 'new' } });
    const decided = planFor({ status: applied(have), template, existing: have, impure: new Set(['a']) });
    assert.equal(textOf(written(decided), 'a'), 'kept');
  });

  test('leaves a Secret to another controller if repair is disabled and only the template says managed', () => {
    const have = own({ annotations: MANAGED, owners: [ownedBy('rival')] });
    assert.equal(later(secret({ annotations: MANAGED }), have, { repair: false }).action, 'nothing');
    assert.equal(later(secret(), have, { repair: false }).action, 'update', 'its owner says managed');
  });
});

suite('plan with skip-set-owner-references', () => {
  const want = secret({ annotations: SKIP });
  const changed = secret({ annotations: SKIP, data: { a: '2' } });
  const bare = own({ annotations: SKIP, owners: [] });
  const PROOF = { ...SKIP, [OWNER_UID]: 'owner' };
  const proven = own({ annotations: PROOF, owners: [] });

  test('creates the Secret without owner reference', () => {
    const decided = first(want, null);
    assert.ok(decided.action === 'create');
    assert.deepEqual([decided.owners, decided.ownership], [[], 'Status']);
    assert.deepEqual(Object.fromEntries(decided.secret.metadata.annotations), PROOF);
  });

  test('recognises an owned Secret by the owner UID', () => {
    for (const status of [NOTHING, applied(proven, 'Status'), applied(proven, 'None')]) {
      assert.equal(planFor({ status, template: want, existing: proven }).action, 'nothing');
      const next = written(planFor({ status, template: changed, existing: proven }));
      assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner', 'the owner UID stays');
    }
    const others: [string, Secret][] = [
      ['a Secret of another SealedSecret', own({ annotations: { ...PROOF, [OWNER_UID]: 'x' }, owners: [] })],
      ['a Secret with a controller', own({ annotations: PROOF, owners: [ownedBy('other')] })],
    ];
    for (const [what, have] of others) assert.equal(code(first(changed, have)), 'NotManaged', what);
    const remade = metadata({ uid: 'another' });
    assert.equal(
      code(
        planFor({ owner: remade, status: applied(proven, 'Status'), template: changed, existing: proven }),
      ),
      'NotManaged',
    );
  });

  test('does not accept a status as proof', () => {
    for (const have of [bare, own({ owners: [], annotations: { note: 'theirs' } })]) {
      for (const ownership of ['Status', 'Reference', 'None'] as const) {
        for (const template of [changed, secret(), secret({ data: { a: '2' } })]) {
          const decided = planFor({ status: applied(have, ownership), template, existing: have });
          assert.equal(code(decided), 'NotManaged', ownership);
        }
      }
    }
  });

  test('does not accept an annotation of a template as proof', () => {
    const forged = (uid: string, parts: Parameters<typeof secret>[0] = {}): Secret =>
      secret({ ...parts, annotations: { ...SKIP, ...parts.annotations, [OWNER_UID]: uid } });
    const made = first(forged('another'), null);
    assert.ok(made.action === 'create');
    assert.equal(made.secret.metadata.annotations.get(OWNER_UID), 'owner');

    const plain = first(secret({ annotations: { [OWNER_UID]: 'another' } }), null);
    assert.ok(plain.action === 'create');
    assert.deepEqual([...plain.secret.metadata.annotations], [[OWNER_UID, 'owner']]);

    // Once its owner removes the annotation patch, the Secret must not belong to the SealedSecret.
    const theirs = secret({ uid: 'theirs', annotations: PATCH });
    const patched = written(first(forged('owner', { data: { b: '1' } }), theirs));
    assert.equal(patched.metadata.annotations.has(OWNER_UID), false);
    assert.equal(code(first(forged('owner', { data: { b: '1' } }), bare)), 'NotManaged');
  });

  test('does nothing for an up-to-date Secret without proof of its owner', () => {
    const stale = own({ annotations: { ...PROOF, [OWNER_UID]: 'an earlier SealedSecret' }, owners: [] });
    const other = { ...ownedBy('other'), controller: false };
    for (const have of [bare, stale, own({ annotations: SKIP, owners: [other] })]) {
      for (const status of [NOTHING, applied(have, 'Status')]) {
        const decided = planFor({ status, template: want, existing: have });
        assert.deepEqual(decided, { action: 'nothing', secret: have, ownership: 'Status' });
      }
    }
    assert.equal(code(first(want, own({ annotations: SKIP, owners: [ownedBy('other')] }))), 'NotManaged');
    assert.equal(code(first(secret(), own({ owners: [] }))), 'NotManaged');
  });

  test('does not write a Secret only to add the proof', () => {
    const annotations = { ...SKIP, ...MANAGED };
    const have = own({ annotations, owners: [] });
    assert.equal(first(secret({ annotations }), have).action, 'nothing');
    const next = written(first(secret({ annotations, data: { a: '2' } }), have));
    assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner', 'the next write adds it');
  });

  test('reads the ownership from the Secret, patched or not', () => {
    for (const marks of [PATCH, { ...PATCH, ...MANAGED }]) {
      const have = own({ annotations: { ...PROOF, ...marks }, owners: [] });
      for (const decided of [first(want, have), later(want, have)]) {
        assert.ok(decided.action === 'nothing');
        assert.equal(decided.ownership, 'Status', 'it is recreated when deleted');
      }
    }
  });

  test('adds the proof to an adopted Secret, patched or not', () => {
    for (const annotations of [MANAGED, { ...MANAGED, ...PATCH }]) {
      const decided = first(want, secret({ uid: 'theirs', annotations, data: { a: 'old' } }));
      assert.ok(decided.action === 'update');
      assert.equal(decided.secret.metadata.annotations.get(OWNER_UID), 'owner');
      assert.equal(decided.ownership, 'Status');
    }
  });

  test('removes the owner reference at a new generation, and restores it', () => {
    const gone = first(want, own());
    assert.ok(gone.action === 'update');
    assert.deepEqual([gone.owners, gone.ownership], [[], 'Status']);
    assert.equal(gone.secret.metadata.annotations.get(OWNER_UID), 'owner');
    const back = first(secret(), proven);
    assert.ok(back.action === 'update');
    assert.deepEqual([back.owners, back.ownership], [owners, 'Reference']);
    assert.deepEqual([...back.secret.metadata.annotations], [[OWNER_UID, 'owner']]);
  });
});
