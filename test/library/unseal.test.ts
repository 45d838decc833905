import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate, parsePrivateKey, seal, unseal, type PrivateKey } from '../../library/index.ts';
import { pkcs1, pkcs8, rsa } from '../support/keys.ts';
import { comparable, sortedItems } from '../support/comparable.ts';
import { CASES, certificatePem, keyPem } from '../support/vectors.ts';
import { rejectsWith } from './rejects-with.ts';

const certificate = await parseCertificate(certificatePem('c2048'));
const privateKeys = [await parsePrivateKey(keyPem('c2048'))];
const VALUE = 'a-value-canary';

/** Seals one item and adds templates. */
async function withTemplates(data: Readonly<Record<string, string>>): Promise<object> {
  const secret = { metadata: { name: 'db', namespace: 'prod' }, stringData: { password: VALUE } };
  const sealed = await seal(secret, { certificate });
  return { ...sealed, spec: { ...sealed.spec, template: { ...sealed.spec.template, data } } };
}

suite('unseal', () => {
  for (const { name, keys, sealedSecret, recovered, error } of CASES) {
    test(`gives the Secret of the reference, or its error: ${name}`, async () => {
      const options = { privateKeys: await Promise.all(keys.map((key) => parsePrivateKey(keyPem(key)))) };
      if (recovered !== undefined) {
        assert.deepEqual(comparable(await unseal(sealedSecret, options)), comparable(recovered));
      } else if (name === 'deprecated-v1-data') {
        // The reference's controller accepts it, but its command line does not.
        assert.deepEqual((await unseal(sealedSecret, options)).data, { k: 'b2xk' });
      } else {
        const failure = await rejectsWith('Unseal', unseal(sealedSecret, options));
        const words = sortedItems((error ?? '').replace(/^error: /, ''));
        // The library withholds what the reference's command line tells about a template that fails.
        const own = words.startsWith('template: x:1:3: executing')
          ? 'template: x: failed while running'
          : words;
        assert.equal(failure.message.slice(0, own.length), own);
        assert.notEqual(failure.items.length, 0);
      }
    });
  }

  test('renders templates as the controller does', async () => {
    const sealed = await withTemplates({ url: 'postgres://{{ .password | upper }}@db' });
    const { data } = await unseal(sealed, { privateKeys });
    assert.equal(Buffer.from(data['url'] ?? '', 'base64').toString(), `postgres://${VALUE.toUpperCase()}@db`);
  });

  test('returns plain JSON without undefined fields', async () => {
    const secret = await unseal(await withTemplates({}), { privateKeys });
    assert.deepEqual(secret, {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 'db', namespace: 'prod' },
      data: { password: Buffer.from(VALUE).toString('base64') },
    });
    assert.deepEqual(Object.keys(secret), ['kind', 'apiVersion', 'metadata', 'data']);
  });

  test('withholds the error of a template, which could quote a value', async () => {
    const sealed = await withTemplates({ bad: '{{ fail .password }}' });
    const error = await rejectsWith('Unseal', unseal(sealed, { privateKeys }));
    assert.deepEqual(error.items, [{ item: 'bad', code: 'Template' }]);
    assert.doesNotMatch(String(error.stack), /canary/i);
  });

  test('tells that an item was sealed for another scope', async () => {
    const sealed = await seal(
      { metadata: { name: 'db', namespace: 'prod' }, stringData: { password: VALUE } },
      { certificate, scope: 'namespace-wide' },
    );
    const strict = { ...sealed, metadata: { name: 'db', namespace: 'prod' } };
    const error = await rejectsWith('Unseal', unseal(strict, { privateKeys }));
    assert.deepEqual(error.items, [{ item: 'password', code: 'WrongScope' }]);
  });

  test('names the items that no key opens and those that are no sealed values', async () => {
    const other = [await parsePrivateKey(pkcs8(rsa()))];
    const sealed = await withTemplates({});
    const spec = { encryptedData: { password: 'AgA=', token: '%', ...encrypted(sealed) } };
    const error = await rejectsWith('Unseal', unseal({ ...sealed, spec }, { privateKeys: other }));
    assert.deepEqual(
      error.items.map(({ item, code }) => `${item} ${code}`),
      ['password NoKey', 'token IllegalBase64'],
    );
  });

  const refused: readonly [string, object][] = [
    ['NoEncryptedItems', { kind: 'SealedSecret', metadata: { name: 'db', namespace: 'prod' } }],
    ['WrongKind', { kind: 'Secret' }],
    ['Missing', { metadata: { name: 'db' } }],
    ['BadName', { kind: 'SealedSecret', metadata: {}, spec: { encryptedData: { a: 'AgA=' } } }],
  ];
  for (const [code, sealed] of refused) {
    test(`fails with ${code}`, async () => {
      await rejectsWith(code, unseal(sealed, { privateKeys, source: 'db.yaml' }), { message: /^db\.yaml/ });
    });
  }

  test('throws TypeError for keys that parsePrivateKey has not made', async () => {
    const sealed = await withTemplates({});
    const message = 'privateKeys must be a list of what parsePrivateKey returned';
    for (const forged of [
      [{ fingerprint: 'SHA256:' }],
      privateKeys[0],
      undefined,
    ] as unknown as PrivateKey[][])
      await assert.rejects(unseal(sealed, { privateKeys: forged }), { name: 'TypeError', message });
  });
});

/** Returns the sealed values of an object. */
function encrypted(sealed: object): object {
  return (sealed as { readonly spec: { readonly encryptedData: object } }).spec.encryptedData;
}

suite('parsePrivateKey', () => {
  test('reads PKCS#1 and PKCS#8, and gives the fingerprint of the certificate', async () => {
    const key = rsa();
    const [one, other] = await Promise.all([pkcs1(key), pkcs8(key)].map((pem) => parsePrivateKey(pem)));
    assert.equal(one?.fingerprint, other?.fingerprint);
    assert.equal((await parsePrivateKey(keyPem('c2048'))).fingerprint, certificate.fingerprint);
  });

  test('shows nothing of the key', async () => {
    const key = await parsePrivateKey(keyPem('c2048'));
    assert.deepEqual(JSON.parse(JSON.stringify(key)), { fingerprint: certificate.fingerprint });
  });

  test('fails without showing the text', async () => {
    const error = await rejectsWith('NotAPrivateKey', parsePrivateKey(VALUE, { source: 'tls.key' }));
    assert.match(error.message, /^tls\.key holds no private key/);
    assert.doesNotMatch(String(error.stack), /canary/);
  });
});
