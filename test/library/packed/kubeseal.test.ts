import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate, seal, type SecretInput } from '../../../library/index.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import { CASES, certificatePem } from '../../support/vectors.ts';
import { recovered } from './example-shell.ts';

suite('kubeseal --recovery-unseal opens what the library seals', () => {
  for (const { name, source, keys } of CASES) {
    const [key] = keys;
    if (source === undefined || key === undefined) continue;
    test(`from the vector ${name}, in all scopes`, async () => {
      const certificate = await parseCertificate(certificatePem(source.key));
      for (const scope of SCOPES) {
        const secret = withPlace(source.secret);
        const sealed = await seal(secret, { certificate, scope });
        const { data } = await recovered(JSON.stringify(sealed), source.key);
        assert.deepEqual(data, dataOf(secret));
      }
    });
  }

  for (const [what, value] of [
    ['no bytes', new Uint8Array()],
    ['bytes that are no text', Uint8Array.of(0, 255, 254, 128, 13, 10)],
    ['1 MiB', new Uint8Array(1 << 20).fill(0xa5)],
  ] as const) {
    test(what, async () => {
      const certificate = await parseCertificate(certificatePem('c2048'));
      const data = { value: Buffer.from(value).toString('base64') };
      const sealed = await seal({ metadata: { name: 'a', namespace: 'b' }, data }, { certificate });
      assert.deepEqual((await recovered(JSON.stringify(sealed), 'c2048')).data, data);
    });
  }
});

/** Names the object where the vector leaves that to a flag. */
function withPlace(secret: SecretInput): SecretInput {
  const { name = 'db', namespace = 'prod' } = secret.metadata ?? {};
  return { ...secret, metadata: { ...secret.metadata, name, namespace } };
}

/** Returns the values of a Secret in base64. */
function dataOf({ data = {}, stringData = {} }: SecretInput): Record<string, string> {
  const texts = Object.entries(stringData).map(([item, text]) => [
    item,
    Buffer.from(text).toString('base64'),
  ]);
  return { ...data, ...(Object.fromEntries(texts) as Record<string, string>) };
}
