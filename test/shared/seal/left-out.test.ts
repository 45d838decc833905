import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8Text } from '../../../shared/bytes.ts';
import { itemNames, parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { sealedSecretJson } from '../../../shared/manifest/write.ts';
import { MAX_SECRET_SIZE } from '../../../shared/seal/secret-size.ts';
import type { Renderer, UnsealResult } from '../../../shared/seal/unseal.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { unsealHere } from './unseal-here.ts';

const { key, certificate } = await sealingPair();
const REF = { name: 'db', namespace: 'prod' };
const PLACE = { source: 'test' };

/** By item, a template or null. */
type Templates = Readonly<Record<string, unknown>>;

function open(
  items: Readonly<Record<string, string>>,
  data: Templates,
  renderer?: Renderer,
): Promise<UnsealResult> {
  const object = sealedSecret(certificate, REF, items, { template: { data } });
  return unsealHere(parseSealedSecret(object, PLACE), key, renderer);
}

async function dataOf(items: Readonly<Record<string, string>>, data: Templates): Promise<object> {
  const result = await open(items, data);
  assert.ok(result.ok, result.ok ? '' : result.failure.describe());
  const entries = [...result.unsealed.secret.data];
  return Object.fromEntries(entries.map(([item, value]) => [item, utf8Text(value)]));
}

suite('an item whose template is null', () => {
  test('is not in the Secret, but other templates see it', async () => {
    assert.deepEqual(
      await dataOf({ user: 'ada', password: 'pw' }, { password: null, url: '{{ .user }}:{{ .password }}' }),
      { user: 'ada', url: 'ada:pw' },
    );
  });

  test('changes nothing if there is no such item', async () => {
    assert.deepEqual(await dataOf({ user: 'ada' }, { none: null }), { user: 'ada' });
    assert.deepEqual(await dataOf({ user: 'ada' }, { none: null, text: '[{{ .none }}]' }), {
      user: 'ada',
      text: '[<no value>]',
    });
  });

  test('leaves an empty Secret if it is the only item', async () => {
    assert.deepEqual(await dataOf({ user: 'ada' }, { user: null }), {});
  });

  test('does not start the template engine by itself', async () => {
    const renderer: Renderer = { render: () => Promise.reject(new Error('rendered')) };
    const result = await open({ user: 'ada', password: 'pw' }, { password: null }, renderer);
    assert.ok(result.ok);
    assert.deepEqual([...result.unsealed.secret.data.keys()], ['user']);
  });

  test('does not count towards the size of the Secret', async () => {
    const half = 'x'.repeat(MAX_SECRET_SIZE / 2);
    const items = { a: half, b: half, c: 'x' };
    assert.ok(!(await open(items, {})).ok);
    assert.ok((await open(items, { c: null })).ok);
    assert.ok((await open(items, { a: null, copy: '{{ .a | trunc 1000 }}' })).ok);
    // The outputs may fill the space of the omitted item, and no more.
    assert.ok((await open({ a: half, b: half }, { a: null, copy: '{{ .a }}' })).ok);
    assert.ok(!(await open({ a: half, b: half }, { a: null, copy: '{{ .a }}x' })).ok);
  });

  test('must open nevertheless', async () => {
    const object = sealedSecret(certificate, REF, { user: 'ada' }, { template: { data: { user: null } } });
    const moved = { ...object, metadata: { ...object.metadata, name: 'other' } };
    const sealed = parseSealedSecret(moved, PLACE);
    const result = await unsealHere(sealed, key);
    assert.ok(!result.ok);
    assert.match(result.failure.describe(), /^no key could decrypt secret \(user\)/);
  });

  test('is written as null, and an empty text as a text', () => {
    const data = { user: null, empty: '' };
    const sealed = parseSealedSecret(
      sealedSecret(certificate, REF, { user: 'ada' }, { template: { data } }),
      PLACE,
    );
    assert.deepEqual(
      sealed.template.data,
      new Map([
        ['user', null],
        ['empty', ''],
      ]),
    );
    assert.deepEqual(itemNames(sealed), ['empty']);
    const json = JSON.stringify(sealedSecretJson(sealed));
    assert.deepEqual(parseSealedSecret(JSON.parse(json), PLACE).template.data, sealed.template.data);
  });

  test('is the only template besides text that is accepted', () => {
    for (const value of [1, true, [], {}]) {
      const object = sealedSecret(certificate, REF, {}, { template: { data: { user: value } } });
      assert.throws(() => parseSealedSecret(object, PLACE), /spec\.template\.data\.user/);
    }
  });
});
