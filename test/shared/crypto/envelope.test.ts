import assert from 'node:assert/strict';
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { utf8Bytes } from '../../../shared/bytes.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../../shared/crypto/envelope.ts';
import { sealValue } from '../../../shared/crypto/seal-value.ts';
import { privateKeyOf } from '../../../shared/crypto/private-key.ts';
import type { PublicKey } from '../../../shared/crypto/public-key.ts';
import { parseCertificate as parseOnTheWeb } from '../../../shared/crypto/web/parse-certificate.ts';
import { certificateOf, rsa, watched } from '../../support/keys.ts';

const pair = rsa();
const key = await privateKeyOf(pair, 'key');
const other = await privateKeyOf(rsa(), 'other key');

function label(text: string): Label {
  return utf8Bytes(text) as Label;
}

async function open(bytes: Uint8Array, under: Label, by = key): Promise<Buffer | null> {
  const envelope = parseEnvelope(bytes);
  return envelope && openEnvelope(envelope, by, under);
}

const onTheWeb = await parseOnTheWeb(await certificateOf(pair), 'certificate');

/** The two ways to seal: with Node, and with WebCrypto. */
const SEALERS: readonly [string, PublicKey['sealValue']][] = [
  ['Node', (value, under) => Promise.resolve(sealValue(value, key.publicKey, under))],
  ['WebCrypto', (value, under) => onTheWeb.publicKey.sealValue(value, under)],
];

for (const [library, seal] of SEALERS) {
  suite(`an envelope, sealed with ${library}`, () => {
    test('round-trips any bytes under any label', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), fc.string(), async (value, text) => {
          const sealed = await seal(value, label(text));
          assert.deepEqual(await open(sealed, label(text)), Buffer.from(value));
        }),
        { seed: 1, numRuns: 60 },
      );
    });

    test('opens only under its own label and with its own key', async () => {
      const sealed = await seal(Buffer.from('value'), label('prod/db'));
      for (const wrong of ['', 'prod', 'prod/db2', 'Prod/db', 'prod/db\0'])
        assert.equal(await open(sealed, label(wrong)), null);
      assert.equal(await open(sealed, label('prod/db'), other), null);
    });

    test('has its own session key, whatever is sealed', async () => {
      // Under the zero nonce, equal values under one session key would have equal ciphertexts.
      const bodies = new Set<string>();
      for (let i = 0; i < 10_000; i++) {
        const body = (await seal(Buffer.alloc(16), label(''))).subarray(258);
        bodies.add(Buffer.from(body).toString('hex'));
      }
      assert.equal(bodies.size, 10_000);
    });
  });
}

suite('an envelope', () => {
  test('has the layout that other programs write', async () => {
    const text = 'prod/überraschung-😀';
    const sessionKey = randomBytes(32);
    const wrapped = publicEncrypt(
      {
        key: key.publicKey,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha256',
        oaepLabel: Buffer.from(text),
      },
      sessionKey,
    );
    const cipher = createCipheriv('aes-256-gcm', sessionKey, Buffer.alloc(12));
    const body = Buffer.concat([cipher.update('hello'), cipher.final(), cipher.getAuthTag()]);
    const sealed = Buffer.concat([Buffer.from([0x01, 0x00]), wrapped, body]);
    assert.equal((await open(sealed, label(text)))?.toString(), 'hello');
  });

  test('costs no private operation for a key that cannot have wrapped it', async () => {
    let operations = 0;
    const counting = watched(key, () => operations++);
    const tried = async (wrappedKey: Buffer): Promise<number> => {
      operations = 0;
      const rest = { ciphertext: Buffer.alloc(1), tag: Buffer.alloc(16) };
      assert.equal(await openEnvelope({ wrappedKey, ...rest }, counting, label('')), null);
      return operations;
    };
    const largest = Buffer.from(key.modulus);
    largest.writeUInt8(largest.readUInt8(255) - 1, 255);
    assert.equal(await tried(largest), 1);
    assert.equal(await tried(key.modulus), 0);
    assert.equal(await tried(Buffer.alloc(256, 0xff)), 0);
    assert.equal(await tried(Buffer.alloc(255)), 0);
    assert.equal(await tried(Buffer.alloc(512)), 0);
  });

  test('does not open if it is truncated', async () => {
    const sealed = sealValue(Buffer.from('value'), key.publicKey, label(''));
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(await open(sealed.subarray(0, length), label('')), null, `cut to ${length} bytes`);
    }
    assert.equal(await open(Buffer.concat([sealed, Buffer.alloc(1)]), label('')), null);
  });

  test('does not open if any bit is changed', async () => {
    const sealed = sealValue(Buffer.from('value'), key.publicKey, label(''));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      const byte = bit >> 3;
      changed[byte] = (changed[byte] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await open(changed, label('')), null, `bit ${bit}`);
    }
  });

  test('does not open if the session key has another length', async () => {
    for (const length of [16, 24, 31, 33]) {
      const wrapped = publicEncrypt(
        { key: key.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        randomBytes(length),
      );
      assert.equal(
        await open(Buffer.concat([Buffer.from([1, 0]), wrapped, Buffer.alloc(32)]), label('')),
        null,
      );
    }
  });
});
