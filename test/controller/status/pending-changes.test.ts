import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { Registry } from 'prom-client';
import { SealedSecretMetrics } from '../../../controller/metrics/sealed-secrets.ts';
import type { Log } from '../../../controller/log/log.ts';
import { DedupLogger } from '../../../controller/log/dedup-logger.ts';
import { OutageLog } from '../../../controller/log/outage-log.ts';
import { PendingChanges } from '../../../controller/status/pending-changes.ts';
import { ProcessingNotice } from '../../../controller/status/processing-notice.ts';
import type { StatusWriter } from '../../../controller/status/write-status.ts';
import { parseStoredSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { at } from '../../control-plane/admin-client.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';
import { ScriptedApi, type Asked } from '../../support/scripted-api.ts';
import { until } from '../../control-plane/until.ts';

const LOG: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let cleanup: (() => Promise<void>) | undefined;
afterEach(() => cleanup?.());

/** Returns a SealedSecret of generation 2 with this `Synced` status. */
function stored(name: string, synced: string | undefined, observedGeneration: number): object {
  const metadata = { namespace: 'ns', name, uid: name, resourceVersion: '7', generation: 2 };
  const conditions = synced === undefined ? [] : [{ type: 'Synced', status: synced }];
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata,
    spec: { encryptedData: {} },
    status: { observedGeneration, conditions },
  };
}

/** Starts pending changes with a fake clock and an API server that has these objects. */
async function running(
  objects: Readonly<Record<string, object>>,
  updateStatus = true,
): Promise<{
  pendingChanges: PendingChanges;
  clock: FakeClock;
  server: ScriptedApi;
  publisher: StatusWriter;
}> {
  const clock = new FakeClock();
  const pendingChanges = new PendingChanges(clock);
  const nameOf = ({ path }: Asked): string => path.replace(/\/status$/, '').replace(/^.*\//, '');
  const server = await ScriptedApi.start((asked) => {
    const body = objects[nameOf(asked)];
    return body ? { status: 200, body } : { status: 404, body: {} };
  });
  const stop = new AbortController();
  const { api } = server;
  const shared = {
    api,
    clock,
    log: LOG,
    dedupLogger: new DedupLogger(),
  };
  const metrics = new SealedSecretMetrics(new Registry(), true);
  const outages = new OutageLog(LOG, clock);
  const publisher = { ...shared, outages, metrics, updateStatus };
  const run = pendingChanges.run(publisher, stop.signal);
  cleanup = async () => {
    stop.abort();
    await run;
    server.stop();
  };
  return { pendingChanges, clock, server, publisher };
}

function ref(name: string): { namespace: string; name: string } {
  return { namespace: 'ns', name };
}

/** Waits for a number of reads, and returns the paths of the statuses that were written. */
async function written(server: ScriptedApi, reads: number): Promise<string[]> {
  await until('the reads', () => (server.of('GET').length >= reads ? true : undefined));
  await new Promise((resolve) => setImmediate(resolve));
  return server.of('PUT').map(({ path }) => path.replace(/^.*sealedsecrets\//, ''));
}

suite('a change that waits for its reconcile', () => {
  test('is reported as Processing after two seconds, over an older True or False', async () => {
    const { pendingChanges, clock, server } = await running({
      a: stored('a', 'True', 1),
      b: stored('b', 'False', 1),
    });
    for (const name of ['a', 'b']) pendingChanges.add(ref(name));
    await clock.pass(1_000);
    pendingChanges.add(ref('a'));
    await clock.pass(999);
    assert.deepEqual(server.asked, []);
    await clock.pass(1);
    await until('both', () => (server.of('PUT').length === 2 ? true : undefined));
    assert.deepEqual(await written(server, 2), ['a/status', 'b/status']);
    for (const { body } of server.of('PUT')) {
      assert.equal(at(body, 'status', 'observedGeneration'), 2);
      assert.equal(at(body, 'status', 'conditions', 0, 'status'), 'Unknown');
      assert.equal(at(body, 'status', 'conditions', 0, 'reason'), 'Processing');
      assert.equal(at(body, 'metadata', 'resourceVersion'), '7');
    }
  });

  test('is not reported if no older status could be mistaken for its result', async () => {
    const { pendingChanges, clock, server } = await running({
      never: stored('never', undefined, 0),
      processing: stored('processing', 'Unknown', 1),
      same: stored('same', 'True', 2),
      last: stored('last', 'True', 1),
    });
    for (const name of ['never', 'processing', 'same', 'gone', 'last']) pendingChanges.add(ref(name));
    await clock.pass(2_000);
    await until('the last', () => (server.of('PUT').length > 0 ? true : undefined));
    assert.deepEqual(await written(server, 5), ['last/status']);
  });

  test('is not reported once its reconcile starts, which gets the time that it has waited', async () => {
    const { pendingChanges, clock, server } = await running({
      begun: stored('begun', 'True', 1),
      last: stored('last', 'True', 1),
    });
    pendingChanges.add(ref('begun'));
    await clock.pass(1_500);
    pendingChanges.add(ref('last'));
    assert.equal(pendingChanges.take(ref('begun')), 1_500);
    assert.equal(pendingChanges.take(ref('begun')), 0);
    await clock.pass(500);
    await clock.pass(1_500);
    await until('the last', () => (server.of('PUT').length > 0 ? true : undefined));
    assert.deepEqual(await written(server, 1), ['last/status']);
    assert.equal(server.of('GET').length, 1);
  });

  test('is not reported if status updates are disabled', async () => {
    const { pendingChanges, clock, server } = await running({ a: stored('a', 'True', 1) }, false);
    pendingChanges.add(ref('a'));
    await clock.pass(2_000);
    await clock.pass(2_000);
    assert.equal(pendingChanges.take(ref('a')), 0);
    assert.deepEqual(server.asked, []);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`is reported after the same two seconds when the clock steps by ${name}, and back`, async () => {
      const objects = { a: stored('a', 'True', 1), b: stored('b', 'True', 1) };
      const { pendingChanges, clock, server } = await running(objects);
      let count = 0;
      for (const [object, each] of [
        ['a', step],
        ['b', -step],
      ] as const) {
        pendingChanges.add(ref(object));
        pendingChanges.add(ref('begun'));
        await clock.pass(1_000);
        clock.stepWallClock(each);
        assert.equal(pendingChanges.take(ref('begun')), 1_000);
        await clock.pass(1_000);
        count++;
        await until('the status', () => (server.of('PUT').length === count ? true : undefined));
      }
      assert.deepEqual(await written(server, 2), ['a/status', 'b/status']);
    });
  }
});

suite('a change whose reconcile runs', () => {
  test('is reported as Processing after two seconds of waiting and working together', async () => {
    const object = stored('a', 'True', 1);
    const { clock, server, publisher } = await running({ a: object });
    const read = parseStoredSealedSecret(object, { source: 'test' });
    const notice = new ProcessingNotice(
      { stored: read, waited: 1_500 },
      publisher,
      new AbortController().signal,
    );
    await clock.pass(499);
    assert.deepEqual(server.asked, []);
    await clock.pass(1);
    await until('the status', () => (server.of('PUT').length > 0 ? true : undefined));
    await notice.end();
    assert.equal(server.asked.length, 1);
  });
});
