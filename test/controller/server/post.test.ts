import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { utf8Text } from '../../../shared/bytes.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { reEncrypt } from '../../../shared/seal/re-encrypt.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal } from '../../../shared/seal/unseal.ts';
import { VERIFY_TYPE } from '../../../shared/seal/verify-answer.ts';
import type { Told } from '../../support/ask.ts';
import { sealingPair, watched } from '../../support/keys.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../../support/sealed.ts';
import { TestServer } from './test-server.ts';

const CANARY = 'hunter2-canary';
const DB = { name: 'db', namespace: 'prod' };
const WIDE = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };

// Some ciphertexts of a larger key exceed the modulus of a smaller one. The modulus is public, so they are refused without
// a private-key operation; ciphertexts of the smallest key always need one.
const [others, old, current] = await threePairs();
const OTHERS = others.certificate;
let operations = 0;
const keys = [current.key, old.key].map((key) => watched(key, () => operations++));
let server: TestServer;
let narrow: TestServer;
before(async () => {
  server = await TestServer.start({ keys, certificate: current.certificate });
  narrow = await TestServer.start({
    keys,
    certificate: current.certificate,
    namespaces: ['prod'],
    acceptV1Data: false,
  });
});
after(async () => {
  await server.close();
  await narrow.close();
});

type Pair = Awaited<ReturnType<typeof sealingPair>>;

/** Three keys and their certificates, the smallest modulus first. */
async function threePairs(): Promise<[Pair, Pair, Pair]> {
  const [a, b, c] = [await sealingPair(), await sealingPair(), await sealingPair()];
  return [a, b, c].sort((x, y) => x.key.modulus.compare(y.key.modulus)) as [Pair, Pair, Pair];
}

function good(
  items = { password: CANARY, other: 'x' },
  options = {},
  by: Certificate = old.certificate,
): SealedBody {
  return sealedSecret(by, DB, items, options);
}

async function verifyStatus(object: object, by = server): Promise<number> {
  const { status, body, headers } = await by.post('/v1/verify', object);
  assert.deepEqual([body, headers['content-length'], headers['content-type']], ['', '0', undefined]);
  return status;
}

function postRotate(object: object, by = server): Promise<Told> {
  return by.post('/v1/rotate', object);
}

/** Unseals an object with the newest key only. */
async function unsealWithNewestKey(object: unknown): Promise<Record<string, string> | undefined> {
  const sealed = parseSealedSecret(object, { source: 'test' });
  const { signal } = new AbortController();
  const keyring = new Keyring([current.key]);
  const result = await unseal(sealed, {
    decrypter: keyring,
    renderer: inProcessRenderer('full'),
    place: { source: 'test' },
    signal,
  });
  if (!result.ok) return undefined;
  return Object.fromEntries([...result.unsealed.secret.data].map(([item, value]) => [item, utf8Text(value)]));
}

