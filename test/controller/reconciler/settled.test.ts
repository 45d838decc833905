import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { MANAGED, OWNER_UID, PATCH, SKIP_OWNER } from '../../../shared/api/annotations.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf } from '../../support/cluster.ts';
import { FakeApiServer } from '../../support/fake-api-server.ts';
import { sealingPair } from '../../support/keys.ts';
import type { Json } from '../../support/object-store.ts';
import { base64, ownedBy } from '../../support/objects.ts';
import { sealedItem } from '../../support/sealed.ts';
import { TestController } from '../../support/test-controller.ts';

const REF = { namespace: 'ns', name: 'db' };
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

/** Starts an API server with one SealedSecret, and its controller. */
async function start(
  annotations: readonly string[],
): Promise<{ server: FakeApiServer; controller: TestController }> {
  const server = await FakeApiServer.start();
  server.create('sealedsecrets', {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: REF,
    spec: spec(['a'], annotated(annotations)),
  });
  return { server, controller: new TestController(server, keyring) };
}

function secretIn(server: FakeApiServer): Json | undefined {
  return server.get('secrets', REF);
}

/** Changes the Secret, if it exists. */
function changeSecret(server: FakeApiServer, change: object): void {
  if (secretIn(server)) server.change('secrets', REF, change);
}

function happen(what: Step, server: FakeApiServer, controller: TestController): void {
  switch (what.kind) {
    case 'edit':
      server.change('sealedsecrets', REF, { spec: null });
      server.change('sealedsecrets', REF, { spec: spec(what.items, annotated(what.marks)) });
      return;
    case 'restart':
      return controller.restart();
    case 'lose status':
      controller.restart();
      server.replaceStatus(REF, {});
      return;
    case 'replace':
      return replaceSecret(server, what.marks, what.isControlled ? [ownedBy('another')] : []);
    case 'mark': {
      const annotations = { [MANAGED]: null, [PATCH]: null, ...annotated(what.marks) };
      return changeSecret(server, { metadata: { annotations } });
    }
    case 'delete':
      return server.delete('secrets', REF);
    case 'strip owners':
      return changeSecret(server, { metadata: { ownerReferences: [] } });
    case 'strip proof':
      return changeSecret(server, { metadata: { annotations: { [OWNER_UID]: null } } });
    case 'control':
      return changeSecret(server, { metadata: { ownerReferences: [ownedBy('another')] } });
    case 'drop items':
      return changeSecret(server, { data: null });
    case 'change items':
      return changeSecret(server, { data: { a: base64('x'), b: base64('x') } });
  }
}

function replaceSecret(
  server: FakeApiServer,
  marks: readonly string[],
  ownerReferences: readonly object[],
): void {
  server.delete('secrets', REF);
  const metadata = { ...REF, annotations: annotated(marks), ownerReferences };
  server.create('secrets', { metadata, data: { theirs: base64('x') } });
}

function isOwn(server: FakeApiServer, secret: unknown): boolean {
  const uid = uidOf(server.get('sealedsecrets', REF));
  const owners = listAt(secret, 'metadata', 'ownerReferences');
  const controller = owners.find((owner) => at(owner, 'controller') === true);
  if (controller !== undefined) return at(controller, 'uid') === uid;
  return at(secret, 'metadata', 'annotations', OWNER_UID) === uid;
}

function isOpen(server: FakeApiServer, secret: unknown): boolean {
  return (
    isOwn(server, secret) ||
    [MANAGED, PATCH].some((mark) => at(secret, 'metadata', 'annotations', mark) === 'true')
  );
}

/** Returns the Secret's version and the condition without its times. */
function result(server: FakeApiServer): object {
  const secret = secretIn(server);
  const [synced] = listAt(server.get('sealedsecrets', REF), 'status', 'conditions');
  const words = ['type', 'status', 'reason', 'message'].map((field) => at(synced, field));
  return { version: at(secret, 'metadata', 'resourceVersion'), words };
}

