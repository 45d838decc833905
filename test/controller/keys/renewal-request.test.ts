import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type KeyOptions } from '../../../controller/keys/key-options.ts';
import { DAY } from '../../support/keys.ts';
import { refused } from '../../support/scripted-api.ts';
import { bring, isCreate, rig, serve, type Rig } from '../../support/key-rig.ts';

const MINUTE = 60_000;

suite('a request in the key record', () => {
  /** Lets the key record ask for a new key at a time, in ms from now. */
  async function request(made: Rig, ms: number): Promise<void> {
    made.requestedAt = new Date(made.clock.now().getTime() + ms);
    await made.recordChanged();
  }

  /** How many keys there are. */
  function count({ server }: Rig): number {
    return server.secrets.keys().length;
  }

  async function running(options: Partial<KeyOptions> = {}): Promise<Rig> {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keya', 1);
    return rig(served, options).run();
  }

  test('makes one key, however often it is seen', async () => {
    const made = await running();
    await request(made, 0);
    for (let i = 0; i < 3; i++) await made.recordChanged();
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 2);
    assert.notEqual(made.newest, 'sealed-secrets-keya');
    assert.deepEqual(made.logs('requested'), [
      'sealing key renewal requested in the key record {"requested":"2026-01-01T00:00:00Z"}',
    ]);
  });

  test('of a fraction of a second before or after the newest key makes no other', async () => {
    const made = await running();
    await request(made, 0);
    for (const ms of [-1, 1, 999]) {
      await request(made, ms);
      await made.pass(5 * MINUTE);
      made.clock.stepWallClock(-5 * MINUTE);
    }
    assert.equal(count(made), 2);
  });

  test('that is older than the newest key changes nothing', async () => {
    const made = await running();
    await request(made, -2 * DAY);
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 1);
    assert.deepEqual(made.logs('requested'), []);
  });

  test('is granted at most once a minute', async () => {
    const made = await running();
    for (let i = 0; i < 30; i++) {
      await request(made, 0);
      await made.pass(10_000);
    }
    // One at the start and one after each of five minutes, and the first key.
    assert.equal(count(made), 7);
  });

  test('that came while there was no leader is granted by the next one', async () => {
    const made = await running();
    made.leader.isLeader = false;
    await request(made, 0);
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 1);
    made.leader.isLeader = true;
    await made.leaderChanged();
    assert.equal(count(made), 2);
  });

  test('from the future is ignored until then, with one warning', async () => {
    const made = await running();
    await request(made, 60 * MINUTE);
    for (let i = 0; i < 5; i++) await made.pass(MINUTE);
    assert.equal(count(made), 1);
    assert.equal(made.logs('ignoring the request').length, 1);
  });

  test('of a clock that is a little ahead is granted once its time has come, and once', async () => {
    const made = await running();
    await request(made, 90_000);
    await made.pass(89_000);
    assert.equal(count(made), 1);
    await made.pass(1_000);
    assert.equal(count(made), 2);
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 2);
    assert.deepEqual(made.logs('ignoring'), []);
  });

  test('makes a key where none is left', async () => {
    const made = await running();
    made.server.secrets.delete('sealed-secrets-keya');
    await made.changed();
    assert.equal(made.pem, undefined);
    await request(made, 0);
    assert.ok(made.pem);
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 1);
  });

  test('is ignored with one warning if no keys are generated', async () => {
    const made = await running({ generation: 'never' });
    await request(made, 0);
    await made.pass(5 * MINUTE);
    assert.equal(count(made), 1);
    assert.equal(made.logs('because of --key-generation=never').length, 1);
  });

  test('is granted after failures, with one key', async () => {
    const made = await running();
    const faults = [refused(500, 'InternalError'), 'lost' as const];
    made.server.fault = (asked) => (isCreate(asked) ? faults.shift() : undefined);
    await request(made, 0);
    for (let i = 0; i < 5; i++) await made.pass(MINUTE);
    assert.equal(count(made), 2);
    assert.deepEqual(faults, []);
  });
});
