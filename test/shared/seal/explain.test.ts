import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import type { Envelope } from '../../../shared/crypto/envelope.ts';
import type { Candidate } from '../../../shared/seal/explain.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import type { Decrypter, OpenOptions } from '../../../shared/seal/open-items.ts';
import { labelFor, SCOPES, scopeAnnotations, type Scope } from '../../../shared/seal/scope.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal } from '../../../shared/seal/unseal.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealedSecret } from '../../support/sealed.ts';

const CANARY = 'hunter2-canary';
const { key, certificate } = await sealingPair();
const stranger = await sealingPair();
const DB = { name: 'db', namespace: 'prod' };
const ANNOTATION = (scope: string): string => `the annotation sealedsecrets.bitnami.com/${scope}: "true"`;

/** Returns a SealedSecret whose metadata is changed after sealing. */
function changed(
  {
    sealedAs = 'strict',
    says = sealedAs,
    ref = DB,
    by = certificate,
  }: { sealedAs?: Scope; says?: Scope; ref?: typeof DB; by?: typeof certificate },
  more: object = {},
  items: Record<string, string> = { a: CANARY },
): object {
  const sealed = sealedSecret(by, DB, items, { scope: sealedAs });
  return {
    ...sealed,
    metadata: { ...ref, annotations: { ...Object.fromEntries(scopeAnnotations(says)), ...more } },
  };
}

async function messageFor(
  object: object,
  decrypter: Decrypter = new Keyring([key]),
  candidates: Candidate[] = [],
): Promise<string> {
  const sealed = parseSealedSecret(object, { source: 'test' });
  const never = new AbortController().signal;
  const result = await unseal(sealed, {
    decrypter,
    renderer: inProcessRenderer('withheld'),
    place: { source: 'test' },
    signal: never,
    candidates,
  });
  assert.ok(!result.ok);
  const words = result.failure.describe();
  assert.doesNotMatch(words, /canary/);
  return words;
}

/** Counts the private operations. */
class Counting implements Decrypter {
  readonly fingerprints = [key.fingerprint];
  opened = 0;

  async open(envelope: Envelope, { label }: OpenOptions): ReturnType<Decrypter['open']> {
    this.opened++;
    const value = await openEnvelope(envelope, key, label);
    return value && { value, by: key.fingerprint };
  }
}

suite('an item that was sealed at another scope', () => {
  const take: Record<string, string> = {
    'strict namespace-wide': `remove ${ANNOTATION('namespace-wide')}`,
    'strict cluster-wide': `remove ${ANNOTATION('cluster-wide')}`,
    'namespace-wide strict': `add ${ANNOTATION('namespace-wide')}`,
    'namespace-wide cluster-wide': `remove ${ANNOTATION('cluster-wide')} and add ${ANNOTATION('namespace-wide')}`,
    'cluster-wide strict': `add ${ANNOTATION('cluster-wide')}`,
    'cluster-wide namespace-wide': `add ${ANNOTATION('cluster-wide')}`,
  };
  for (const sealedAs of SCOPES) {
    for (const says of SCOPES.filter((scope) => scope !== sealedAs)) {
      test(`is explained with a remedy: sealed as ${sealedAs}, annotated as ${says}`, async () => {
        const remedy = take[`${sealedAs} ${says}`] ?? 'none';
        const words = `no key could decrypt secret (a): sealed with scope ${sealedAs}, but the SealedSecret has scope ${says}: ${remedy}, or seal again`;
        assert.equal(await messageFor(changed({ sealedAs, says })), words);
      });
    }
  }

  test('opens once the remedy is applied', async () => {
    for (const sealedAs of SCOPES) {
      const sealed = parseSealedSecret(changed({ sealedAs }), { source: 'test' });
      const never = new AbortController().signal;
      assert.ok(
        (
          await unseal(sealed, {
            decrypter: new Keyring([key]),
            renderer: inProcessRenderer('full'),
            place: { source: 'test' },
            signal: never,
          })
        ).ok,
      );
    }
  });
});

