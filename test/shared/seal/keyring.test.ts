import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { suite, test } from 'node:test';
import { base64Text } from '../../../shared/bytes.ts';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import { parseEnvelope, type Envelope } from '../../../shared/crypto/envelope.ts';
import { sealValue } from '../../../shared/crypto/seal-value.ts';
import { privateKeyOf, type PrivateKey } from '../../../shared/crypto/private-key.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { openItems } from '../../../shared/seal/open-items.ts';
import { labelFor } from '../../../shared/seal/scope.ts';
import { hintOf } from '../../../shared/seal/hint.ts';
import { rsa, watched } from '../../support/keys.ts';

const never = new AbortController().signal;
const label = labelFor('strict', { namespace: 'ns', name: 'db' }, { source: 'test' });

const other = labelFor('strict', { namespace: 'ns', name: 'other' }, { source: 'test' });

/** Keys with such similar moduli that a ciphertext of one can be one of the others. */
const pairs = Array.from({ length: 4 }, () => rsa());
const publicKeys = pairs.map((pair) => createPublicKey(pair));

/** A keyring of the four keys, and the numbers of those that were tried since the last call. */
async function tracked(): Promise<{
  keyring: Keyring;
  keys: readonly PrivateKey[];
  tried: () => number[];
  names: string[];
}> {
  let numbers: number[] = [];
  const keys = await Promise.all(
    pairs.map(async (pair, number) => watched(await privateKeyOf(pair, 'k'), () => numbers.push(number))),
  );
  const tried = (): number[] => {
    const since = numbers;
    numbers = [];
    return since;
  };
  return { keyring: new Keyring(keys), keys, tried, names: keys.map(({ fingerprint }) => fingerprint) };
}

/** Returns an envelope for one key with a ciphertext small enough to be tried with all keys. */
function envelopeFor(number: number): Envelope {
  for (;;) {
    const publicKey = publicKeys[number];
    assert.ok(publicKey);
    const envelope = parseEnvelope(sealValue(Buffer.from(`for ${number}`), publicKey, label));
    if (envelope && (envelope.wrappedKey[0] ?? 255) < 0x80) return envelope;
  }
}

function valueFor(number: number): string {
  const { wrappedKey, ciphertext, tag } = envelopeFor(number);
  const length = Buffer.from([wrappedKey.length >> 8, wrappedKey.length & 255]);
  return Buffer.concat([length, wrappedKey, ciphertext, tag]).toString('base64');
}

suite('a keyring', () => {
  test('tries the key that was useful last first, then the others in their order', async () => {
    const { keyring, tried } = await tracked();
    assert.equal(String((await keyring.open(envelopeFor(2), { label, signal: never }))?.value), 'for 2');
    assert.deepEqual(tried(), [0, 1, 2]);
    await keyring.open(envelopeFor(3), { label, signal: never });
    assert.deepEqual(tried(), [2, 0, 1, 3]);
    await keyring.open(envelopeFor(1), { label, signal: never });
    assert.deepEqual(tried(), [3, 2, 0, 1]);
    await keyring.open(envelopeFor(1), { label, signal: never });
    assert.deepEqual(tried(), [1]);
  });

  test('tries preferred keys first, each once, and unknown keys never', async () => {
    const { keyring, tried, names } = await tracked();
    const [first = '', , , last = ''] = names;
    const unknown = `SHA256:${'x'.repeat(43)}`;
    const hint = hintOf(new Map([[SEALING_KEY, ` ${unknown}, nonsense,${last},${last}, ${first}`]]));
    await keyring.open(envelopeFor(1), { label, preferred: hint, signal: never });
    assert.deepEqual(tried(), [3, 0, 1]);
  });

  test('reports how many keys it tried for an item, and whether one opened it', async () => {
    const { keys } = await tracked();
    const tries: string[] = [];
    const keyring = new Keyring(keys, (count, opened) => void tries.push(`${count} ${opened}`));
    await keyring.open(envelopeFor(2), { label, signal: never });
    await keyring.open(envelopeFor(2), { label, signal: never });
    await keyring.open(envelopeFor(3), { label: other, signal: never });
    await new Keyring([], (count) => void tries.push(`${count}`)).open(envelopeFor(0), {
      label,
      signal: never,
    });
    assert.deepEqual(tries, ['3 true', '1 true', '4 false']);
  });

  test('opens nothing with a removed key, not even if it is removed meanwhile', async () => {
    const { keyring, tried } = await tracked();
    const opening = keyring.open(envelopeFor(3), { label, signal: never });
    keyring.replace([]);
    assert.equal(await opening, null);
    assert.deepEqual(tried(), [0]);
    const [pair] = pairs;
    assert.ok(pair);
    const alone = new Keyring([watched(await privateKeyOf(pair, 'k'), () => alone.replace([]))]);
    assert.equal(await alone.open(envelopeFor(0), { label, signal: never }), null);
  });
});

suite('a scheduled keyring', () => {
  test('schedules each private operation, and skips those that are aborted', async () => {
    const { keyring, tried } = await tracked();
    const stop = new AbortController();
    let turns = 0;
    const shared = keyring.scheduledBy((operation) => {
      turns++;
      if (turns === 3) stop.abort(new Error('edited'));
      return operation();
    });
    assert.deepEqual(shared.fingerprints, keyring.fingerprints);
    await assert.rejects(shared.open(envelopeFor(3), { label, signal: stop.signal }), /edited/);
    assert.equal(turns, 3);
    assert.deepEqual(tried(), [0, 1]);
    const opened = await shared.open(envelopeFor(1), { label, signal: never });
    assert.equal(String(opened?.value), 'for 1');
  });
});

suite('the items of a SealedSecret', () => {
  test('cost one operation each if a key is hinted or opened the previous item', async () => {
    const { keyring, tried, names } = await tracked();
    const values = [2, 2, 2, 2, 1, 1, 1].map((number, i) => [`item-${i}`, valueFor(number)] as const);
    const { problems } = await openItems(new Map(values), {
      label,
      hint: [],
      decrypter: keyring,
      signal: never,
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(tried(), [0, 1, 2, 2, 2, 2, 2, 0, 1, 1, 1]);

    const [, , hinted = ''] = names;
    const fresh = await tracked();
    const hint = hintOf(new Map([[SEALING_KEY, hinted]]));
    await openItems(new Map(values.slice(0, 4)), { label, hint, decrypter: fresh.keyring, signal: never });
    assert.deepEqual(fresh.tried(), [2, 2, 2, 2]);
  });

  test('are skipped once ten have failed', async () => {
    const { keyring, tried } = await tracked();
    const foreign = createPublicKey(rsa());
    const values = Array.from({ length: 2_000 }, (_, i) => {
      const value = sealValue(Buffer.from('x'), i === 5 ? (publicKeys[0] ?? foreign) : foreign, label);
      return [`item-${i}`, base64Text(value)] as const;
    });
    const { items, problems } = await openItems(new Map(values), {
      label,
      hint: [],
      decrypter: keyring,
      signal: never,
    });
    assert.deepEqual([...items.keys()], ['item-5']);
    assert.equal(problems.filter(({ code }) => code === 'NoKey').length, 10);
    assert.equal(problems.filter(({ code }) => code === 'NotTried').length, 1_989);
    assert.ok(tried().length <= 10 * 4 + 1);
  });
});
