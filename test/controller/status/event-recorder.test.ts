import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { createLog } from '../../../controller/log/log.ts';
import { OutageLog } from '../../../controller/log/outage-log.ts';
import { reconcile } from '../../../controller/reconciler/reconcile.ts';
import { EventRecorder } from '../../../controller/status/event-recorder.ts';
import type { EventText } from '../../../controller/status/events.ts';
import { MAX_MESSAGE } from '../../../shared/text.ts';
import { at } from '../../control-plane/admin-client.ts';
import { until } from '../../control-plane/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { metadata } from '../../support/objects.ts';
import { refused, ScriptedApi, type Reply } from '../../support/scripted-api.ts';
import { startTestBed } from '../../support/test-bed.ts';

const TEXT: EventText = { type: 'Normal', reason: 'Unsealed', message: 'done' };

/** A recorder whose API server answers a request only once it is allowed to. */
interface Bed {
  readonly recorder: EventRecorder;
  readonly server: ScriptedApi;
  readonly lines: { msg: string; more?: number }[];
  dropped: () => number;
  /** Answers all requests from now on. */
  open: (reply?: Reply) => void;
  record: (namespace: string, name: string, text?: EventText) => void;
}

async function startBed(t: TestContext): Promise<Bed> {
  const clock = new FakeClock();
  const answers: ((reply: Reply) => void)[] = [];
  let always: Reply | undefined;
  const server = await ScriptedApi.start(() => always ?? new Promise((resolve) => answers.push(resolve)));
  t.after(() => server.stop());
  const lines: Bed['lines'] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as { msg: string });
  };
  const options = { logLevel: 'INFO', logFormat: 'json', logInfoStdout: false } as const;
  const log = createLog(options, clock, { stdout: write, stderr: write });
  let dropped = 0;
  const recorder = new EventRecorder({
    api: server.api,
    clock,
    log,
    outages: new OutageLog(log, clock),
    onDropped: (count) => (dropped += count),
  });
  return {
    recorder,
    server,
    lines,
    dropped: () => dropped,
    open: (reply = { status: 201, body: { kind: 'Event', apiVersion: 'v1', metadata: {} } }) => {
      always = reply;
      for (const answer of answers.splice(0)) answer(reply);
    },
    record: (namespace, name, text = TEXT) => recorder.record({ ...metadata(), namespace, name }, text),
  };
}

/** Runs the recorder until the test ends, or until `stop` is called. */
function run({ recorder }: Bed, t: TestContext): { stop: () => void; ended: Promise<void> } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  t.after(stop);
  return { stop, ended: recorder.run(controller.signal) };
}

/** Returns the objects of the events that were sent, in order, as `namespace/name`. */
function sent({ server }: Bed): string[] {
  return server
    .of('POST')
    .map(({ body }) =>
      [at(body, 'involvedObject', 'namespace'), at(body, 'involvedObject', 'name')].join('/'),
    );
}

const never = new AbortController().signal;

suite('an event recorder', () => {
  test('lets a reconcile end before its event is recorded', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    const ref = seal('db');
    controller.observe();
    let answer = (): void => undefined;
    const reply = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
    server.beforeNext('POST', /\/events$/, () => reply);
    assert.equal(await reconcile(ref, controller.context, { stop: never, stale: never }), 'synced');
    assert.deepEqual(server.events(ref), []);
    answer();
    await controller.recordEvents();
    assert.equal(server.events(ref).length, 1);
  });

  test('sends four events at once, and the others after them', async (t) => {
    const bed = await startBed(t);
    run(bed, t);
    for (let i = 0; i < 10; i++) bed.record('ns', `o${i}`);
    await until('four', () => bed.server.asked.length === 4 || undefined);
    bed.open();
    await bed.recorder.drained(never);
    assert.deepEqual(
      sent(bed).sort(),
      Array.from({ length: 10 }, (_, i) => `ns/o${i}`),
    );
    assert.equal(bed.dropped(), 0);
  });

  test('takes turns between namespaces', async (t) => {
    const bed = await startBed(t);
    for (let i = 0; i < 500; i++) bed.record('many', `o${i}`);
    bed.record('few', 'db');
    bed.open();
    run(bed, t);
    await bed.recorder.drained(never);
    const position = sent(bed).indexOf('few/db');
    assert.ok(position >= 0 && position < 5, String(position));
  });

  test('drops the oldest events of the namespace with the most, and counts them', async (t) => {
    const bed = await startBed(t);
    for (let i = 0; i < 400; i++) bed.record('few', `o${i}`);
    for (let i = 0; i < 1_500; i++) bed.record('many', `o${i}`);
    bed.record('one', 'db');
    assert.equal(bed.dropped(), 901);
    bed.open();
    run(bed, t);
    await bed.recorder.drained(never);
    const all = new Set(sent(bed));
    assert.equal(all.size, 1_000);
    assert.ok(all.has('one/db'));
    for (let i = 0; i < 400; i++) assert.ok(all.has(`few/o${i}`), `few/o${i}`);
    for (let i = 901; i < 1_500; i++) assert.ok(all.has(`many/o${i}`), `many/o${i}`);
  });

  test('keeps fewer events if they are large', async (t) => {
    const bed = await startBed(t);
    const message = '\u{4e00}'.repeat(2 * MAX_MESSAGE);
    for (let i = 0; i < 1_000; i++) bed.record('ns', `${i}`.padStart(253, 'o'), { ...TEXT, message });
    const kept = 1_000 - bed.dropped();
    assert.ok(kept > 100 && kept * 2 * (MAX_MESSAGE + 253) <= 2 ** 21, String(kept));
  });

  test('drops what waits when its signal aborts, and works again after that', async (t) => {
    const bed = await startBed(t);
    const { stop, ended } = run(bed, t);
    for (let i = 0; i < 10; i++) bed.record('ns', `o${i}`);
    await until('four', () => bed.server.asked.length === 4 || undefined);
    stop();
    await ended;
    assert.equal(bed.dropped(), 6);
    assert.deepEqual(bed.lines, [], 'an aborted request is no failure');
    await bed.recorder.drained(never);
    run(bed, t);
    bed.open();
    bed.record('ns', 'later');
    await bed.recorder.drained(never);
    assert.equal(sent(bed).at(-1), 'ns/later');
    assert.equal(bed.server.asked.length, 5);
  });

  test('is not drained while an event waits or is sent', async (t) => {
    const bed = await startBed(t);
    bed.record('ns', 'db');
    const deadline = new AbortController();
    const drained = bed.recorder.drained(deadline.signal);
    run(bed, t);
    await until('the request', () => bed.server.asked.length === 1 || undefined);
    deadline.abort();
    await assert.rejects(drained);
    bed.open();
    await bed.recorder.drained(never);
  });

  test('logs a failure once for each cause', async (t) => {
    const bed = await startBed(t);
    bed.open(refused(403, 'Forbidden'));
    run(bed, t);
    for (let i = 0; i < 20; i++) bed.record('ns', `o${i}`);
    await bed.recorder.drained(never);
    assert.deepEqual(
      bed.lines.map(({ msg }) => msg),
      ['failed to record event'],
    );
    assert.equal(bed.server.asked.length, 20, 'a failed event is not sent again');
  });
});
