import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { digestOf } from '../../../cli/lint/ciphertext-digest.ts';
import { ciphertextDigest } from '../../../shared/seal/sealing-record.ts';

test('lint and sealing records name a ciphertext by the same digest', async () => {
  const random = Array.from({ length: 50 }, (_, length) => randomBytes(length).toString('base64'));
  const folded = randomBytes(200).toString('base64').replace(/.{64}/g, '$&\n');
  for (const text of [...random, folded]) {
    const digest = digestOf(text);
    assert.match(digest ?? '', /^[A-Za-z0-9_-]{11}$/);
    assert.equal(digest, await ciphertextDigest(text));
  }
});

test('lint has no digest for what is no ciphertext', () => {
  assert.equal(digestOf(null), undefined);
  assert.equal(digestOf('no base64!'), undefined);
});