suite('POST /v1/verify', () => {
  test('answers 200 if all items open and 409 if one does not, without a body', async () => {
    assert.equal(await verifyStatus(good()), 200);
    const bad = good();
    assert.equal(await verifyStatus({ ...bad, metadata: { ...bad.metadata, name: 'moved' } }), 409);
    assert.equal(await verifyStatus({ ...bad, metadata: { ...bad.metadata, namespace: 'shop' } }), 409);
    assert.equal(await verifyStatus({ ...bad, metadata: { ...bad.metadata, annotations: WIDE } }), 409);
    assert.equal(await verifyStatus(sealedSecret(OTHERS, DB, { a: 'x' })), 409);
  });

  test('answers 200 for a Secret without items', async () => {
    const { spec, ...rest } = sealedSecret(old.certificate, DB, {});
    assert.deepEqual(spec.encryptedData, {});
    assert.equal(await verifyStatus({ ...rest, spec }), 200);
    assert.equal(await verifyStatus({ ...rest, spec: { encryptedData: null } }), 409);
    assert.equal(await verifyStatus({ ...rest, spec: { encryptedData: {}, data: 'AAAA' } }), 409);
    const { status, body } = await postRotate({ ...rest, spec });
    assert.equal(status, 200);
    assert.deepEqual(await unsealWithNewestKey(JSON.parse(body)), {});
  });

  test('checks the names of the items of the Secret, but not of those that a null leaves out', async () => {
    const withTemplates = (data: object): object =>
      sealedSecret(old.certificate, DB, { 'a/b': 'x' }, { template: { data } });
    assert.equal(await verifyStatus(withTemplates({})), 409);
    assert.equal(await verifyStatus(withTemplates({ 'a/b': null })), 200);
    assert.equal(await verifyStatus(withTemplates({ 'a/b': null, 'c/d': '' })), 409);
    const { status, body } = await postRotate(withTemplates({ 'a/b': null, copy: '{{ index . "a/b" }}' }));
    assert.equal(status, 200);
    assert.match(body, /"a\/b":null/);
    assert.deepEqual(await unsealWithNewestKey(JSON.parse(body)), { copy: 'x' });
  });

  test('accepts YAML', async () => {
    const { spec } = good();
    const yaml = `# by ops\nkind: SealedSecret\nmetadata: !!map {name: db, namespace: prod}\nspec: ${JSON.stringify(spec)}\n`;
    assert.equal((await server.ask('POST', '/v1/verify', { body: yaml })).status, 200);
  });

  test('answers 409 for objects that cannot be unsealed', async () => {
    const { metadata, kind } = good();
    const item = sealedItem(old.certificate, DB, CANARY);
    const specs = {
      'no items': {},
      'an item that is no string': { encryptedData: { a: item, b: 1 } },
      'an item that is no base64': { encryptedData: { a: `${item}*` } },
      'an item cut short': { encryptedData: { a: item.slice(0, 40) } },
      'an item of a name that no Secret can have': { encryptedData: { 'a b': item } },
      'a template that does not parse': { encryptedData: { a: item }, template: { data: { b: '{{' } } },
      'a template of a name that no Secret can have': {
        encryptedData: { a: item },
        template: { data: { '..b': 'x' } },
      },
    };
    for (const [what, spec] of Object.entries(specs)) {
      assert.equal(await verifyStatus({ kind, metadata, spec }), 409, what);
    }
  });

  test('returns only the items and an error code to clients that accept the verify type', async () => {
    const object = good({ password: CANARY, other: 'x' }, { template: { data: { broken: '{{ .password' } } });
    const { encryptedData } = object.spec;
    const mixed = { ...encryptedData, closed: sealedItem(OTHERS, DB, 'x'), cut: 'AAAA', no: 7, wrong: '*' };
    const posted = { ...object, spec: { ...object.spec, encryptedData: mixed } };
    for (const accept of [VERIFY_TYPE, `text/html, ${VERIFY_TYPE.toUpperCase()};q=0.9, */*`]) {
      const { status, headers, body } = await server.post('/v1/verify', posted, { headers: { accept } });
      assert.deepEqual([status, headers['content-type']], [409, VERIFY_TYPE]);
      assert.deepEqual(JSON.parse(body), {
        problems: [
          { item: 'closed', code: 'NoKey' },
          { item: 'cut', code: 'NoEnvelope' },
          { item: 'no', code: 'NotAString' },
          { item: 'wrong', code: 'NoEnvelope' },
          { item: 'broken', code: 'Template' },
        ],
      });
    }
    const headers = { accept: VERIFY_TYPE };
    const fine = await server.post('/v1/verify', good(), { headers });
    assert.deepEqual([fine.status, fine.body], [200, '{"problems":[]}']);
    const any = await server.post('/v1/verify', posted, { headers: { accept: '*/*' } });
    assert.deepEqual([any.status, any.body], [409, '']);
  });

  test('reveals whether spec.data opens, and nothing of its content', async () => {
    const data = (text: string): object => ({
      ...good(),
      spec: { data: sealedItem(old.certificate, DB, text) },
    });
    const secret = JSON.stringify({ kind: 'Secret', apiVersion: 'v1', data: { a: 'YQ==' } });
    for (const text of [secret, CANARY, '{}', '']) assert.equal(await verifyStatus(data(text)), 200);
    for (const text of [secret, CANARY]) assert.equal(await verifyStatus(data(text), narrow), 409);
    assert.equal(await verifyStatus({ ...good(), spec: { data: 1 } }), 409);
    assert.equal(await verifyStatus({ ...good(), spec: { data: sealedItem(OTHERS, DB, secret) } }), 409);
  });

  test('refuses namespaces that the controller does not handle', async () => {
    const elsewhere = { name: 'db', namespace: 'shop' };
    for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
      const object = sealedSecret(old.certificate, elsewhere, { a: CANARY }, { scope });
      assert.equal(await verifyStatus(object), 200, scope);
      assert.equal(await verifyStatus(object, narrow), 409, scope);
      const { status, body } = await postRotate(object, narrow);
      assert.deepEqual([status, body], [409, ''], scope);
    }
    assert.equal(await verifyStatus(good(), narrow), 200);
  });

  test('builds no label from a name that could denote another object', async () => {
    const label = (text: string): SealedBody['metadata'] => ({ ...good().metadata, namespace: text });
    for (const metadata of [
      label('prod/db'),
      label(''),
      { ...good().metadata, name: '' },
      { ...good().metadata, name: 'db/x' },
      { ...good().metadata, name: 'd\u0000b' },
    ]) {
      operations = 0;
      assert.equal(await verifyStatus({ ...good(), metadata }), 409);
      assert.equal((await postRotate({ ...good(), metadata })).status, 409);
      assert.equal(operations, 0);
    }
  });

  test('opens items sealed for a name that only the API server refuses, under that name alone', async () => {
    for (const name of ['DB', '{{ .Release.Name }}-db']) {
      const object = sealedSecret(old.certificate, { ...DB, name }, { a: 'x' });
      assert.equal(await verifyStatus(object), 200);
      assert.equal(await verifyStatus({ ...object, metadata: { ...object.metadata, name: 'db' } }), 409);
    }
  });

  test('runs as many private-key operations for a wrong key as for a wrong label', async () => {
    const count = async (path: string, object: object): Promise<number> => {
      operations = 0;
      assert.equal((await server.post(path, object)).status, 409);
      return operations;
    };
    const items = { a: 'x', b: 'y' };
    const wrongKey = sealedSecret(OTHERS, DB, items);
    for (const path of ['/v1/verify', '/v1/rotate']) {
      const expected = await count(path, wrongKey);
      assert.equal(expected, 4);
      for (const scope of ['namespace-wide', 'cluster-wide'] as const) {
        const wide = sealedSecret(old.certificate, DB, items, { scope });
        assert.equal(await count(path, { ...wide, metadata: wrongKey.metadata }), expected);
      }
      const moved = sealedSecret(old.certificate, { ...DB, name: 'moved' }, items);
      assert.equal(await count(path, { ...moved, metadata: wrongKey.metadata }), expected);
    }
  });
});

