import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseSealedSecret, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseSecret } from '../../../shared/api/secret.ts';
import { sealedSecretJson, secretJson } from '../../../shared/manifest/write.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { SCOPES, type Scope } from '../../../shared/seal/scope.ts';
import { seal } from '../../../shared/seal/seal.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal, type UnsealResult } from '../../../shared/seal/unseal.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

const { key, certificate } = await sealingPair();
const PLACE = { source: 'test' };
const never = new AbortController().signal;

function recover(sealed: SealedSecret, keyring = new Keyring([key])): Promise<UnsealResult> {
  return unseal(sealed, {
    decrypter: keyring,
    renderer: inProcessRenderer('full'),
    place: PLACE,
    signal: never,
  });
}

/** Writes the object to a file format and parses it back. */
function reread(sealed: SealedSecret): SealedSecret {
  return parseSealedSecret(JSON.parse(JSON.stringify(sealedSecretJson(sealed))), PLACE);
}

/** Returns the same ciphertexts under another name, namespace, or scope. */
function moved(sealed: SealedSecret, name: string, namespace: string): SealedSecret {
  return { ...sealed, metadata: { ...sealed.metadata, name, namespace } };
}

const dnsLabel = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const dnsName = fc.array(dnsLabel, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const itemName = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'a.b', ''), fc.string());
const strings = fc
  .array(fc.tuple(itemName, fc.string()), { maxLength: 4 })
  .map((pairs) => Object.fromEntries(pairs));
const items = fc
  .array(fc.tuple(itemName, fc.uint8Array({ maxLength: 300 })), { minLength: 1, maxLength: 3 })
  .map((pairs) =>
    Object.fromEntries(pairs.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
  );

const secrets = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Secret'),
  metadata: fc.record({ name: dnsName, namespace: dnsLabel, labels: strings, annotations: strings }),
  type: fc.constantFrom('Opaque', 'kubernetes.io/tls', 'custom/type'),
  immutable: fc.boolean(),
  data: items,
});

suite('sealing', () => {
  test('and unsealing round-trip the Secret at every scope', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, fc.constantFrom(...SCOPES), async (document, scope) => {
        const secret = parseSecret(document, PLACE);
        const result = await recover(reread(await seal(secret, { certificate, place: PLACE, scope })));
        assert.ok(result.ok);
        const { annotations, ...same } = metadataOf(secretJson(result.unsealed.secret));
        const { annotations: before, ...wanted } = metadataOf(secretJson(secret));
        assert.deepEqual(
          { ...same, ...annotationsOf(annotations, scope) },
          { ...wanted, annotations: before },
        );
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('accepts values of up to 1 MiB', async () => {
    const value = Buffer.alloc(1024 * 1024, 7);
    const secret = parseSecret(
      { metadata: { name: 'n', namespace: 'ns' }, data: { big: value.toString('base64') } },
      PLACE,
    );
    const result = await recover(await seal(secret, { certificate, place: PLACE }));
    assert.ok(result.ok);
    assert.deepEqual(result.unsealed.secret.data.get('big'), value);
  });

  test('binds a value to its name and namespace, as far as the scope demands', async () => {
    await fc.assert(
      fc.asyncProperty(
        dnsName,
        dnsLabel,
        dnsName,
        dnsLabel,
        async (name, namespace, otherName, otherNamespace) => {
          const secret = parseSecret({ metadata: { name, namespace }, stringData: { a: 'x' } }, PLACE);
          for (const scope of SCOPES) {
            const sealed = await seal(secret, { certificate, place: PLACE, scope });
            const opens = (await recover(moved(sealed, otherName, otherNamespace))).ok;
            const sameNamespace = namespace === otherNamespace;
            const may = {
              strict: sameNamespace && name === otherName,
              'namespace-wide': sameNamespace,
              'cluster-wide': true,
            };
            assert.equal(opens, may[scope]);
          }
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  test('binds a value to its scope', async () => {
    const secret = parseSecret({ metadata: { name: 'n', namespace: 'ns' }, stringData: { a: 'x' } }, PLACE);
    for (const scope of SCOPES) {
      const sealed = await seal(secret, { certificate, place: PLACE, scope });
      for (const other of SCOPES.filter((each) => each !== scope)) {
        const { annotations } = (await seal(secret, { certificate, place: PLACE, scope: other })).metadata;
        const changed = { ...sealed, metadata: { ...sealed.metadata, annotations } };
        assert.equal((await recover(changed)).ok, false, `${scope} as ${other}`);
      }
    }
  });

  test('reports a wrong key and a wrong place with the same message', async () => {
    const secret = parseSecret({ metadata: { name: 'n', namespace: 'ns' }, stringData: { a: 'x' } }, PLACE);
    const sealed = await seal(secret, { certificate, place: PLACE });
    const wrongPlace = await recover(moved(sealed, 'other', 'ns'));
    const wrongKey = await recover(
      await seal(secret, { certificate: (await sealingPair()).certificate, place: PLACE }),
    );
    const known = { keys: 1, fingerprints: [key.fingerprint], hint: [] };
    assert.deepEqual(wrongPlace, {
      ok: false,
      failure: sealFailure({ code: 'Unseal', problems: [{ code: 'NoKey', item: 'a', known }] }),
    });
    assert.deepEqual(wrongKey, wrongPlace);
  });

  test('drops server-owned fields and copies of the plaintext', async () => {
    const document = {
      metadata: {
        name: 'n',
        namespace: 'ns',
        uid: 'u',
        resourceVersion: '1',
        creationTimestamp: null,
        ownerReferences: [{ uid: 'u' }],
        managedFields: [{}],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'canary', keep: 'this' },
      },
      stringData: { a: 'x' },
      status: {},
    };
    const text = JSON.stringify(
      sealedSecretJson(await seal(parseSecret(document, PLACE), { certificate, place: PLACE })),
    );
    const template = { metadata: { name: 'n', namespace: 'ns', annotations: { keep: 'this' } } };
    assert.deepEqual(
      JSON.parse(text, (key, value: unknown) => (key === 'encryptedData' ? undefined : value)),
      {
        kind: 'SealedSecret',
        apiVersion: 'bitnami.com/v1alpha1',
        metadata: { name: 'n', namespace: 'ns' },
        spec: { template },
      },
    );
  });
});

function metadataOf(secret: object): Record<string, unknown> {
  const { metadata, ...rest } = secret as { metadata: object };
  return { ...rest, ...metadata };
}

/** Returns the annotations without the scope's, which sealing adds. */
function annotationsOf(annotations: unknown, scope: Scope): { annotations: unknown } {
  const entries = Object.entries(annotations ?? {}).filter(
    ([name]) => name !== `sealedsecrets.bitnami.com/${scope}`,
  );
  return { annotations: entries.length === 0 ? undefined : Object.fromEntries(entries) };
}