suite('any other item that does not open', () => {
  const known = `tried 1 key (${key.fingerprint})`;
  const words = `no key could decrypt secret (a): sealed for another name or namespace, or with an unknown key, or damaged: ${known}`;

  test('has the same message for an unknown label and for a missing key', async () => {
    const name = fc.constantFrom('db', 'other', 'db-2', 'x.y');
    const namespace = fc.constantFrom('prod', 'shop', 'prod-2');
    await fc.assert(
      fc.asyncProperty(name, namespace, fc.constantFrom(...SCOPES), async (name, namespace, says) => {
        const ref = { name, namespace };
        // The right key opens these at no scope of this name and namespace.
        if (namespace !== 'prod')
          assert.equal(await messageFor(changed({ sealedAs: 'strict', says, ref })), words);
        if (namespace !== 'prod')
          assert.equal(await messageFor(changed({ sealedAs: 'namespace-wide', says, ref })), words);
        for (const sealedAs of SCOPES) {
          assert.equal(await messageFor(changed({ sealedAs, says, ref, by: stranger.certificate })), words);
        }
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  test('has the same message if any byte was changed', async () => {
    const label = labelFor('strict', DB, { source: 'test' });
    const sealed = Buffer.from(await certificate.publicKey.sealValue(Buffer.from(CANARY), label));
    const wrapped = sealed.readUInt16BE(0);
    for (const at of [2, 1 + wrapped, 2 + wrapped, sealed.length - 1]) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      const spec = { encryptedData: { a: damaged.toString('base64') } };
      assert.equal(await messageFor({ ...changed({}), spec }), words);
    }
  });

  test('has a message with the number of compromised keys, whatever it was sealed with', async () => {
    const keyring = new Keyring([]);
    for (const [compromised, count] of [
      [1, '1 key is'],
      [2, '2 keys are'],
    ] as const) {
      keyring.replace([key], compromised);
      for (const by of [certificate, stranger.certificate]) {
        const sealed = changed({
          sealedAs: 'strict',
          says: 'strict',
          ref: { name: 'db', namespace: 'shop' },
          by,
        });
        const text = await messageFor(
          sealed,
          keyring.scheduledBy((operation) => operation()),
        );
        assert.equal(text, `${words}; ${count} labelled compromised and not tried`);
      }
    }
  });

  test('is explained only if it is among the first three', async () => {
    const items = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((item) => [item, CANARY]));
    const counting = new Counting();
    const text = await messageFor(changed({ sealedAs: 'cluster-wide', says: 'strict' }, {}, items), counting);
    assert.equal(text.split('\n').length, 2);
    assert.match(text, /^no key could decrypt secret \(a, b, c\): sealed with scope cluster-wide, /);
    assert.match(
      text,
      /\nno key could decrypt secret \(d, e\): sealed for another name, namespace or scope, or with an unknown key, or damaged$/,
    );
    // One operation for each item, and for three of them one for each other scope.
    assert.ok(counting.opened <= 5 + 3 * 2);
  });

  test('costs no private operation if it is not an envelope', async () => {
    const object = changed({}, {}, {});
    const encryptedData = { a: '!', b: '', c: 'AAAA', d: 1 };
    const counting = new Counting();
    const text = await messageFor({ ...object, spec: { encryptedData } }, counting);
    assert.equal(counting.opened, 0);
    assert.deepEqual(text.split('\n'), [
      'illegal base64 data at input byte 0 (a)',
      'no key could decrypt secret (b, c): the value is truncated or not a sealed value',
      'no key could decrypt secret (d): the value is not a string',
    ]);
  });

  test('has a message that says there is no key, and counts many', async () => {
    assert.match(await messageFor(changed({}), new Keyring()), /: no keys are available$/);
    const many = await Promise.all(Array.from({ length: 5 }, async () => (await sealingPair()).key));
    const text = await messageFor(changed({}), new Keyring(many));
    assert.match(text, /: tried 5 keys \(SHA256:\S{43}, SHA256:\S{43}, SHA256:\S{43} and 2 more\)$/);
  });
});

suite('a candidate for the name and namespace', () => {
  const ref = { name: 'web', namespace: 'shop' };
  const moved = (sealedAs: Scope): object => changed({ sealedAs, says: 'strict', ref });
  const table: [string, Scope, Candidate, string][] = [
    ['both', 'strict', DB, 'sealed for the name "db" in the namespace "prod"; restore both in metadata'],
    [
      'the namespace',
      'namespace-wide',
      { name: '', namespace: 'prod' },
      'sealed for any name in the namespace "prod"; restore it in metadata',
    ],
  ];
  for (const [what, sealedAs, candidate, words] of table) {
    test(`is tried: ${what}`, async () => {
      assert.equal(
        await messageFor(moved(sealedAs), undefined, [candidate]),
        `no key could decrypt secret (a): ${words}`,
      );
    });
  }

  test('that is not a valid name is ignored, and a wrong one adds nothing to the message', async () => {
    for (const candidate of [
      { name: 'd/b', namespace: 'prod' },
      { name: 'x', namespace: '' },
    ]) {
      assert.match(
        await messageFor(moved('strict'), undefined, [candidate]),
        /sealed for another name or namespace, or/,
      );
    }
  });
});

suite('the sealing-key annotation', () => {
  const hinted = (hint: string): Promise<string> =>
    messageFor(changed({ by: stranger.certificate }, { 'sealedsecrets.bitnami.com/sealing-key': hint }));
  const { fingerprint } = stranger.certificate;

  test('is quoted as unproven', async () => {
    const text = await hinted(`${fingerprint}, ${key.fingerprint}`);
    assert.ok(
      text.endsWith(`; its sealing-key annotation (unverified) names ${fingerprint}, ${key.fingerprint}`),
      text,
    );
  });

  const hostile = [
    '',
    ',,',
    'hunter2-canary',
    `\u001b[31m${fingerprint}`,
    `${fingerprint}\nerror: all is well`,
    `${fingerprint}=`,
    'SHA256:' + 'a'.repeat(1_000_000),
  ];
  for (const hint of hostile) {
    test(`is not shown if it is malformed: ${JSON.stringify(hint).slice(0, 40)}`, async () => {
      const text = await hinted(hint);
      assert.doesNotMatch(text, /annotation|\p{Cc}|all is well/u);
    });
  }

  test('is cut if it names very many keys', async () => {
    const text = await hinted(Array.from({ length: 1000 }, () => fingerprint).join(','));
    assert.equal(text.split(fingerprint).length - 1, 3);
  });
});
