import assert from 'node:assert/strict';
import { constants, createCipheriv, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { utf8Bytes } from '../../../shared/bytes.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../../shared/crypto/envelope.ts';
import { sealValue } from '../../../shared/crypto/seal-value.ts';
import { vectorKey } from '../../support/vectors.ts';

const key = await vectorKey('c2048');
const larger = await vectorKey('a4096');
const VALUE = Buffer.from('hunter2');

function label(text: string): Label {
  return utf8Bytes(text) as Label;
}

const LABEL = label('prod/db');

async function open(bytes: Uint8Array, under = LABEL, by = key): Promise<Buffer | null> {
  const envelope = parseEnvelope(bytes);
  return envelope && openEnvelope(envelope, by, under);
}

function wrap(to: KeyObject, sessionKey: Buffer, under: Uint8Array = LABEL): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key: to, padding, oaepHash: 'sha256', oaepLabel: under }, sessionKey);
}

function encrypt(sessionKey: Buffer, nonce = Buffer.alloc(12)): { ciphertext: Buffer; tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  return { ciphertext: Buffer.concat([cipher.update(VALUE), cipher.final()]), tag: cipher.getAuthTag() };
}

function envelope(wrapped: Buffer, ...body: Buffer[]): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, ...body]);
}

/** Returns an envelope as a forger with the public key makes it. Only the part that a test names is wrong. */
suite('a forged envelope', () => {
  const sessionKey = randomBytes(32);
  const wrapped = wrap(key.publicKey, sessionKey);
  const { ciphertext, tag } = encrypt(sessionKey);

  test('opens if it is well-formed', async () => {
    assert.deepEqual(await open(envelope(wrapped, ciphertext, tag)), VALUE);
  });

  for (const length of [0, 1, 4, 8, 12, 13, 14, 15]) {
    test(`with a tag of ${length} bytes does not open`, async () => {
      assert.equal(await open(envelope(wrapped, ciphertext, tag.subarray(0, length))), null);
      const parts = { wrappedKey: wrapped, ciphertext, tag: tag.subarray(0, length) };
      assert.equal(await openEnvelope(parts, key, LABEL), null, 'even past the parser');
    });
  }

  test('with another nonce does not open', async () => {
    const other = encrypt(sessionKey, Buffer.alloc(12, 1));
    assert.equal(await open(envelope(wrapped, other.ciphertext, other.tag)), null);
  });

  test('with the tag in front does not open', async () => {
    assert.equal(await open(envelope(wrapped, tag, ciphertext)), null);
  });

  test('with an RSA part of another length than the modulus does not open', async () => {
    const odd: Buffer[] = [
      Buffer.concat([Buffer.alloc(1), wrapped]),
      Buffer.concat([wrapped, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(128), wrapped]),
      wrapped.subarray(1),
      wrapped.subarray(0, 255),
      wrap(larger.publicKey, sessionKey),
      Buffer.alloc(0),
    ];
    for (const part of odd) assert.equal(await open(envelope(part, ciphertext, tag)), null, `${part.length}`);
    assert.deepEqual(
      await open(envelope(wrap(larger.publicKey, sessionKey), ciphertext, tag), LABEL, larger),
      VALUE,
    );
  });

  test('with an RSA part without its leading zero does not open, although the number is the same', async () => {
    let short = wrapped;
    while (short[0] !== 0) short = wrap(key.publicKey, sessionKey);
    assert.deepEqual(await open(envelope(short, ciphertext, tag)), VALUE);
    assert.equal(await open(envelope(short.subarray(1), ciphertext, tag)), null);
  });

  test('with an RSA part of zeros, of ones, or beyond the modulus does not open', async () => {
    for (const byte of [0, 1, 0xff])
      assert.equal(await open(envelope(Buffer.alloc(256, byte), ciphertext, tag)), null);
  });

  test('with a wrong length field does not open', async () => {
    const good = envelope(wrapped, ciphertext, tag);
    for (const length of [0, 1, 255, 257, 263, 264, 265, 279, 280, 32768, 65535]) {
      const lying = Buffer.from(good);
      lying.writeUInt16BE(length);
      assert.equal(await open(lying), null, `a length of ${length}`);
    }
  });

  test('with the session key under another hash does not open', async () => {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const others = [
      publicEncrypt({ key: key.publicKey, padding, oaepHash: 'sha1', oaepLabel: LABEL }, sessionKey),
      publicEncrypt({ key: key.publicKey, padding, oaepHash: 'sha512', oaepLabel: LABEL }, sessionKey),
    ];
    for (const other of others) assert.equal(await open(envelope(other, ciphertext, tag)), null);
  });

  test('of random bytes does not open, whatever its length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        assert.equal(await open(Buffer.from(bytes)), null);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

suite('an OAEP label', () => {
  const texts = ['prod/bücher', 'пример', '名前/空間', '😀', 'a\u0000b', 'e\u0301', '\u00e9', '\ud800'];
  for (const text of texts) {
    test(`of ${JSON.stringify(text)} is its UTF-8 bytes, as another OAEP reads them`, async () => {
      const sessionKey = randomBytes(32);
      const { ciphertext, tag } = encrypt(sessionKey);
      const wrapped = wrap(key.publicKey, sessionKey, Buffer.from(new TextEncoder().encode(text)));
      assert.deepEqual(await open(envelope(wrapped, ciphertext, tag), label(text)), VALUE);
    });
  }

  test('is compared byte by byte: composed and decomposed letters differ', async () => {
    const sealed = sealValue(VALUE, key.publicKey, label('\u00e9'));
    assert.deepEqual(await open(sealed, label('\u00e9')), VALUE);
    for (const other of ['e\u0301', 'e', '\u00c3\u00a9', '\u00e9\u0000'])
      assert.equal(await open(sealed, label(other)), null);
    // The label of a library that truncates each UTF-16 unit to a byte.
    assert.equal(await open(sealed, Uint8Array.of(0xe9) as Label), null);
  });
});
