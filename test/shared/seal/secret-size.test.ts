import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { MAX_SECRET_SIZE } from '../../../shared/seal/secret-size.ts';
import type { Renderer, UnsealResult } from '../../../shared/seal/unseal.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { unsealHere } from './unseal-here.ts';

const { key, certificate } = await sealingPair();
const REF = { name: 'db', namespace: 'prod' };
const PLACE = { source: 'test' };

function open(
  items: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>> = {},
  renderer?: Renderer,
): Promise<UnsealResult> {
  const object = sealedSecret(certificate, REF, items, { template: { data } });
  return unsealHere(parseSealedSecret(object, PLACE), key, renderer);
}

function wordsOf(result: UnsealResult): string {
  assert.ok(!result.ok);
  return result.failure.describe();
}

const HALF = 'x'.repeat(MAX_SECRET_SIZE / 2);

suite('the data of a Secret', () => {
  test('may be 1 MiB', async () => {
    const result = await open({ a: HALF, b: HALF });
    assert.ok(result.ok);
  });

  test('may not exceed it: the failure names the bound and the largest items', async () => {
    assert.equal(
      wordsOf(await open({ a: HALF, b: HALF, c: 'x' })),
      'the Secret would hold 1048577 bytes of data, more than the 1048576 (1 MiB) that Kubernetes allows; ' +
        'its largest items: a, b, c',
    );
  });

  test('includes the outputs of templates', async () => {
    assert.ok((await open({ a: HALF }, { b: '{{ .a }}' })).ok);
    assert.match(wordsOf(await open({ a: HALF }, { b: '{{ .a }}x' })), /^template: b: failed while running/);
  });

  test('is checked again after rendering, whatever the renderer returns', async () => {
    const renderer: Renderer = {
      render: () => Promise.resolve({ values: new Map([['b', Buffer.from(`${HALF}x`)]]), impure: new Set() }),
    };
    assert.match(wordsOf(await open({ a: HALF }, { b: '' }, renderer)), /would hold 1048577 bytes/);
  });

  test('excludes outputs that decrypted items replace', async () => {
    const renderer: Renderer = {
      render: () => Promise.resolve({ values: new Map([['a', Buffer.from(HALF)]]), impure: new Set() }),
    };
    assert.ok((await open({ a: HALF, b: HALF }, { a: '' }, renderer)).ok);
  });
});