suite('POST /v1/rotate', () => {
  test('returns the object as posted, except for ciphertexts of the newest key', async () => {
    const sent = {
      metadata: {
        ...DB,
        labels: { app: 'shop', __proto__: 'x' },
        annotations: { note: '{{ .a }}' },
        managedFields: [{ manager: 'x', fieldsV1: { 'f:spec': {} } }],
        generation: 3,
      },
      spec: {
        encryptedData: good().spec.encryptedData,
        template: { metadata: { labels: { l: '1' } }, type: 'Opaque', data: { url: '{{ fail .password }}' } },
        extra: [1, null, { deep: true }],
      },
      status: { conditions: [] },
      kind: 'SealedSecret',
    };
    const { status, headers, body } = await postRotate(sent);
    assert.deepEqual([status, headers['content-type']], [200, 'application/json']);
    const answer = JSON.parse(body) as typeof sent;
    assert.deepEqual(answer, {
      ...sent,
      apiVersion: 'bitnami.com/v1alpha1',
      spec: { ...sent.spec, encryptedData: answer.spec.encryptedData },
    });
    const plain = { ...answer, spec: { encryptedData: answer.spec.encryptedData } };
    assert.deepEqual(await unsealWithNewestKey(plain), { password: CANARY, other: 'x' });
    assert.doesNotMatch(body, /canary/);
  });

  test('updates the sealing-key annotation if the object has one', async () => {
    const hint = 'sealedsecrets.bitnami.com/sealing-key';
    const object = good();
    const annotations = { [hint]: old.certificate.fingerprint, more: 'x' };
    const { body } = await postRotate({ ...object, metadata: { ...object.metadata, annotations } });
    const expected = { [hint]: current.certificate.fingerprint, more: 'x' };
    assert.deepEqual((JSON.parse(body) as SealedBody).metadata.annotations, expected);
  });

  test('keeps items and annotations of any name', async () => {
    const names = ['__proto__', 'constructor', 'toString', '0'];
    const items = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
    const { encryptedData } = good(items as never).spec;
    const text = `{"kind":"SealedSecret","metadata":{"name":"db","namespace":"prod","annotations":{"__proto__":"x"}},"spec":{"encryptedData":${JSON.stringify(encryptedData)}}}`;
    const { status, body } = await server.ask('POST', '/v1/rotate', { body: text });
    assert.equal(status, 200);
    assert.ok(body.includes('"annotations":{"__proto__":"x"}'));
    assert.deepEqual(await unsealWithNewestKey(JSON.parse(body)), items);
  });

  test('answers 409 for items that do not open or cannot be re-encrypted in place', async () => {
    const item = sealedItem(old.certificate, DB, '{}');
    const { metadata, kind } = good();
    for (const [what, object] of Object.entries({
      'another key': sealedSecret(OTHERS, DB, { a: 'x' }),
      'one item of two': { ...good(), spec: { encryptedData: { a: item, b: 'AAAA' } } },
      'spec.data': { kind, metadata, spec: { data: item } },
      'spec.data beside items': { kind, metadata, spec: { encryptedData: { a: item }, data: item } },
    })) {
      const { status, body } = await postRotate(object);
      assert.deepEqual([status, body], [409, ''], what);
    }
  });

  test('answers at most eight times the request plus 4 KiB, however small the items', async () => {
    const most = (text: string): number => 8 * text.length + 4096;
    const tiny = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [String(index), '']));
    const text = JSON.stringify(sealedSecret(old.certificate, DB, tiny));
    const { status, body } = await server.ask('POST', '/v1/rotate', { body: text });
    assert.equal(status, 200);
    assert.ok(body.length <= most(text), `${body.length} for ${text.length}`);

    // Far smaller than any ciphertext, so refused before any key is tried.
    const { metadata, kind } = good();
    const items = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [index.toString(36), '']));
    const hostile = JSON.stringify({ metadata, kind, spec: { encryptedData: items } });
    operations = 0;
    const refused = await server.ask('POST', '/v1/rotate', { body: hostile });
    assert.deepEqual([refused.status, refused.body], [413, 'the response would be too large\n']);
    assert.equal(operations, 0);
    const headers = { accept: VERIFY_TYPE };
    const verified = await server.ask('POST', '/v1/verify', { body: hostile, headers });
    assert.equal(verified.status, 409);
    assert.ok(verified.body.length <= most(hostile), `${verified.body.length} for ${hostile.length}`);
  });

  test('gives the same result as kubeseal offline', async () => {
    const object = good();
    const { signal } = new AbortController();
    const sealed = parseSealedSecret(object, { source: 'test' });
    const offline = await reEncrypt(sealed, {
      certificate: current.certificate,
      decrypter: new Keyring([old.key]),
      candidates: [],
      place: { source: 'x' },
      signal,
    });
    assert.ok(offline.ok);
    const { body } = await postRotate(object);
    const answer = JSON.parse(body) as SealedBody;
    const keys = Object.keys(answer.spec.encryptedData);
    assert.deepEqual(keys, [...offline.encryptedData.keys()]);
    const again = { ...object, spec: { encryptedData: Object.fromEntries(offline.encryptedData) } };
    assert.deepEqual(await unsealWithNewestKey(again), await unsealWithNewestKey(answer));
  });
});

