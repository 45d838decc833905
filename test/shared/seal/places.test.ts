import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { utf8Text } from '../../../shared/bytes.ts';
import { parseSecret } from '../../../shared/api/secret.ts';
import type { SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import { parseEnvelope } from '../../../shared/crypto/envelope.ts';
import { secretJson } from '../../../shared/manifest/write.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { labelFor, SCOPES } from '../../../shared/seal/scope.ts';
import { seal } from '../../../shared/seal/seal.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal, type UnsealResult } from '../../../shared/seal/unseal.ts';
import { certificatePem, vectorKey } from '../../support/vectors.ts';

const key = await vectorKey('c2048');
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const PLACE = { source: 'test' };

function recover(sealed: SealedSecret): Promise<UnsealResult> {
  return unseal(sealed, {
    decrypter: new Keyring([key]),
    renderer: inProcessRenderer('full'),
    place: PLACE,
    signal: new AbortController().signal,
  });
}

const dnsLabel = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

suite('sealing', () => {
  test('round-trips values of many sizes up to 64 KiB', async () => {
    const sizes = [0, 1, 15, 16, 17, 255, 256, 4095, 4096, 32767, 65535, 65536];
    const data = Object.fromEntries(
      sizes.map((size) => [`s${size}`, Buffer.alloc(size, size + 1).toString('base64')]),
    );
    const secret = parseSecret({ metadata: { name: 'n', namespace: 'ns' }, data }, PLACE);
    const result = await recover(await seal(secret, { certificate, place: PLACE }));
    assert.ok(result.ok);
    assert.deepEqual(secretJson(result.unsealed.secret), secretJson(secret));
  });

  test('round-trips values of random bytes and size', async () => {
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 65536, size: 'max' }),
    );
    await fc.assert(
      fc.asyncProperty(dnsLabel, dnsLabel, value, async (name, namespace, bytes) => {
        const data = { item: Buffer.from(bytes).toString('base64') };
        const secret = parseSecret({ metadata: { name, namespace }, data }, PLACE);
        const result = await recover(await seal(secret, { certificate, place: PLACE }));
        assert.ok(result.ok);
        assert.deepEqual(result.unsealed.secret.data.get('item'), Buffer.from(bytes));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '',
    ' ',
    'a.b',
    '名',
    '😀',
  ];
  test(`takes any item name for a name: ${names.join(' ')}`, async () => {
    const pairs = names.map((name, index): [string, string] => [name, `value ${index}`]);
    for (const field of ['stringData', 'data']) {
      const values = pairs.map(([name, value]) => [
        name,
        field === 'data' ? Buffer.from(value).toString('base64') : value,
      ]);
      const document: unknown = {
        metadata: { name: 'n', namespace: 'ns', labels: Object.fromEntries(pairs) as unknown },
        [field]: Object.fromEntries(values) as unknown,
      };
      const result = await recover(await seal(parseSecret(document, PLACE), { certificate, place: PLACE }));
      assert.ok(result.ok);
      const { data, metadata } = result.unsealed.secret;
      assert.deepEqual(new Map([...data].map(([name, value]) => [name, utf8Text(value)])), new Map(pairs));
      assert.deepEqual(metadata.labels, new Map(pairs));
    }
  });

  test('never makes the same ciphertext twice', async () => {
    const secret = parseSecret(
      { metadata: { name: 'n', namespace: 'ns' }, stringData: { a: 'x', b: 'x' } },
      PLACE,
    );
    const sealed: (string | null)[] = [];
    for (let time = 0; time < 3; time++)
      sealed.push(...(await seal(secret, { certificate, place: PLACE })).encryptedData.values());
    assert.equal(new Set(sealed).size, 6);
    // Neither the wrapped session key nor the ciphertext repeats.
    const bytes = sealed.map((text) => Buffer.from(text ?? '', 'base64'));
    assert.equal(new Set(bytes.map((each) => each.subarray(2, 258).toString('hex'))).size, 6);
    assert.equal(new Set(bytes.map((each) => each.subarray(258).toString('hex'))).size, 6);
  });

  test('refuses a Secret without the names that its scope needs', async () => {
    const bare = (metadata: object, stringData: object = { a: 'x' }): unknown => ({ metadata, stringData });
    const refusals: [unknown, RegExp][] = [
      [bare({ namespace: 'ns' }), /^missing metadata.name in input Secret \(test\)/],
      [bare({ name: 'n' }), /^test: metadata.namespace is missing, and the scope strict requires it/],
      [bare({ name: 'n', namespace: 'ns' }, {}), /^secret.data is empty in input Secret \(test\)/],
      [bare({ name: 'n/m', namespace: 'ns' }), /^test: metadata.name: "n\/m" is not a valid name/],
      [bare({ name: 'n', namespace: 'ns/m' }), /^test: metadata.namespace: "ns\/m" is not a valid name/],
      [bare({ name: 'n\nm', namespace: 'ns' }), /is not a valid name/],
    ];
    for (const [document, message] of refusals) {
      await assert.rejects(seal(parseSecret(document, PLACE), { certificate, place: PLACE }), {
        name: 'SealedSecretsError',
        message,
      });
    }
    const wide = parseSecret(bare({ name: 'n' }), PLACE);
    const sealed = await seal(wide, { certificate, place: PLACE, scope: 'cluster-wide' });
    assert.equal(sealed.metadata.namespace, '');
    await assert.rejects(
      seal(wide, { certificate, place: PLACE, scope: 'namespace-wide' }),
      /metadata.namespace is missing/,
    );
  });
});

suite('a value', () => {
  test('opens only at its own scope, namespace, and name', async () => {
    const places = [
      { name: 'a', namespace: 'b' },
      { name: 'b', namespace: 'a' },
      { name: 'a.b', namespace: 'b' },
      { name: 'a', namespace: 'b-b' },
      { name: '{{ .Release.Name }}-a', namespace: '${B}' },
      { name: 'testSecret', namespace: 'b.B' },
    ];
    const spots = places.flatMap((place) =>
      SCOPES.map((scope) => ({ what: `${scope} ${place.namespace}/${place.name}`, scope, place })),
    );
    for (const from of spots) {
      const own = labelFor(from.scope, from.place, PLACE);
      const envelope = parseEnvelope(await certificate.publicKey.sealValue(Buffer.from('x'), own));
      assert.ok(envelope);
      for (const to of spots) {
        const same =
          from.scope === to.scope &&
          (from.scope === 'cluster-wide' ||
            (from.place.namespace === to.place.namespace &&
              (from.scope === 'namespace-wide' || from.place.name === to.place.name)));
        const opened = await openEnvelope(envelope, key, labelFor(to.scope, to.place, PLACE));
        assert.equal(opened !== null, same, `sealed for ${from.what}, opened as ${to.what}`);
      }
    }
  });
});
