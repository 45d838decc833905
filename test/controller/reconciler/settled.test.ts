import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { MANAGED, OWNER_UID, PATCH, SKIP_OWNER } from '../../../shared/api/annotations.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf } from '../../support/cluster.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { sealingPair } from '../../support/keys.ts';
import { ObjectServer } from '../../support/object-server.ts';
import { ownedBy } from '../../support/objects.ts';
import { TestReconciler } from '../../support/reconciling.ts';
import { sealedItem } from '../../support/sealed.ts';

const REF = { namespace: 'ns', name: 'db' };
const UID = 'sealed-secret';
const VALUES: Readonly<Record<string, string>> = { a: 'one', b: 'two' };

const { key, certificate } = await sealingPair();
const keyring = new Keyring([key]);
const sealed = new Map(
  Object.entries(VALUES).map(([item, value]) => [item, sealedItem(certificate, REF, value)]),
);

function spec(items: readonly string[], annotations: object): object {
  const encryptedData = Object.fromEntries(items.map((item) => [item, sealed.get(item)]));
  return { encryptedData, template: { metadata: { annotations } } };
}

/** A change in the cluster or of the controller. */
type Step =
  | { readonly kind: 'edit'; readonly items: readonly string[]; readonly marks: readonly string[] }
  | { readonly kind: 'replace'; readonly marks: readonly string[]; readonly isControlled: boolean }
  | { readonly kind: 'mark'; readonly marks: readonly string[] }
  | {
      readonly kind:
        | 'delete'
        | 'strip owners'
        | 'strip proof'
        | 'control'
        | 'drop items'
        | 'change items'
        | 'restart'
        | 'lose status';
    };

const marks = fc.subarray([MANAGED, PATCH]);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('edit' as const),
    items: fc.subarray(Object.keys(VALUES), { minLength: 1 }),
    marks: fc.subarray([MANAGED, PATCH, SKIP_OWNER]),
  }),
  fc.record({ kind: fc.constant('replace' as const), marks, isControlled: fc.boolean() }),
  fc.record({ kind: fc.constant('mark' as const), marks }),
  fc.record({
    kind: fc.constantFrom(
      'delete' as const,
      'strip owners' as const,
      'strip proof' as const,
      'control' as const,
      'drop items' as const,
      'change items' as const,
      'restart' as const,
      'lose status' as const,
    ),
  }),
);

function annotated(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, 'true']));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function happen(what: Step, server: ObjectServer, controller: TestReconciler): void {
  switch (what.kind) {
    case 'edit':
      return server.edit(spec(what.items, annotated(what.marks)));
    case 'restart':
      return controller.restart();
    case 'lose status':
      controller.restart();
      return server.loseStatus();
    case 'replace':
      return replaceSecret(server, what.marks, what.isControlled ? [ownedBy('another')] : []);
    case 'mark': {
      const others = [...server.annotations].filter(([name]) => name !== MANAGED && name !== PATCH);
      return server.change({}, { annotations: { ...Object.fromEntries(others), ...annotated(what.marks) } });
    }
    case 'delete':
      server.secret = undefined;
      return undefined;
    case 'strip owners':
      return server.change({}, { ownerReferences: [] });
    case 'strip proof': {
      const others = [...server.annotations].filter(([name]) => name !== OWNER_UID);
      return server.change({}, { annotations: Object.fromEntries(others) });
    }
    case 'control':
      return server.change({}, { ownerReferences: [ownedBy('another')] });
    case 'drop items':
      return server.change({ data: {} });
    case 'change items':
      return server.change({ data: { a: base64('x'), b: base64('x') } });
  }
}

function replaceSecret(
  server: ObjectServer,
  marks: readonly string[],
  ownerReferences: readonly object[],
): void {
  server.put({ data: { theirs: base64('x') } }, { annotations: annotated(marks), ownerReferences });
}

function isOwn(secret: unknown): boolean {
  const owners = listAt(secret, 'metadata', 'ownerReferences');
  const controller = owners.find((owner) => at(owner, 'controller') === true);
  if (controller !== undefined) return at(controller, 'uid') === UID;
  return at(secret, 'metadata', 'annotations', OWNER_UID) === UID;
}

function isOpen(secret: unknown): boolean {
  return (
    isOwn(secret) || [MANAGED, PATCH].some((mark) => at(secret, 'metadata', 'annotations', mark) === 'true')
  );
}

/** Returns the Secret's version and the condition without its times. */
function result({ secret, sealedSecret }: ObjectServer): object {
  const [synced] = listAt(sealedSecret, 'status', 'conditions');
  const words = ['type', 'status', 'reason', 'message'].map((field) => at(synced, field));
  return { version: at(secret, 'metadata', 'resourceVersion'), words };
}

