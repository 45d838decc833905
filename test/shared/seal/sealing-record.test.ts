import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { SEALING_RECORD } from '../../../shared/api/annotations.ts';
import type { Fingerprint } from '../../../shared/crypto/fingerprint.ts';
import { formatPlace, namesOfPlace, parsePlace, recordedPlace } from '../../../shared/seal/recorded-place.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import {
  ciphertextDigest,
  formatRecord,
  MAX_RECORD,
  parseRecord,
  type RecordEntry,
  type SealingRecord,
} from '../../../shared/seal/sealing-record.ts';

const KEY: Fingerprint = `SHA256:${'k'.repeat(43)}`;
const ONE = 'AAAAAAAAAAA';
const TWO = 'BBBBBBBBBBB';

function parsed(text: string): SealingRecord | undefined {
  return parseRecord(new Map([[SEALING_RECORD, text]]));
}

function randomKey(): Fingerprint {
  return `SHA256:${randomBytes(32).toString('base64').slice(0, 43)}`;
}

async function entryFor(name: string, namespace: string, key = KEY): Promise<RecordEntry> {
  return { key, ...(await recordedPlace('strict', { name, namespace })) };
}

suite('a sealing record', () => {
  test('has the documented form, with one group for each key and place', async () => {
    const entry = await entryFor('db', 'shop');
    const other = await entryFor('db', 'other');
    const text = formatRecord(
      new Map([
        [ONE, entry],
        ['CCCCCCCCCCC', other],
        [TWO, entry],
      ]),
    );
    assert.equal(
      text,
      `{"v":1,"sealed":[{"key":"${KEY}","for":"strict shop/db","items":["${ONE}","${TWO}"]},` +
        `{"key":"${KEY}","for":"strict other/db","items":["CCCCCCCCCCC"]}]}`,
    );
  });

  test('says what was written, whatever the keys and places are', async () => {
    for (let round = 0; round < 50; round++) {
      const entries = new Map<string, RecordEntry>();
      for (let item = 0; item < round % 7; item++) {
        const scope = SCOPES[Math.floor(Math.random() * 3)] ?? 'strict';
        const name = randomBytes(1 + (round % 60)).toString('hex');
        const place = await recordedPlace(scope, { name, namespace: `ns-${round}` });
        entries.set((await ciphertextDigest(randomBytes(30).toString('base64'))) ?? '', {
          key: randomKey(),
          ...place,
        });
      }
      assert.deepEqual(parsed(formatRecord(entries)), { entries });
    }
  });

  test('has at most 200 bytes for each item, whatever the names are', async () => {
    const names = ['db', 'x'.repeat(253), 'ü'.repeat(200), '"'.repeat(60), '\u{1f512}'.repeat(30), '\\\n'];
    for (const count of [1, 2, 10, 300]) {
      for (const scope of SCOPES) {
        for (const name of names) {
          const entries = new Map<string, RecordEntry>();
          for (let item = 0; item < count; item++) {
            const place = await recordedPlace(scope, {
              name,
              namespace: `${'n'.repeat(60)}${item}`.slice(0, 63),
            });
            const digest = (await ciphertextDigest(randomBytes(30).toString('base64'))) ?? '';
            entries.set(digest, { key: randomKey(), ...place });
          }
          const size = Buffer.byteLength(formatRecord(entries));
          assert.ok(size <= 200 * count, `${count} items of scope ${scope}: ${size} bytes`);
        }
      }
    }
  });

  test('names a ciphertext by 8 bytes of its SHA-256 hash, whatever line breaks its base64 has', async () => {
    const bytes = randomBytes(300);
    const text = bytes.toString('base64');
    const wanted = createHash('sha256').update(bytes).digest().subarray(0, 8).toString('base64url');
    assert.equal(await ciphertextDigest(text), wanted);
    assert.equal(await ciphertextDigest(text.replace(/.{64}/g, '$&\n')), wanted);
    assert.equal(await ciphertextDigest('no base64!'), undefined);
    assert.equal(await ciphertextDigest(null), undefined);
  });

  test('is absent without the annotation', () => {
    assert.equal(parseRecord(new Map()), undefined);
  });
});

