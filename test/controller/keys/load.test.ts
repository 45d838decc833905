import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { loadOrMakeKeys, newKeyDraft, type KeyDraft } from '../../../controller/keys/load.ts';
import type { SealingKey } from '../../../controller/keys/key-secret.ts';
import type { Log } from '../../../controller/observe/log.ts';
import { openGate, type WriteGate } from '../../../shared/cluster/write-gate.ts';
import { systemClock } from '../../../shared/clock.ts';
import { fail } from '../../../shared/errors.ts';
import { at, stringAt } from '../../control-plane/admin-client.ts';
import { keyItems, keySecret } from '../../support/key-secret.ts';
import { refused, ScriptedApi, type Asked, type Reply } from '../../support/scripted-api.ts';

const OPTIONS = { namespace: 'kube-system', prefix: 'sealed-secrets-key', bits: 2048 };
const NONE: Reply = refused(404, 'NotFound');
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let scripted: ScriptedApi | undefined;
afterEach(() => scripted?.stop());

function page(items: readonly object[], next = ''): Reply {
  return {
    status: 200,
    body: { kind: 'SecretList', apiVersion: 'v1', metadata: { resourceVersion: '9', continue: next }, items },
  };
}

/** A Secret as the server keeps it. */
function stored(secret: object): object {
  const metadata = { ...(at(secret, 'metadata') ?? {}), uid: 'uid-1', resourceVersion: '7' };
  return { ...secret, metadata };
}

interface Script {
  /** By the `continue` of the request. */
  readonly lists?: Readonly<Record<string, Reply>>;
  readonly legacy?: Reply;
  readonly create?: (asked: Asked) => Reply;
}

function kept({ body }: Asked): Reply {
  return { status: 201, body: stored(Object(body) as object) };
}

async function start(script: Script): Promise<ScriptedApi> {
  scripted = await ScriptedApi.start((asked) => {
    const { lists = { '': page([]) }, legacy = NONE, create = kept } = script;
    if (asked.method === 'POST') return create(asked);
    if (asked.path.endsWith('/sealed-secrets-key')) return legacy;
    return lists[asked.query.get('continue') ?? ''] ?? NONE;
  });
  return scripted;
}

async function load(draft?: KeyDraft, gate: WriteGate = openGate): Promise<SealingKey[]> {
  assert.ok(scripted);
  const signal = new AbortController().signal;
  const used = draft ?? newKeyDraft(OPTIONS, systemClock);
  return loadOrMakeKeys(scripted.api, gate, OPTIONS, used, systemClock, silent, signal);
}

suite('a sealing key', () => {
  test('is made where a complete list and the legacy name have none', async () => {
    const { asked } = await start({});
    const [made, ...others] = await load();
    assert.deepEqual(others, []);
    assert.deepEqual(
      asked.map(({ method, path }) => `${method} ${path.replace(/key\w{5}$/, 'keyXXXXX')}`),
      [
        'GET /api/v1/namespaces/kube-system/secrets',
        'GET /api/v1/namespaces/kube-system/secrets/sealed-secrets-key',
        'POST /api/v1/namespaces/kube-system/secrets',
      ],
    );
    assert.equal(stringAt(asked[2]?.body, 'metadata', 'name'), made?.secretName);
  });

  const refusals: [string, Script][] = [
    ['the list is refused', { lists: { '': refused(403, 'Forbidden') } }],
    ['the list fails', { lists: { '': refused(500, 'InternalError') } }],
    ['the list does not come', { lists: { '': 'cut' } }],
    ['the second page is refused', { lists: { '': page([], 'two'), two: refused(500, 'InternalError') } }],
    ['the second page has expired', { lists: { '': page([], 'two'), two: refused(410, 'Expired') } }],
    ['the second page does not come', { lists: { '': page([], 'two'), two: 'cut' } }],
    ['the list is an empty object', { lists: { '': { status: 200, body: {} } } }],
    ['the list is a page of someone in between', { lists: { '': { status: 200, body: '<html>' } } }],
    ['the list is a status', { lists: { '': { status: 200, body: { kind: 'Status', metadata: {} } } } }],
    ['the list has no version', { lists: { '': { status: 200, body: { kind: 'SecretList', items: [] } } } }],
    ['the legacy name is refused', { legacy: refused(403, 'Forbidden') }],
    ['the legacy name fails', { legacy: refused(503, 'ServiceUnavailable') }],
    ['the legacy name does not come', { legacy: 'cut' }],
    ['the legacy name is no Secret', { legacy: { status: 200, body: {} } }],
  ];
  for (const [when, script] of refusals) {
    test(`is never made when ${when}`, async () => {
      const server = await start(script);
      await assert.rejects(load());
      assert.deepEqual(server.of('POST'), []);
    });
  }

  test('is not used before it is written', async () => {
    await start({ create: () => refused(403, 'Forbidden') });
    await assert.rejects(load(), /refused to create Secret/);
  });

  test('is not written by one who may not', async () => {
    const server = await start({});
    await assert.rejects(load(undefined, { check: () => fail({ code: 'NotLeader' }) }), /does not lead/);
    assert.deepEqual(server.of('POST'), []);
  });

  test('has the same name and content at every attempt, so that a lost answer makes no second one', async () => {
    const answers: Reply[] = ['cut', refused(409, 'AlreadyExists')];
    const server = await start({ create: () => answers.shift() ?? NONE });
    const draft = newKeyDraft(OPTIONS, systemClock);
    await assert.rejects(load(draft), /cannot reach/);
    await assert.rejects(load(draft), /409 AlreadyExists/);
    const [first, second] = server.of('POST').map(({ body }) => body);
    assert.ok(first !== undefined);
    assert.deepEqual(second, first);
  });

  test('that an earlier attempt has made is used', async () => {
    let list = page([]);
    await start({
      create: ({ body }) => {
        list = page([stored(Object(body) as object)]);
        return 'cut';
      },
      get lists() {
        return { '': list };
      },
    });
    const draft = newKeyDraft(OPTIONS, systemClock);
    await assert.rejects(load(draft), /cannot reach/);
    const keys = await load(draft);
    assert.deepEqual(
      keys.map(({ secretName }) => secretName),
      [draft.name],
    );
  });

  test('is used wherever in the list it is, and none is made', async () => {
    const [one, two] = [await keyItems(), await keyItems()];
    const broken = keySecret('sealed-secrets-keyx', { 'tls.key': 'x' });
    const server = await start({
      lists: {
        '': page([stored(broken)], 'two'),
        two: page([stored(keySecret('sealed-secrets-keyb', one)), { metadata: 'no Secret' }]),
      },
      legacy: { status: 200, body: stored(keySecret('sealed-secrets-key', two, {})) },
    });
    const keys = await load();
    assert.deepEqual(
      keys.map(({ secretName }) => secretName),
      ['sealed-secrets-keyb', 'sealed-secrets-key'],
    );
    assert.deepEqual(server.of('POST'), []);
  });
});
