import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { appliedOf, plan, type Plan, type PlanInput } from '../../../controller/reconciler/plan.ts';
import type { Rules } from '../../../controller/reconciler/admission.ts';
import type { Secret } from '../../../shared/api/secret.ts';
import type { Ownership, Status } from '../../../shared/api/status.ts';
import { metadata, ownedBy, secret } from '../../support/objects.ts';

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
  return { observedGeneration: 1, conditions, applied: appliedOf(OWNER, have, ownership) };
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

suite('the plan for a Secret', () => {
  test('that is not there is to create it, controlled by the SealedSecret', () => {
    const want = secret({ labels: { app: 'x' } });
    const proven = secret({ labels: { app: 'x' }, annotations: { [OWNER_UID]: 'owner' } });
    const made = { action: 'create', secret: proven, owners, ownership: 'Reference', repair: false };
    assert.deepEqual(first(want, null), made);
  });

  test('that lost its owner reference is to restore it, by the UID on the Secret', () => {
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

  test('that lost its owner reference and allows to be patched is to restore it, too', () => {
    const lost = own({ owners: [], annotations: { [OWNER_UID]: 'owner', ...PATCH } });
    const restored = later(secret(), lost);
    assert.ok(restored.action === 'update');
    assert.deepEqual([restored.owners, restored.ownership], [owners, 'Reference']);
  });

  test('that has its owner reference is not written to add the UID, which comes with the next write', () => {
    for (const decide of [first, later]) {
      assert.equal(decide(secret(), own()).action, 'nothing');
      const next = written(decide(secret({ data: { a: '2' } }), own()));
      assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner');
    }
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
    assert.deepEqual([...next.metadata.annotations], [[OWNER_UID, 'owner']]);
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
    assert.deepEqual(Object.fromEntries(next.metadata.annotations), { theirs: '2', [OWNER_UID]: 'owner' });
  });

  test('that becomes immutable is to say so, with the last change of its data or without', () => {
    for (const decide of [first, later]) {
      for (const data of [{ a: '1' }, { a: '2' }]) {
        const next = written(decide(secret({ data, immutable: true }), own()));
        assert.equal(next.immutable, true);
        assert.equal(next.data.get('a')?.toString(), data.a);
      }
      assert.equal(decide(secret({ immutable: true }), own({ immutable: true })).action, 'nothing');
      assert.equal(decide(secret(), own({ immutable: false })).action, 'nothing');
    }
    assert.equal(later(secret({ immutable: true }), own(), { repair: false }).action, 'nothing');
  });

  test('that is immutable stays so when the template is not any more', () => {
    const have = own({ immutable: true });
    for (const want of [secret(), secret({ immutable: false })]) {
      assert.equal(first(want, have).action, 'nothing');
    }
    assert.equal(written(first(secret({ labels: { a: 'b' } }), have)).immutable, true);
  });

  test('that is patched becomes immutable only if it belongs to the SealedSecret', () => {
    const want = secret({ immutable: true, labels: { a: 'b' } });
    assert.equal(written(first(want, own({ annotations: PATCH }))).immutable, true);
    assert.equal(written(first(want, own({ owners: [], annotations: PATCH }))).immutable, undefined);
    const taken = own({ owners: [], annotations: { ...PATCH, ...MANAGED } });
    assert.equal(written(first(want, taken)).immutable, true);
  });

  test('keeps other owners between generations, and drops them with a new one', () => {
    const other = { ...ownedBy('other'), controller: false };
    const have = own({ owners: [...owners, other] });
    assert.equal(later(secret(), have).action, 'nothing');
    const repaired = later(secret({ data: { a: '2' } }), have);
    assert.deepEqual(repaired.action === 'update' && repaired.owners, [...owners, other]);
    const next = first(secret(), have);
    assert.deepEqual(next.action === 'update' && next.owners, owners);
  });

  test('leaves it to others whether the owner waits for it', () => {
    const blocking = own({ owners: [{ ...ownedBy('owner'), blockOwnerDeletion: true }] });
    for (const decide of [first, later]) assert.equal(decide(secret(), blocking).action, 'nothing');
  });

  test('keeps what comes out different each time, for as long as the generation stands', () => {
    const want = secret({ data: { a: 'new', random: 'new' } });
    const impure = new Set(['random', 'gone']);
    const have = own({ data: { a: 'old', random: 'old', gone: 'old' } });
    const itemsAfter = (status: Status): object => {
      const { data } = written(planFor({ status, template: want, existing: have, impure }));
      return Object.fromEntries([...data].map(([item, value]) => [item, value.toString()]));
    };
    assert.deepEqual(itemsAfter(applied(have)), { a: 'new', random: 'old' });
    assert.deepEqual(itemsAfter(NOTHING), { a: 'new', random: 'new' });
    const same = own({ data: { a: 'new', random: 'old' } });
    assert.equal(
      planFor({ status: applied(same), template: want, existing: same, impure }).action,
      'nothing',
    );
  });

  test('tells a repair from a new generation, whatever has to be repaired', () => {
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

  test('leaves what others change where nothing is to be repaired', () => {
    const rules = { repair: false };
    assert.equal(later(secret({ data: { a: '2' } }), own(), rules).action, 'nothing');
    assert.equal(first(secret({ data: { a: '2' } }), own(), rules).action, 'update');
    assert.equal(
      planFor({ status: applied(own()), template: secret(), existing: null, rules: { ...RULES, ...rules } })
        .action,
      'create',
    );
  });

  test('takes the word of a status alone where the CRD does not know what was applied', () => {
    const have = own({ labels: { theirs: '1' } });
    const status = { ...applied(have), applied: undefined };
    assert.equal(planFor({ status, template: secret(), existing: have }).action, 'nothing');
    const older = { ...status, observedGeneration: 0 };
    assert.equal(planFor({ status: older, template: secret(), existing: have }).action, 'update');
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
    const decided = first(secret({ type: 'example.com/x' }), own({ type: 'Opaque' }));
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

  for (const namespace of ['kube-system', 'elsewhere']) {
    suite(`in ${namespace}`, () => {
      for (const value of ['active', 'compromised', '']) {
        const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': value };

        test(`that would have the label of a sealing key, "${value}", is to refuse, by any path`, () => {
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

        test(`that has the label of a sealing key, "${value}", is to refuse, whatever it allows`, () => {
          for (const annotations of [MANAGED, PATCH, { ...MANAGED, ...PATCH }]) {
            const key = secret({ namespace, uid: 'key', labels, annotations });
            assert.equal(code(first(secret({ namespace }), key)), 'PlantedKey');
          }
          // The label that someone has added to our own Secret would stay.
          const ours = own({ namespace, labels });
          for (const decide of [first, later]) {
            assert.equal(code(decide(secret({ namespace, data: { a: '2' } }), ours)), 'PlantedKey');
          }
        });
      }
    });
  }

  test('whose name begins like that of a key is to refuse, in the namespace of the keys alone', () => {
    for (const name of ['sealed-secrets-key', 'sealed-secrets-keyb2c4d', 'sealed-secrets-key-mine']) {
      const decided = first(secret({ name, namespace: 'kube-system' }), null);
      assert.equal(code(decided), 'PlantedKey', name);
      assert.equal(first(secret({ name, namespace: 'elsewhere' }), null).action, 'create', name);
    }
    const other = secret({ name: 'sealed-secrets', namespace: 'kube-system' });
    assert.equal(first(other, null).action, 'create');
  });

  test('that would be a key by its name for another controller is to refuse', () => {
    const rules = { keys: { namespace: 'kube-system', prefix: 'our-key' } };
    const [key, certificate] = [{ 'tls.key': 'x' }, { 'tls.crt': 'x' }];
    for (const name of ['sealed-secrets-key', 'our-key']) {
      const planted = first(secret({ name, data: key }), null, rules);
      assert.equal(code(planted), 'PlantedKey', name);
      const theirs = secret({ name, uid: 'theirs', data: key, annotations: PATCH });
      const patched = first(secret({ name, data: certificate }), theirs, rules);
      assert.equal(code(patched), 'PlantedKey', 'a key that is there, patched');
      assert.equal(first(secret({ name, data: certificate }), null, rules).action, 'create');
    }
    assert.equal(first(secret({ name: 'other-key', data: key }), null, rules).action, 'create');
  });

  for (const type of ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']) {
    test(`of the type ${type} is to refuse, unless it is allowed`, () => {
      const refused = { action: 'refuse', failure: { code: 'PrivilegedType', type } };
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

suite('the plan for a Secret that the API server would refuse', () => {
  const type = 'kubernetes.io/tls';
  const problem = 'a Secret of type kubernetes.io/tls needs the item tls.key';

  test('is to refuse, whatever is there', () => {
    const want = secret({ type, data: { 'tls.crt': '1' } });
    const refused = { action: 'refuse', failure: { code: 'UnfitForType', problem, patched: false } };
    assert.deepEqual(first(want, null), refused);
    assert.deepEqual(first(want, own({ type, data: { 'tls.crt': '1', 'tls.key': '2' } })), refused);
    assert.equal(first(secret({ type, data: { 'tls.crt': '', 'tls.key': '' } }), null).action, 'create');
  });

  test('is made of both where it is patched', () => {
    const want = secret({ data: { 'tls.crt': '1' } });
    const whole = secret({ type, data: { 'tls.key': '2' }, annotations: PATCH });
    assert.equal(first(want, whole).action, 'update');
    const docker = { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '{}' } };
    const decided = first(secret({ data: { '.dockercfg': '7' } }), secret({ ...docker, annotations: PATCH }));
    assert.ok(decided.action === 'refuse' && decided.failure.code === 'UnfitForType');
    assert.equal(decided.failure.patched, true);
    const large = secret({ data: { b: 'x'.repeat(1024 * 1024) }, annotations: PATCH });
    assert.equal(code(first(secret({ data: { a: '1' } }), large)), 'SecretTooLarge');
  });
});

suite('the plan for a Secret of someone else', () => {
  const other = { ...ownedBy('other'), kind: 'Deployment' };
  const labels = { theirs: '1' };
  const theirs = { uid: 'theirs', data: { a: 'old', theirs: '2' }, labels, owners: [other] };

  test('that is annotated managed is to take it over as a whole, that annotation included', () => {
    const decided = first(secret({ labels: { app: 'x' } }), secret({ ...theirs, annotations: MANAGED }));
    assert.ok(decided.action === 'update');
    assert.deepEqual([...decided.secret.data.keys()], ['a']);
    assert.deepEqual([...decided.secret.metadata.labels], [['app', 'x']]);
    assert.deepEqual([...decided.secret.metadata.annotations], [[OWNER_UID, 'owner']]);
    assert.deepEqual(decided.owners, owners);
    assert.equal(decided.ownership, 'Reference');
  });

  test('that is annotated patch is to add what is wanted, and no owner', () => {
    const have = secret({ ...theirs, type: 'example.com/x', annotations: PATCH });
    const decided = first(secret({ labels: { app: 'x' } }), have);
    assert.ok(decided.action === 'update');
    const { data, metadata: written, type } = decided.secret;
    assert.deepEqual(
      [...data].map(([item, value]) => [item, value.toString()]),
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

  test('that is annotated with both is to add what is wanted, and to own it', () => {
    const have = secret({ ...theirs, annotations: { ...PATCH, ...MANAGED } });
    const decided = first(secret(), have);
    assert.ok(decided.action === 'update');
    assert.ok(decided.secret.data.has('theirs'));
    assert.deepEqual(decided.owners, owners);
    assert.equal(decided.ownership, 'Reference');
  });

  test('goes by the annotations that the Secret has, and not by those that it is to have', () => {
    const have = secret({ ...theirs, annotations: PATCH });
    const decided = first(secret({ annotations: MANAGED }), have);
    assert.ok(decided.action === 'update');
    assert.deepEqual(decided.owners, [other], 'no owner comes with an annotation that a template brings');
    const { secret: after } = decided;
    assert.deepEqual(Object.fromEntries(after.metadata.annotations), PATCH, 'nor at the next generation');
    const plain = first(secret({ annotations: { ...MANAGED, ...PATCH } }), secret(theirs));
    assert.equal(plain.action, 'refuse');
  });

  test('takes no annotation but "true" for one', () => {
    for (const value of ['True', 'yes', '1', '']) {
      const annotations = Object.fromEntries(
        Object.keys({ ...MANAGED, ...PATCH }).map((name) => [name, value]),
      );
      assert.equal(first(secret(), secret({ ...theirs, annotations })).action, 'refuse');
    }
  });

  test('that was patched writes nothing where nothing differs, and refuses once it may not', () => {
    const have = secret({ ...theirs, data: { a: '1', theirs: '2' }, annotations: PATCH });
    const status = applied(have, 'None');
    assert.equal(planFor({ status, template: secret(), existing: have }).action, 'nothing');
    const bare = secret({ ...theirs, annotations: {} });
    assert.equal(planFor({ status, template: secret(), existing: bare }).action, 'refuse');
  });

  test('that was patched, and is gone, is to say so, also after an edit', () => {
    const status = applied(secret({ ...theirs, annotations: PATCH }), 'None');
    for (const object of [OWNER, metadata({ uid: 'owner', generation: 2 })]) {
      assert.deepEqual(planFor({ owner: object, status, template: secret(), existing: null }), {
        action: 'refuse',
        failure: { code: 'PatchedSecretGone', name: 'db' },
      });
    }
    const another = metadata({ uid: 'another' });
    assert.equal(planFor({ owner: another, status, template: secret(), existing: null }).action, 'create');
  });

  test('that was patched, and is gone, is known by the condition where the CRD drops the rest', () => {
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

  test('that is controlled by a rival is taken over as a whole, and leaves the rival no control', () => {
    for (const annotations of [MANAGED, { ...MANAGED, ...PATCH }]) {
      const have = own({ annotations, owners: [ownedBy('rival')] });
      const decided = later(secret({ annotations: MANAGED }), have);
      assert.ok(decided.action === 'update');
      assert.deepEqual(decided.owners, owners);
    }
  });

  test('keeps random items of a Secret that is taken over again', () => {
    const have = own({ annotations: MANAGED, owners: [ownedBy('rival')], data: { a: 'kept' } });
    const template = secret({ annotations: MANAGED, data: { a: 'new' } });
    const decided = planFor({ status: applied(have), template, existing: have, impure: new Set(['a']) });
    assert.equal(written(decided).data.get('a')?.toString(), 'kept');
  });

  test('is left to a rival where nothing is to be repaired and only our template said managed', () => {
    const have = own({ annotations: MANAGED, owners: [ownedBy('rival')] });
    assert.equal(later(secret({ annotations: MANAGED }), have, { repair: false }).action, 'nothing');
    assert.equal(later(secret(), have, { repair: false }).action, 'update', 'its owner said managed');
  });
});

suite('the plan for a Secret that shall have no owner', () => {
  const want = secret({ annotations: SKIP });
  const changed = secret({ annotations: SKIP, data: { a: '2' } });
  const bare = own({ annotations: SKIP, owners: [] });
  const PROOF = { ...SKIP, [OWNER_UID]: 'owner' };
  const proven = own({ annotations: PROOF, owners: [] });

  test('makes it without', () => {
    const decided = first(want, null);
    assert.ok(decided.action === 'create');
    assert.deepEqual([decided.owners, decided.ownership], [[], 'Status']);
    assert.deepEqual(Object.fromEntries(decided.secret.metadata.annotations), PROOF);
  });

  test('knows its own by the UID on the Secret', () => {
    for (const status of [NOTHING, applied(proven, 'Status'), applied(proven, 'None')]) {
      assert.equal(planFor({ status, template: want, existing: proven }).action, 'nothing');
      const next = written(planFor({ status, template: changed, existing: proven }));
      assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner', 'it stays');
    }
    const others: [string, Secret][] = [
      ['one of another SealedSecret', own({ annotations: { ...PROOF, [OWNER_UID]: 'x' }, owners: [] })],
      ['one that someone controls', own({ annotations: PROOF, owners: [ownedBy('other')] })],
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

  test('takes no status for a proof', () => {
    for (const have of [bare, own({ owners: [], annotations: { note: 'theirs' } })]) {
      for (const ownership of ['Status', 'Reference', 'None'] as const) {
        for (const template of [changed, secret(), secret({ data: { a: '2' } })]) {
          const decided = planFor({ status: applied(have, ownership), template, existing: have });
          assert.equal(code(decided), 'NotManaged', ownership);
        }
      }
    }
  });

  test('takes no word of a template for a proof', () => {
    const forged = (uid: string, parts: Parameters<typeof secret>[0] = {}): Secret =>
      secret({ ...parts, annotations: { ...SKIP, ...parts.annotations, [OWNER_UID]: uid } });
    const made = first(forged('another'), null);
    assert.ok(made.action === 'create');
    assert.equal(made.secret.metadata.annotations.get(OWNER_UID), 'owner');

    const plain = first(secret({ annotations: { [OWNER_UID]: 'another' } }), null);
    assert.ok(plain.action === 'create');
    assert.deepEqual([...plain.secret.metadata.annotations], [[OWNER_UID, 'owner']]);

    // A Secret of others must not belong to it once they do not let it be patched any more.
    const theirs = secret({ uid: 'theirs', annotations: PATCH });
    const patched = written(first(forged('owner', { data: { b: '1' } }), theirs));
    assert.equal(patched.metadata.annotations.has(OWNER_UID), false);
    assert.equal(code(first(forged('owner', { data: { b: '1' } }), bare)), 'NotManaged');
  });

  test('writes nothing where the Secret is right and shows no owner', () => {
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

  test('is not written to add the proof alone', () => {
    const annotations = { ...SKIP, ...MANAGED };
    const have = own({ annotations, owners: [] });
    assert.equal(first(secret({ annotations }), have).action, 'nothing');
    const next = written(first(secret({ annotations, data: { a: '2' } }), have));
    assert.equal(next.metadata.annotations.get(OWNER_UID), 'owner', 'with the next write it comes');
  });

  test('says what it is by the Secret, patched or not', () => {
    for (const marks of [PATCH, { ...PATCH, ...MANAGED }]) {
      const have = own({ annotations: { ...PROOF, ...marks }, owners: [] });
      for (const decided of [first(want, have), later(want, have)]) {
        assert.ok(decided.action === 'nothing');
        assert.equal(decided.ownership, 'Status', 'deleted, it is made again');
      }
    }
  });

  test('proves that it was taken over, patched or not', () => {
    for (const annotations of [MANAGED, { ...MANAGED, ...PATCH }]) {
      const decided = first(want, secret({ uid: 'theirs', annotations, data: { a: 'old' } }));
      assert.ok(decided.action === 'update');
      assert.equal(decided.secret.metadata.annotations.get(OWNER_UID), 'owner');
      assert.equal(decided.ownership, 'Status');
    }
  });

  test('takes the owner away at a new generation, and gives it back', () => {
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