suite('a sealing record that cannot be read has a reason instead of entries:', () => {
  const group = `{"key":"${KEY}","for":"strict shop/db","items":["${ONE}"]}`;
  const table: readonly (readonly [string, string, string])[] = [
    ['an empty text', '', 'malformed'],
    ['no JSON', '{"v":1,', 'malformed'],
    ['a list', '[]', 'malformed'],
    ['null', 'null', 'malformed'],
    ['no version', '{"sealed":[]}', 'malformed'],
    ['a version that is no number', '{"v":"1","sealed":[]}', 'malformed'],
    ['a newer version', '{"v":2,"anything":true}', 'newer'],
    ['a field too many', '{"v":1,"sealed":[],"more":1}', 'malformed'],
    ['groups that are no list', `{"v":1,"sealed":${group}}`, 'malformed'],
    ['a group that is null', '{"v":1,"sealed":[null]}', 'malformed'],
    ['a group without items', `{"v":1,"sealed":[${group.replace(`"${ONE}"`, '')}]}`, 'malformed'],
    ['a field too many in a group', `{"v":1,"sealed":[${group.replace('{', '{"x":1,')}]}`, 'malformed'],
    ['a key that is no fingerprint', `{"v":1,"sealed":[${group.replace('SHA256', 'MD5')}]}`, 'malformed'],
    ['an unknown scope', `{"v":1,"sealed":[${group.replace('strict', 'loose')}]}`, 'malformed'],
    ['a place without a name', `{"v":1,"sealed":[${group.replace('/db', '')}]}`, 'malformed'],
    ['a long place', `{"v":1,"sealed":[${group.replace('db', 'd'.repeat(300))}]}`, 'malformed'],
    ['a digest of another length', `{"v":1,"sealed":[${group.replace(ONE, `${ONE}A`)}]}`, 'malformed'],
    ['a digest that is a number', `{"v":1,"sealed":[${group.replace(`"${ONE}"`, '1')}]}`, 'malformed'],
    ['two entries for an item', `{"v":1,"sealed":[${group},${group}]}`, 'ambiguous'],
    ['too much text', ' '.repeat(MAX_RECORD + 1), 'long'],
    ['deep nesting', '['.repeat(MAX_RECORD), 'malformed'],
    ['deep nesting that ends', '['.repeat(30_000) + ']'.repeat(30_000), 'malformed'],
    ['a prototype', '{"v":1,"__proto__":[]}', 'malformed'],
  ];
  for (const [what, text, unreadable] of table) {
    test(what, () => assert.deepEqual(parsed(text), { unreadable }));
  }
});

suite('the place of a sealing record', () => {
  test('is as short as the scope allows, and is read as it was written', async () => {
    const object = { name: 'db', namespace: 'shop' };
    const table = [
      ['strict', 'strict shop/db', object],
      ['namespace-wide', 'namespace-wide shop', { namespace: 'shop' }],
      ['cluster-wide', 'cluster-wide', {}],
    ] as const;
    for (const [scope, text, names] of table) {
      const place = await recordedPlace(scope, object);
      assert.equal(formatPlace(place), text);
      assert.deepEqual(parsePlace(text), place);
      assert.deepEqual(namesOfPlace(place), names);
    }
  });

  test('is a digest if the name is long or odd', async () => {
    for (const name of ['d'.repeat(200), 'a b', 'ä', 'a:b', '"']) {
      const place = await recordedPlace('strict', { name, namespace: 'shop' });
      assert.match(formatPlace(place), /^strict sha256:[A-Za-z0-9_-]{11}$/);
      assert.deepEqual(parsePlace(formatPlace(place)), place);
      assert.equal(namesOfPlace(place), undefined);
    }
  });

  test('is written out for every namespace that Kubernetes accepts', async () => {
    const namespace = 'n'.repeat(63);
    assert.deepEqual(namesOfPlace(await recordedPlace('namespace-wide', { name: 'x', namespace })), {
      namespace,
    });
  });

  for (const text of [
    '',
    ' ',
    'strict',
    'strict ',
    'strict  a/b',
    'strict a',
    'strict a/b/c',
    'strict a b',
    'x a/b',
  ])
    test(`is not ${JSON.stringify(text)}`, () => assert.equal(parsePlace(text), undefined));
  for (const text of [
    'namespace-wide',
    'namespace-wide a/b',
    'cluster-wide a',
    'cluster-wide ',
    'cluster-wide sha256:AAAAAAAAAAA',
  ])
    test(`is not ${JSON.stringify(text)}`, () => assert.equal(parsePlace(text), undefined));
});
