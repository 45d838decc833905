import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { SEALING_KEY_LABEL } from '../../../shared/api/annotations.ts';
import { KEY_ORDERS, type KeyOptions } from '../../../controller/keys/key-options.ts';
import { keptKeyName } from '../../../controller/keys/key-name.ts';
import { at } from '../../control-plane/admin-client.ts';
import { until } from '../../control-plane/until.ts';
import { ACTIVE, keyItems, keySecret, nameOf } from '../../support/key-secret.ts';
import { DAY } from '../../support/keys.ts';
import type { Json } from '../../support/object-store.ts';
import { refused } from '../../support/scripted-api.ts';
import { bring, isCreate, rig, serve, type Rig } from '../../support/key-rig.ts';

const MINUTE = 60_000;

suite('a key whose Secret is given another key', () => {
  const SECRET = 'sealed-secrets-keya';

  /** A manager with a key of an external maker, and another one. */
  async function running(options: Partial<KeyOptions> = {}): Promise<Rig> {
    const served = await serve();
    await bring(served.server, SECRET, 2);
    return rig(served, options).run();
  }

  /** Replaces the items of the Secret, as cert-manager does. Returns the new certificate. */
  async function replaceKey({ server, clock }: Rig, data?: object): Promise<string> {
    const items = await keyItems({ notBefore: new Date(clock.now().getTime() - DAY), validity: 3650 * DAY });
    const { data: made } = keySecret(SECRET, items) as { data: object };
    server.scripted.change('secrets', { namespace: 'kube-system', name: SECRET }, { data: data ?? made });
    return items['tls.crt'];
  }

  function fingerprints({ keys }: Rig): string[] {
    return keys.all.map(({ key }) => key.fingerprint);
  }

  /** Waits until a manager has so many keys. Two share a clock, which does not tell when both are at rest. */
  async function size({ keys }: Rig, count: number): Promise<void> {
    await until(`${count} keys`, () => keys.keyring.size === count || undefined);
  }

  /** The Secrets of kept keys. */
  function kept({ server }: Rig): readonly Json[] {
    return server.secrets.values().filter((secret) => at(secret, 'metadata', 'annotations') !== undefined);
  }

  test('is kept in a Secret of its own, and opens', async () => {
    const made = await running();
    const [old = ''] = fingerprints(made);
    const before = made.server.secrets.get(SECRET);
    const pem = await replaceKey(made);
    await made.changed();
    assert.equal(made.pem, pem, 'the new one seals');
    assert.ok(fingerprints(made).includes(old));
    const [secret, ...others] = kept(made);
    assert.deepEqual(others, []);
    assert.deepEqual(at(secret, 'data'), at(before, 'data'));
    assert.deepEqual(at(secret, 'metadata', 'labels'), ACTIVE);
    assert.equal(at(secret, 'metadata', 'annotations', 'sealedsecrets.bitnami.com/kept-from'), SECRET);
    assert.deepEqual(made.kept, [nameOf(secret)]);
    assert.equal(made.departures, 0);
    assert.equal(made.logs('the Secret of a sealing key was given another key').length, 1);
    assert.equal(made.logs('replaced sealing key kept').length, 1);
    assert.doesNotMatch(made.logged.join('\n'), /PRIVATE/);
  });

  test('opens in the next process, does not seal there, and is kept once', async () => {
    for (const order of KEY_ORDERS) {
      const made = await running({ order });
      const [old = ''] = fingerprints(made);
      await made.pass(DAY);
      const pem = await replaceKey(made);
      await made.changed();
      const { clock, server } = made;
      await made.stop();
      const next = await rig({ clock, server }, { order }).run();
      assert.ok(fingerprints(next).includes(old));
      assert.equal(next.pem, pem, order);
      assert.equal(server.secrets.size, 2);
    }
  });

  test('opens from memory, and does not seal, until its Secret can be written', async () => {
    const made = await running();
    const [old = ''] = fingerprints(made);
    const faults = Array.from({ length: 12 }, (_, index) =>
      index < 6 ? refused(403, 'Forbidden') : ('cut' as const),
    );
    made.server.fault = (asked) => (isCreate(asked) ? faults.shift() : undefined);
    const pem = await replaceKey(made);
    await made.changed();
    assert.ok(fingerprints(made).includes(old));
    assert.equal(made.pem, pem);
    assert.deepEqual(kept(made), []);
    for (let i = 0; i < 60 && kept(made).length === 0; i++) await made.pass(MINUTE);
    assert.equal(kept(made).length, 1);
    assert.deepEqual(faults, []);
    assert.equal(made.logs('failed to keep a replaced sealing key').length, 2, 'each failure is said once');
    assert.equal(made.departures, 0);
  });

  test('is kept once if the answer is lost, or if two replicas do it', async () => {
    const made = await running();
    const { clock, server } = made;
    const other = await rig({ clock, server }).run();
    await size(other, 1);
    server.fault = (asked) => (isCreate(asked) ? 'lost' : undefined);
    await replaceKey(made);
    await made.changed();
    server.fault = () => undefined;
    await other.changed();
    await size(other, 2);
    for (let i = 0; i < 5; i++) await made.pass(MINUTE);
    assert.equal(kept(made).length, 1);
    assert.deepEqual(fingerprints(made).toSorted(), fingerprints(other).toSorted());
  });

  test('takes the next name if one is taken by something else', async () => {
    const made = await running();
    const [key] = made.keys.all;
    const taken = keptKeyName('sealed-secrets-key', key?.nameSeed ?? Buffer.alloc(0), 0);
    made.server.put(keySecret(taken, {}, {}));
    await replaceKey(made);
    await made.changed();
    assert.equal(kept(made).length, 1);
    assert.equal(made.keys.keyring.size, 2);
  });

  test('waits for a leader, which need not be the one that was there', async () => {
    const made = await running();
    const [old = ''] = fingerprints(made);
    made.leader.isLeader = false;
    await replaceKey(made);
    await made.changed();
    await made.pass(5 * MINUTE);
    assert.deepEqual(kept(made), []);
    assert.ok(fingerprints(made).includes(old), 'it opens everywhere');
    made.leader.isLeader = true;
    await made.leaderChanged();
    assert.equal(kept(made).length, 1);
  });

  test('is not kept by a standby after the leader has done it and someone has retired it', async () => {
    const made = await running();
    const { clock, server } = made;
    const standby = await rig({ clock, server }).run();
    await size(standby, 1);
    standby.leader.isLeader = false;
    await replaceKey(made);
    await standby.changed();
    await size(standby, 2);
    await made.changed();
    const [secret] = await until('the kept key', () => (kept(made).length > 0 ? kept(made) : undefined));
    server.relabel(nameOf(secret), { [SEALING_KEY_LABEL]: 'retired' });
    await standby.changed();
    await size(standby, 1);
    await made.stop();
    standby.leader.isLeader = true;
    await standby.leaderChanged();
    assert.equal(standby.keys.keyring.size, 1);
    assert.equal(kept(made).length, 1);
  });

  for (const value of ['retired', 'compromised']) {
    test(`does not come back when it was labelled ${value}, before or after`, async () => {
      const made = await running();
      await bring(made.server, 'sealed-secrets-keyb', 1);
      await made.changed();
      made.server.relabel(SECRET, { [SEALING_KEY_LABEL]: value });
      await replaceKey(made);
      await made.changed();
      await made.pass(5 * MINUTE);
      assert.equal(made.keys.keyring.size, 1);
      assert.deepEqual(kept(made), []);
    });
  }

  test('does not come back when its Secret was deleted, even if there is another of that name', async () => {
    const made = await running();
    await bring(made.server, SECRET, 1);
    await made.changed();
    await made.pass(5 * MINUTE);
    assert.equal(made.keys.keyring.size, 1);
    assert.deepEqual(kept(made), []);
    assert.equal(made.departures, 1);
  });

  test('does not come back when a Secret with it is labelled as retired', async () => {
    const made = await running();
    const data = at(made.server.secrets.get(SECRET), 'data');
    const labels = { [SEALING_KEY_LABEL]: 'retired' };
    made.server.put({ metadata: { name: 'sealed-secrets-keyr', labels }, type: 'Opaque', data });
    await replaceKey(made);
    await made.changed();
    assert.equal(made.keys.keyring.size, 1);
    assert.deepEqual(kept(made), []);
  });

  test('does not come back when its Secret holds no key any more', async () => {
    const made = await running();
    await replaceKey(made, { 'tls.key': '', 'tls.crt': '' });
    await made.changed();
    await made.pass(5 * MINUTE);
    assert.equal(made.keys.keyring.size, 0);
    assert.deepEqual(kept(made), []);
  });

  test('is kept when the new one is of a kind that cannot be used', async () => {
    const made = await running();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await replaceKey(made, { 'tls.key': Buffer.from(pem).toString('base64') });
    await made.changed();
    assert.equal(kept(made).length, 1);
    assert.equal(made.keys.keyring.size, 1);
    assert.equal(made.pem, undefined, 'no key seals');
  });

  test('is not kept when a SealedSecret seems to have made the new content', async () => {
    const made = await running();
    const ref = { namespace: 'kube-system', name: SECRET };
    const annotations = { 'sealedsecrets.bitnami.com/owner-uid': 'x' };
    made.server.scripted.change('secrets', ref, { metadata: { annotations } });
    await replaceKey(made);
    await made.changed();
    assert.equal(made.keys.keyring.size, 0);
    assert.equal(made.server.secrets.size, 1);
  });

  test('is not kept if that is turned off', async () => {
    const made = await running({ keepReplaced: false });
    await replaceKey(made);
    await made.changed();
    assert.equal(made.keys.keyring.size, 1);
    assert.deepEqual(kept(made), []);
    assert.equal(made.departures, 1);
  });

  test('is one of many: each is kept', async () => {
    const made = await running();
    for (let i = 0; i < 5; i++) {
      await replaceKey(made);
      await made.changed();
    }
    assert.equal(kept(made).length, 5);
    assert.equal(made.keys.keyring.size, 6);
  });
});