suite('a template that claims a wider scope than the object has (CVE-2026-22728)', () => {
  const NAMESPACED = { 'sealedsecrets.bitnami.com/namespace-wide': 'true' };
  const claiming = (annotations: object): object => ({
    ...good(),
    spec: { ...good().spec, template: { metadata: { annotations } } },
  });

  test('is refused', async () => {
    for (const annotations of [WIDE, NAMESPACED, { ...NAMESPACED, ...WIDE }]) {
      operations = 0;
      const { status, body } = await postRotate(claiming(annotations));
      assert.deepEqual([status, body, operations], [409, '', 0]);
    }
    const scoped = sealedSecret(old.certificate, DB, { a: 'x' }, { scope: 'namespace-wide' });
    const wider = { ...scoped, spec: { ...scoped.spec, template: { metadata: { annotations: WIDE } } } };
    assert.equal((await postRotate(wider)).status, 409);
  });

  test('on both changes the label, and no item opens under it', async () => {
    const object = claiming(WIDE) as SealedBody;
    const { status } = await postRotate({ ...object, metadata: { ...object.metadata, annotations: WIDE } });
    assert.equal(status, 409);
  });

  test('counts only if it is exactly true; the result stays strict otherwise', async () => {
    const claims = [
      { 'SealedSecrets.bitnami.com/Cluster-Wide': 'true' },
      { 'sealedsecrets.bitnami.com/cluster-wide': 'True' },
      { 'sealedsecrets.bitnami.com/cluster-wide': ' true' },
    ];
    const objects = claims.map(claiming);
    const managedFields = [{ manager: 'x', fieldsV1: { 'f:metadata': { 'f:annotations': WIDE } } }];
    objects.push({ ...good(), metadata: { ...DB, managedFields } });
    for (const object of objects) {
      const { status, body } = await postRotate(object);
      assert.equal(status, 200);
      const answer = JSON.parse(body) as SealedBody;
      const spec = { encryptedData: answer.spec.encryptedData };
      assert.deepEqual(await unsealWithNewestKey({ ...answer, spec }), { password: CANARY, other: 'x' });
      const wide = { ...DB, annotations: WIDE };
      assert.equal(await unsealWithNewestKey({ ...answer, metadata: wide, spec }), undefined);
    }
  });

  test('is malformed if a name occurs twice, or a value is not a string', async () => {
    const text = JSON.stringify(good());
    const doubled = [
      text.replace(
        '"metadata":',
        '"metadata":{"name":"db","namespace":"prod","annotations":{"sealedsecrets.bitnami.com/cluster-wide":"true"}},"metadata":',
      ),
      text.replace(
        '"metadata":',
        '"Metadata":{"annotations":{"sealedsecrets.bitnami.com/cluster-wide":"true"}},"metadata":',
      ),
      text.replace(
        '"annotations":{}',
        '"annotations":{},"Annotations":{"sealedsecrets.bitnami.com/cluster-wide":"true"}',
      ),
      text.replace('"annotations":{}', '"annotations":{"sealedsecrets.bitnami.com/cluster-wide":true}'),
      text.replace(
        '"template":{}',
        '"template":{"metadata":{"annotations":{"sealedsecrets.bitnami.com/cluster-wide":true}}}',
      ),
    ];
    for (const body of doubled) {
      assert.notEqual(body, text);
      assert.equal((await server.ask('POST', '/v1/rotate', { body })).status, 400, body.slice(0, 120));
      assert.equal((await server.ask('POST', '/v1/verify', { body })).status, 400);
    }
  });
});