function assertHonest(server: ObjectServer): void {
  const { sealedSecret, secret } = server;
  const status = at(sealedSecret, 'status', 'conditions', 0, 'status');
  assert.ok(status === 'True' || status === 'False', String(status));
  assert.equal(at(sealedSecret, 'status', 'observedGeneration'), at(sealedSecret, 'metadata', 'generation'));
  if (status === 'False') return;
  const items = itemsOf(secret);
  for (const item of Object.keys(at(sealedSecret, 'spec', 'encryptedData') ?? {})) {
    assert.equal(items[item], VALUES[item], `Synced is True, but the Secret has no item ${item}`);
  }
}

/** Asserts that the Secret has the owner reference that its template asks for. */
function assertOwner({ sealedSecret, secret }: ObjectServer): void {
  const template = at(sealedSecret, 'spec', 'template', 'metadata', 'annotations', SKIP_OWNER);
  const owners = listAt(secret, 'metadata', 'ownerReferences').map((owner) => at(owner, 'uid'));
  assert.deepEqual(owners, template === 'true' ? [] : [UID], 'its owner reference is restored');
}

suite('the controller, once settled after any changes', () => {
  test('sets Synced to True only if the Secret has every item, and changes nothing after a restart', async () => {
    const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength: 10 });
    const first = fc.subarray([MANAGED, PATCH, SKIP_OWNER]);
    await fc.assert(
      fc.asyncProperty(first, steps, fc.boolean(), async (annotations, changes, dropsApplied) => {
        const server = await ObjectServer.start(REF, spec(['a'], annotated(annotations)));
        server.dropsApplied = dropsApplied;
        const controller = new TestReconciler(server, REF, new FakeClock(), keyring);
        try {
          await controller.settle();
          let isSettled = true;
          for (const [change, isSeen] of changes) {
            const wasOwn = isSettled && isOwn(server.secret);
            happen(change, server, controller);
            const before = server.secret;
            if (isSeen) {
              await controller.settle();
              assertHonest(server);
              if (before && !isOpen(before))
                assert.equal(server.secret, before, 'a Secret of others is not written');
              if (change.kind === 'delete' && wasOwn) assert.ok(server.secret, 'its own Secret is recreated');
              if (change.kind === 'strip owners' && wasOwn && isOwn(before)) assertOwner(server);
            }
            isSettled = isSeen;
          }
          await controller.settle();
          const settled = result(server);
          controller.restart();
          await controller.settle();
          assert.deepEqual(result(server), settled, 'after a restart');
          assertHonest(server);
        } finally {
          server.stop();
        }
      }),
      { numRuns: 150 },
    );
  });
});

interface Interference {
  readonly marks: readonly string[];
  readonly act: (server: ObjectServer) => void;
}

const control: Interference['act'] = (server) => server.change({}, { ownerReferences: [ownedBy('another')] });
const INTERFERENCES: Readonly<Record<string, Interference>> = {
  'deletes the Secret': { marks: [], act: (server) => (server.secret = undefined) },
  'changes an item': { marks: [], act: (server) => server.change({ data: { a: base64('x') } }) },
  'removes the owner reference': {
    marks: [],
    act: (server) => server.change({}, { ownerReferences: [] }),
  },
  'takes control of a Secret whose template has the annotation managed': { marks: [MANAGED], act: control },
  'takes control of a Secret whose template has managed and no owner': {
    marks: [MANAGED, SKIP_OWNER],
    act: control,
  },
  'takes control of a Secret whose template has managed and patch': { marks: [MANAGED, PATCH], act: control },
  'removes the owner of a Secret whose template has managed': {
    marks: [MANAGED],
    act: (server) => server.change({}, { ownerReferences: [] }),
  },
  'removes all proof of the owner, and sets managed': {
    marks: [],
    act: (server) => server.change({}, { ownerReferences: [], annotations: annotated([MANAGED]) }),
  },
  'replaces a patched Secret': {
    marks: [],
    act: (server) => replaceSecret(server, [PATCH], []),
  },
};
/** Most writes in 12 s: the first ones, and repairs with pauses of at least 0.5, 1, 2 and 4 s. */
const MOST_WRITES = 7;

suite('another client that changes the Secret every 100 ms for 12 s', () => {
  for (const [does, { marks: annotations, act }] of Object.entries(INTERFERENCES)) {
    test(`and ${does} causes repairs with growing pauses and one warning`, async () => {
      const server = await ObjectServer.start(REF, spec(['a'], annotated(annotations)));
      const clock = new FakeClock();
      const controller = new TestReconciler(server, REF, clock, keyring);
      try {
        await controller.settle();
        for (let i = 0; i < 120; i++) {
          act(server);
          await controller.reconcile();
          await clock.pass(100);
        }
        assert.ok(
          server.secretWrites >= 3 && server.secretWrites <= MOST_WRITES,
          `${server.secretWrites} writes`,
        );
        const warnings = server.events.filter((event) => at(event, 'type') === 'Warning');
        assert.equal(warnings.length, 1);
        assert.match(String(at(warnings[0], 'message')), /changed by someone else again and again/);
        await controller.settle();
        assertHonest(server);
      } finally {
        server.stop();
      }
    });
  }
});