function assertHonest(server: FakeApiServer): void {
  const [sealedSecret, secret] = [server.get('sealedsecrets', REF), secretIn(server)];
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
function assertOwner(server: FakeApiServer): void {
  const [sealedSecret, secret] = [server.get('sealedsecrets', REF), secretIn(server)];
  const template = at(sealedSecret, 'spec', 'template', 'metadata', 'annotations', SKIP_OWNER);
  const owners = listAt(secret, 'metadata', 'ownerReferences').map((owner) => at(owner, 'uid'));
  assert.deepEqual(
    owners,
    template === 'true' ? [] : [uidOf(sealedSecret)],
    'its owner reference is restored',
  );
}

suite('the controller, once settled after any changes', () => {
  test('sets Synced to True only if the Secret has every item, and changes nothing after a restart', async () => {
    const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength: 10 });
    const first = fc.subarray([MANAGED, PATCH, SKIP_OWNER]);
    await fc.assert(
      fc.asyncProperty(first, steps, fc.boolean(), async (annotations, changes, dropsApplied) => {
        const { server, controller } = await start(annotations);
        server.store.dropsApplied = dropsApplied;
        try {
          await controller.rest(REF);
          let isSettled = true;
          for (const [change, isSeen] of changes) {
            const wasOwn = isSettled && isOwn(server, secretIn(server));
            happen(change, server, controller);
            const before = secretIn(server);
            if (isSeen) {
              await controller.rest(REF);
              assertHonest(server);
              if (before && !isOpen(server, before))
                assert.equal(secretIn(server), before, 'a Secret of others is not written');
              if (change.kind === 'delete' && wasOwn)
                assert.ok(secretIn(server), 'its own Secret is recreated');
              if (change.kind === 'strip owners' && wasOwn && isOwn(server, before)) assertOwner(server);
            }
            isSettled = isSeen;
          }
          await controller.rest(REF);
          const settled = result(server);
          controller.restart();
          await controller.rest(REF);
          assert.deepEqual(result(server), settled, 'after a restart');
          assertHonest(server);
        } finally {
          server.stop();
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});

interface Interference {
  readonly marks: readonly string[];
  readonly act: (server: FakeApiServer) => void;
}

const control: Interference['act'] = (server) =>
  changeSecret(server, { metadata: { ownerReferences: [ownedBy('another')] } });
const INTERFERENCES: Readonly<Record<string, Interference>> = {
  'deletes the Secret': { marks: [], act: (server) => server.delete('secrets', REF) },
  'changes an item': { marks: [], act: (server) => changeSecret(server, { data: { a: base64('x') } }) },
  'removes the owner reference': {
    marks: [],
    act: (server) => changeSecret(server, { metadata: { ownerReferences: [] } }),
  },
  'takes control of a Secret whose template has the annotation managed': { marks: [MANAGED], act: control },
  'takes control of a Secret whose template has managed and no owner': {
    marks: [MANAGED, SKIP_OWNER],
    act: control,
  },
  'takes control of a Secret whose template has managed and patch': { marks: [MANAGED, PATCH], act: control },
  'removes the owner of a Secret whose template has managed': {
    marks: [MANAGED],
    act: (server) => changeSecret(server, { metadata: { ownerReferences: [] } }),
  },
  'removes all proof of the owner, and sets managed': {
    marks: [],
    act: (server) =>
      changeSecret(server, {
        metadata: { ownerReferences: [], annotations: { [OWNER_UID]: null, ...annotated([MANAGED]) } },
      }),
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
      const { server, controller } = await start(annotations);
      try {
        await controller.rest(REF);
        for (let i = 0; i < 120; i++) {
          act(server);
          await controller.reconcile(REF);
          await controller.clock.pass(100);
        }
        const writes = server.writes.filter(
          ({ path, status = 0 }) => path.includes('/secrets') && status < 300,
        );
        assert.ok(writes.length >= 3 && writes.length <= MOST_WRITES, `${writes.length} writes`);
        const warnings = server.store.list('events').filter((event) => at(event, 'type') === 'Warning');
        assert.equal(warnings.length, 1);
        assert.match(String(at(warnings[0], 'message')), /another client keeps changing the Secret/);
        await controller.rest(REF);
        assertHonest(server);
      } finally {
        server.stop();
      }
    });
  }
});
