import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { V1Secret } from '@kubernetes/client-node';
import {
  parseCertificate,
  parsePrivateKey,
  seal,
  unseal,
  type Scope,
  type SecretInput,
} from '../../library/index.ts';
import { DAY, certificateOf, rsa } from '../support/keys.ts';
import { comparable, withoutCiphertexts } from '../support/comparable.ts';
import { CASES, certificatePem, keyPem } from '../support/vectors.ts';
import { rejectsWith } from './rejects-with.ts';

const certificate = await parseCertificate(certificatePem('c2048'), { source: 'c2048.pem' });
const privateKeys = [await parsePrivateKey(keyPem('c2048'))];
const DB: SecretInput = { metadata: { name: 'db', namespace: 'prod' }, stringData: { password: 'hunter2' } };
const VALUE = 'a-value-canary';

/** Returns the value of a flag among the arguments of the reference. */
function flag(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function expired(key = rsa()): Promise<string> {
  return certificateOf(key, { notBefore: new Date(Date.now() - 3 * DAY), validity: DAY });
}

suite('seal', () => {
  for (const { name, source, keys, sealedSecret, recovered = {} } of CASES) {
    if (source === undefined) continue;
    test(`seals what the reference seals: ${name}`, async () => {
      const input = structuredClone(source.secret) as SecretInput;
      const named = flag(source.args, '--name');
      const secret = named === undefined ? input : { ...input, metadata: { ...input.metadata, name: named } };
      const sealed = await seal(secret, {
        certificate: await parseCertificate(certificatePem(source.key)),
        scope: flag(source.args, '--scope') as Scope | undefined,
      });
      assert.deepEqual(
        { ...withoutCiphertexts(sealed), encryptedData: Object.keys(sealed.spec.encryptedData).sort() },
        {
          ...withoutCiphertexts(sealedSecret),
          encryptedData: withoutCiphertexts(sealedSecret).encryptedData.sort(),
        },
      );
      const opened = await unseal(sealed, {
        privateKeys: await Promise.all(keys.map((key) => parsePrivateKey(keyPem(key)))),
      });
      assert.deepEqual(comparable(opened), comparable(recovered));
    });
  }

  test('returns plain JSON without undefined fields', async () => {
    const sealed = await seal(DB, { certificate });
    assert.deepEqual(JSON.parse(JSON.stringify(sealed)), sealed);
    assert.deepEqual(withoutCiphertexts(sealed), {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'prod' },
      spec: { template: { metadata: { name: 'db', namespace: 'prod' } } },
      encryptedData: ['password'],
    });
  });

  test('takes the Secret of the client library of Kubernetes', async () => {
    const secret = Object.assign(new V1Secret(), {
      metadata: { name: 'db', namespace: 'prod' },
      stringData: { a: 'b' },
    });
    const sealed = await seal(secret, { certificate });
    assert.deepEqual((await unseal(sealed, { privateKeys })).data, { a: 'Yg==' });
  });

  test('keeps labels, annotations, type and immutability in the template', async () => {
    const metadata = { ...DB.metadata, labels: { app: 'db' }, annotations: { note: 'x' } };
    const { spec } = await seal({ ...DB, metadata, type: 'Opaque', immutable: true }, { certificate });
    assert.deepEqual(spec.template, { metadata, type: 'Opaque', immutable: true });
  });

  test('has the scope of the options, and else that of the annotations', async () => {
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const wide = { ...DB, metadata: { ...DB.metadata, annotations } };
    const byAnnotation = await seal(wide, { certificate });
    assert.deepEqual(byAnnotation.metadata.annotations, annotations);
    const byOption = await seal(wide, { certificate, scope: 'namespace-wide' });
    assert.deepEqual(byOption.metadata.annotations, { 'sealedsecrets.bitnami.com/namespace-wide': 'true' });
    assert.deepEqual((await seal(wide, { certificate, scope: 'strict' })).metadata.annotations, undefined);
  });

  test('names the key if asked to', async () => {
    const { metadata } = await seal(DB, { certificate, keyHint: true });
    assert.deepEqual(metadata.annotations, {
      'sealedsecrets.bitnami.com/sealing-key': certificate.fingerprint,
    });
  });

  test('seals items of any name', async () => {
    const stringData = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, string>;
    const sealed = await seal({ ...DB, stringData }, { certificate });
    assert.deepEqual(Object.keys(sealed.spec.encryptedData), ['__proto__', 'constructor']);
    assert.deepEqual(Object.keys((await unseal(sealed, { privateKeys })).data), ['__proto__', 'constructor']);
  });

  test('refuses an expired certificate, unless it is to ignore that', async () => {
    const old = await parseCertificate(await expired(), { source: 'old.pem' });
    const message = /^failed to encrypt using an expired certificate on .* \(old\.pem\)/;
    await rejectsWith('CertificateExpired', seal(DB, { certificate: old }), { message });
    const sealed = await seal(DB, { certificate: old, ignoreValidity: true });
    assert.deepEqual(Object.keys(sealed.spec.encryptedData), ['password']);
  });

  test('refuses a certificate that is not valid yet', async () => {
    const early = await parseCertificate(
      await certificateOf(rsa(), { notBefore: new Date(Date.now() + DAY) }),
    );
    await rejectsWith('CertificateNotYetValid', seal(DB, { certificate: early }));
  });

  const refused: readonly [string, SecretInput | object][] = [
    ['NoName', { metadata: { namespace: 'prod' }, stringData: { a: VALUE } }],
    ['NoNamespace', { metadata: { name: 'db' }, stringData: { a: VALUE } }],
    ['NoItems', { metadata: { name: 'db', namespace: 'prod' } }],
    ['BadName', { metadata: { name: 'a/b', namespace: 'prod' }, stringData: { a: VALUE } }],
    ['BadBase64', { ...DB, data: { a: VALUE } }],
    ['WrongType', { ...DB, stringData: { a: 12345678 } }],
    ['WrongType', [VALUE]],
    ['WrongKind', { ...DB, kind: 'ConfigMap', stringData: { a: VALUE } }],
    ['WrongVersion', { ...DB, apiVersion: 'v2', stringData: { a: VALUE } }],
    ['DuplicateField', { ...DB, Data: { a: VALUE }, data: {} }],
  ];
  for (const [code, secret] of refused) {
    test(`fails with ${code}, without any value: ${Object.keys(secret).join(', ')}`, async () => {
      const error = await rejectsWith(code, seal(secret, { certificate, source: 'db.yaml' }));
      assert.match(error.message, /db\.yaml/);
      assert.doesNotMatch(
        JSON.stringify([error.message, error.stack, Object.entries(error)]),
        /canary|12345678/,
      );
      assert.equal(error.cause, undefined);
    });
  }

  test('tells an undefined value from null, which it seals as kubeseal does', async () => {
    const secret = { ...DB, stringData: { password: undefined } } as unknown as SecretInput;
    const message = /stringData\.password is undefined, not a string$/;
    await rejectsWith('WrongType', seal(secret, { certificate }), { message });
  });

  test('seals a Secret without items if asked to', async () => {
    const sealed = await seal({ metadata: DB.metadata }, { certificate, allowEmptyData: true });
    assert.deepEqual(sealed.spec.encryptedData, {});
  });

  test('throws TypeError for arguments of another type', async () => {
    const forged = Object.assign({}, certificate);
    await assert.rejects(seal(DB, { certificate: forged }), TypeError);
    await assert.rejects(seal(DB, { certificate, scope: 'cluster' as Scope }), TypeError);
  });
});
