import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8Bytes } from '../../shared/bytes.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret } from '../../shared/api/secret.ts';
import { checkValidity } from '../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { openEnvelope } from '../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../shared/crypto/envelope.ts';
import { sealValue } from '../../shared/crypto/seal-value.ts';
import { sealedSecretJson, secretJson } from '../../shared/manifest/write.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { inProcessRenderer } from '../../shared/seal/templates.ts';
import { unseal, type UnsealResult } from '../../shared/seal/unseal.ts';
import { comparable, sortedItems, withoutCiphertexts } from '../support/comparable.ts';
import { CASES, certificatePem, RAW_CASES, vectorKey, type Case } from '../support/vectors.ts';

async function recover(sealed: SealedSecret, keys: readonly string[]): Promise<UnsealResult> {
  const keyring = new Keyring(await Promise.all(keys.map(vectorKey)));
  return unseal(sealed, {
    decrypter: keyring,
    renderer: inProcessRenderer('full'),
    place: { source: 'vector' },
    signal: new AbortController().signal,
  });
}

/** The Secret in the vector `deprecated-v1-data`. */
const V1_SECRET = {
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: { name: 'v1', namespace: 'prod', labels: { l: '1' } },
  type: 'Opaque',
  data: { k: Buffer.from('old').toString('base64') },
};

suite('ciphertexts of the reference', () => {
  assert.equal(CASES.length, 36);

  for (const vector of CASES) {
    test(vector.name, async () => {
      const sealed = parseSealedSecret(vector.sealedSecret, { source: 'vector' });
      const result = await recover(sealed, vector.keys);
      if (vector.name === 'deprecated-v1-data') {
        // The reference's controller accepts it, but its command line does not.
        assert.ok(result.ok);
        assert.deepEqual(comparable(secretJson(result.unsealed.secret)), V1_SECRET);
      } else if (vector.recovered) {
        assert.ok(result.ok);
        assert.deepEqual(comparable(secretJson(result.unsealed.secret)), comparable(vector.recovered));
      } else {
        assert.ok(!result.ok);
        const words = sortedItems((vector.error ?? '').replace(/^error: /, ''));
        assert.equal(result.failure.describe().slice(0, words.length), words);
      }
    });
  }
});

suite('Secrets that the reference has sealed, sealed by us', () => {
  const sources = CASES.flatMap((vector) => (vector.source ? [{ vector, source: vector.source }] : []));
  assert.equal(sources.length, 16);

  for (const { vector, source } of sources) {
    test(vector.name, async () => {
      const ours = await sealAs(source);
      const { encryptedData, ...theirs } = withoutCiphertexts(vector.sealedSecret);
      const { encryptedData: items, ...same } = withoutCiphertexts(sealedSecretJson(ours));
      assert.deepEqual(same, theirs);
      assert.deepEqual(items.sort(), encryptedData.sort());
      const opened = await recover(ours, vector.keys);
      assert.ok(opened.ok);
      assert.deepEqual(comparable(secretJson(opened.unsealed.secret)), comparable(vector.recovered ?? {}));
    });
  }

  test('are never sealed for an expired certificate', () => {
    const certificate = parseCertificate(certificatePem('expired'), 'expired.pem');
    assert.throws(
      () => checkValidity(certificate, new Date(), 'expired.pem'),
      /^SealedSecretsError: failed to encrypt using an expired certificate on \w+ \d+, \d{4}/,
    );
  });
});

function sealAs({ secret, args, key }: NonNullable<Case['source']>): Promise<SealedSecret> {
  const parsed = parseSecret(secret, { source: 'vector' });
  const name = flag(args, '--name') ?? parsed.metadata.name;
  const scope = SCOPES.find((known): known is Scope => known === flag(args, '--scope'));
  const named = { ...parsed, metadata: { ...parsed.metadata, name } };
  return seal(named, {
    certificate: parseCertificate(certificatePem(key), key),
    place: { source: 'vector' },
    scope,
  });
}

function flag(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

suite('single values', () => {
  for (const { scope, label, key, plaintext, ciphertext } of RAW_CASES) {
    test(`${scope}: opens, and seals again`, async () => {
      const privateKey = await vectorKey(key);
      const bytes = utf8Bytes(label) as Label;
      const again = sealValue(plaintext, privateKey.publicKey, bytes);
      for (const value of [ciphertext, again]) {
        const envelope = parseEnvelope(value);
        assert.ok(envelope);
        assert.deepEqual(await openEnvelope(envelope, privateKey, bytes), plaintext);
      }
      assert.equal(again.length, ciphertext.length);
    });
  }
});
