import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { textOf } from '../../support/text-of.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { secretJson } from '../../../shared/manifest/write.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal, type UnsealResult } from '../../../shared/seal/unseal.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealedItem } from '../../support/sealed.ts';

const CANARY = 'hunter2-canary';
const { key, certificate } = await sealingPair();
const DB = { name: 'db', namespace: 'prod' };
const SECRET = {
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: { name: 'db', namespace: 'prod', labels: { l: '1' } },
  data: { k: 'b2xk' },
  type: 'Opaque',
};

function open(spec: object): Promise<UnsealResult> {
  const object = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: DB, spec };
  const sealed = parseSealedSecret(object, { source: 'test' });
  return unseal(sealed, {
    decrypter: new Keyring([key]),
    renderer: inProcessRenderer('full'),
    place: { source: 'test' },
    signal: new AbortController().signal,
  });
}

async function refused(spec: object): Promise<string> {
  const result = await open(spec);
  assert.ok(!result.ok);
  const message = result.failure.describe();
  assert.doesNotMatch(message, /canary|hunter/);
  return message;
}

const envelope = (text: string, ref = DB): string => sealedItem(certificate, ref, text);

suite('deprecated spec.data', () => {
  test("opens to its Secret, with the SealedSecret's name and without server-owned fields", async () => {
    const metadata = {
      ...SECRET.metadata,
      name: 'other',
      namespace: 'kube-system',
      uid: 'u',
      ownerReferences: [{ uid: 'u' }],
    };
    const result = await open({ data: envelope(JSON.stringify({ ...SECRET, metadata })) });
    assert.ok(result.ok);
    assert.deepEqual(JSON.parse(JSON.stringify(secretJson(result.unsealed.secret))), SECRET);
  });

  const broken: [string, string][] = [
    ['plain text', CANARY],
    ['half of a Secret', JSON.stringify(SECRET).slice(0, -9) + CANARY],
    ['a list', JSON.stringify([CANARY])],
    ['null', 'null'],
    ['another kind', JSON.stringify({ ...SECRET, kind: CANARY })],
    ['a value that is no string', JSON.stringify({ ...SECRET, data: { [CANARY]: 1 } })],
    ['a value that is no base64', JSON.stringify({ ...SECRET, data: { k: CANARY } })],
    ['labels that are none', JSON.stringify({ ...SECRET, metadata: { labels: CANARY } })],
    ['an item that was passed off as one', 'hunter2'],
    ['nothing', ''],
  ];
  for (const [what, text] of broken) {
    test(`is refused without quoting its content if it holds ${what}`, async () => {
      assert.equal(
        await refused({ data: envelope(text) }),
        'the decrypted spec.data (deprecated) is not a Secret',
      );
    });
  }

  test('is reported as an item without a name if no key opens it', async () => {
    const elsewhere = envelope(JSON.stringify(SECRET), { name: 'db', namespace: 'shop' });
    assert.match(
      await refused({ data: elsewhere }),
      /^no key could decrypt secret: sealed for another name or namespace, or /,
    );
    assert.equal(await refused({ data: '!' }), 'illegal base64 data at input byte 0');
    assert.equal(await refused({ data: 1 }), 'no key could decrypt secret: the value is not a string');
  });

  test('moved to an item opens as that item, byte for byte, in the same place only', async () => {
    const text = JSON.stringify(SECRET);
    const result = await open({ encryptedData: { whole: envelope(text) } });
    assert.ok(result.ok);
    assert.equal(textOf(result.unsealed.secret, 'whole'), text);
  });

  test('is ignored if there is encryptedData', async () => {
    const result = await open({ data: envelope(CANARY), encryptedData: { a: envelope('b') } });
    assert.ok(result.ok);
    assert.deepEqual([...result.unsealed.secret.data.keys()], ['a']);
  });
});
